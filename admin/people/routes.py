"""The pages of who may use these pages.

May import: flask, admin, appliance.store.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.door.choosing import LOOKS_LIKE_NOBODY, TAKEN
from admin.forms import Field, Form
from admin.people.roles import MEANINGS, NAMES
from admin.tongue import later
from appliance.store import access, accounts
from appliance.store.accounts import Account, LastOwner, NameTaken, Role
from appliance.store.audit import Deed
from appliance.store.database import Connection

ID_MOST = 2**63 - 1
people = Blueprint("people", __name__, url_prefix="/people", template_folder="templates")

ROLE = Field(
    "role",
    later("What they may do"),
    kind="choice",
    choices=tuple((role.value, NAMES[role]) for role in Role),
    meanings=tuple(MEANINGS[role] for role in Role),
)
NEW = (
    Field(
        "name",
        later("Name"),
        hint=later("As colleagues know them; they sign in with it."),
        most=accounts.NAME_MOST,
    ),
    ROLE,
)
CONFIRM = (Field("name", later("Their name, to be sure"), most=accounts.NAME_MOST),)
NOT_THE_NAME = later("This is not their name.")
LAST_OWNER = later("There must be an owner who can sign in. Make somebody else an owner first.")


@people.get("")
def index() -> ResponseReturnValue:
    """Who may come in."""
    return render_template("people/index.html", people=the_box().read(accounts.every))


@people.get("/new")
def new() -> ResponseReturnValue:
    """Ask who is to come in."""
    return _new_page(forms.empty(NEW, role=Role.FRONT_DESK))


@people.post("/new")
def add() -> ResponseReturnValue:
    """Add somebody, and show the link by which they choose a password."""
    form, box = forms.read(NEW, request.form), the_box()
    if form.fine and not any(letter.isalnum() for letter in form["name"]):
        form.errors["name"] = LOOKS_LIKE_NOBODY
    if not form.fine:
        return _new_page(form), 422

    def make(db: Connection) -> tuple[Account, str]:
        account = accounts.add(db, form["name"], Role(form["role"]), at=box.now())
        return account, _link(db, account)

    try:
        account, token = visit.changed(Deed.ACCOUNT_ADDED, make, target=form["name"], role=form["role"])
    except NameTaken:
        form.errors["name"] = TAKEN
        return _new_page(form), 422
    return _link_page(account, token)


@people.get(f"/<int(max={ID_MOST}):account_id>")
def one(account_id: int) -> ResponseReturnValue:
    """One account, and what can be done about it."""
    return _page(_account(account_id))


@people.post(f"/<int(max={ID_MOST}):account_id>/role")
def set_role(account_id: int) -> ResponseReturnValue:
    """Give somebody another role; they are signed out, and come back as that."""
    account, form, box = _account(account_id), forms.read((ROLE,), request.form), the_box()
    if not form.fine:
        abort(400)
    if form["role"] == account.role:
        return redirect(url_for(".one", account_id=account.id), code=303)

    def change(db: Connection) -> None:
        accounts.set_role(db, account.id, Role(form["role"]))
        if account.id != visit.visit().account.id:
            access.end_of(db, account.id, at=box.now())

    try:
        visit.changed(Deed.ROLE_CHANGED, change, target=account.name, before=account.role, after=form["role"])
    except LastOwner:
        return _page(account, problem=LAST_OWNER), 422
    flash(later("The role is changed."))
    return redirect(url_for(".one" if _still_owner() else "home", account_id=account.id), code=303)


@people.post(f"/<int(max={ID_MOST}):account_id>/reset")
def reset(account_id: int) -> ResponseReturnValue:
    """Take a password away, and show the link by which another is chosen."""
    account, box = _another(account_id), the_box()

    def change(db: Connection) -> str:
        accounts.set_password(db, account.id, "", at=box.now())
        access.end_of(db, account.id, at=box.now())
        return _link(db, account)

    return _link_page(account, visit.changed(Deed.LINK_MADE, change, target=account.name))


@people.post(f"/<int(max={ID_MOST}):account_id>/two-step-off")
def two_step_off(account_id: int) -> ResponseReturnValue:
    """Ask somebody for no code any more: the telephone is lost."""
    account = _another(account_id)
    visit.changed(Deed.TWO_STEP_OFF, lambda db: accounts.drop_secret(db, account.id), target=account.name)
    flash(later("No code is asked for any more. They can set up another telephone when they have signed in."))
    return redirect(url_for(".one", account_id=account.id), code=303)


@people.post(f"/<int(max={ID_MOST}):account_id>/end")
def end(account_id: int) -> ResponseReturnValue:
    """Let somebody in no more, once their name was typed."""
    account, form, box = _another(account_id), forms.read(CONFIRM, request.form), the_box()
    if form.fine and accounts.key_of(form["name"]) != accounts.key_of(account.name):
        form.errors["name"] = NOT_THE_NAME
    if not form.fine:
        return _page(account, confirm=form), 422

    def change(db: Connection) -> None:
        accounts.end(db, account.id, at=box.now())
        access.end_of(db, account.id, at=box.now())

    visit.changed(Deed.ACCOUNT_ENDED, change, target=account.name)
    flash(later("They cannot sign in any more."))
    return redirect(url_for(".index"), code=303)


@people.post(f"/<int(max={ID_MOST}):account_id>/resume")
def resume(account_id: int) -> ResponseReturnValue:
    """Let somebody in again: by a link, with a new password."""
    account = _another(account_id)
    if account.ended_at is None:
        return redirect(url_for(".one", account_id=account.id), code=303)

    def change(db: Connection) -> str:
        accounts.resume(db, account.id)
        return _link(db, account)

    return _link_page(account, visit.changed(Deed.ACCOUNT_RESUMED, change, target=account.name))


def _account(account_id: int) -> Account:
    return the_box().read(lambda db: accounts.one(db, account_id))


def _another(account_id: int) -> Account:
    """An account that is not the visitor's own."""
    account = _account(account_id)
    if account.id == visit.visit().account.id:
        abort(409)
    return account


def _still_owner() -> bool:
    return _account(visit.visit().account.id).role is Role.OWNER


def _link(db: Connection, account: Account) -> str:
    return access.add_link(db, account.id, at=the_box().now(), lasts_s=access.INVITATION_S)


def _new_page(form: Form) -> str:
    return render_template("people/new.html", form=form)


def _link_page(account: Account, token: str) -> str:
    address = url_for("door.link", token=token, _external=True)
    return render_template("people/link.html", account=account, address=address)


def _page(account: Account, *, confirm: Form | None = None, problem: str = "") -> str:
    return render_template(
        "people/one.html",
        account=account,
        form=forms.empty((ROLE,), role=account.role),
        confirm=confirm or forms.empty(CONFIRM),
        problem=problem,
        own=account.id == visit.visit().account.id,
    )
