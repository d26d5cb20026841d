"""Choosing a password: by a link, by which the first owner comes in as well, or by whoever is signed in.

May import: flask, admin, appliance.store.
"""

from dataclasses import dataclass

from flask import abort

from admin import visit
from admin.box import the_box
from admin.door import passwords
from admin.forms import Field, Form
from admin.tongue import later
from appliance.store import access, accounts, attempts, audit, office
from appliance.store.accounts import Account, NameTaken, Role
from appliance.store.audit import Deed
from appliance.store.database import Connection

NAME = Field(
    "name",
    later("Your name"),
    hint=later("You sign in with it, and it stands beside what you do."),
    most=accounts.NAME_MOST,
    fill="username",
)
NEW = (
    Field(
        "password",
        later("New password"),
        hint=later("12 characters or more. Four words that have nothing to do with each other are good."),
        kind="password",
        most=passwords.MOST,
        fill="new-password",
    ),
    Field("again", later("The same again"), kind="password", most=passwords.MOST, fill="new-password"),
)
DIFFERENT = later("The two are not the same.")
TAKEN = later("There is an account with this name already. Take another one.")
LOOKS_LIKE_NOBODY = later("Use letters.")


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that can be used: for whom; None makes the first owner."""

    account: Account | None
    clinic: str


def opened(token: str) -> Opened:
    """The link of a token. Ends the request where it opens nothing, and counts that."""
    box, source = the_box(), visit.source()

    def look(db: Connection) -> tuple[bool, Opened | None]:
        waits = attempts.too_many(db, [source], at=box.now())
        link = access.link(db, token, at=box.now())
        if link is None or (link.account_id is None and accounts.has_owner(db)):
            return waits, None
        account = accounts.one(db, link.account_id) if link.account_id is not None else None
        return waits, Opened(account, office.staff(db).business_name)

    waits, found = box.read(look)
    if waits:
        abort(429)
    if found is None or (found.account is not None and found.account.ended_at is not None):
        _count(source)
        abort(410)
    return found


def fields(link: Opened) -> tuple[Field, ...]:
    """What a link asks for."""
    return (NAME, *NEW) if link.account is None else NEW


def chosen(token: str, link: Opened, form: Form) -> Account | None:
    """Use a link up and keep the password, or tell the form what is wrong with it. Raises StoreError."""
    name = link.account.name if link.account else form["name"]
    if link.account is None and not any(letter.isalnum() for letter in name):
        form.errors["name"] = LOOKS_LIKE_NOBODY
    if not form.fine or not good(form, (name, link.clinic)):
        return None
    box, kept, source = the_box(), passwords.hashed(form["password"]), visit.source()

    def keep(db: Connection) -> Account | None:
        taken = link.account is None and accounts.has_owner(db)
        if taken or not access.use_link(db, token, at=box.now()):
            return None
        account = link.account or accounts.add(db, name, Role.OWNER, at=box.now())
        accounts.set_password(db, account.id, kept, at=box.now())
        access.end_of(db, account.id, at=box.now())
        key = accounts.key_of(name)
        attempts.forgive(db, [source, attempts.of_name(key), attempts.of_name(key, source)])
        deed = Deed.PASSWORD_SET if link.account else Deed.OWNER_MADE
        audit.add(db, visit.actor(account), deed, at=box.now(), target=account.name)
        return accounts.one(db, account.id)

    try:
        account = box.write(keep)
    except NameTaken:
        form.errors["name"] = TAKEN
        return None
    return account or abort(410)


def good(form: Form, near: tuple[str, ...]) -> bool:
    """Whether a new password was typed twice and will do; the form is told what is wrong."""
    if problem := passwords.problem(form["password"], near):
        form.errors["password"] = problem
    elif form["password"] != form["again"]:
        form.errors["again"] = DIFFERENT
    return form.fine


def _count(source: str) -> None:
    box, by = the_box(), visit.actor()

    def note(db: Connection) -> None:
        attempts.failed(db, [source], at=box.now())
        audit.add(db, by, Deed.LINK_FAILED, at=box.now())

    box.write(note)
