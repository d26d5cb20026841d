"""Who is here: the account whose session a request carries, its office and language, and changes in its name.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import g, request

from admin import tongue
from admin.box import the_box
from admin.tongue import Tongue
from appliance.core.staff import Office
from appliance.store import audit, times
from appliance.store.access import Session
from appliance.store.accounts import Account
from appliance.store.audit import Actor, Deed
from appliance.store.database import Connection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in."""

    token: str
    session: Session
    account: Account
    office: Office


def begin(found: Visit) -> None:
    """From here on this request is somebody's."""
    g.visit = found


def visit() -> Visit:
    """Whose request this is; pages behind the guard have one."""
    return cast(Visit, g.visit)


def visitor() -> Visit | None:
    """The same, on pages that anybody sees."""
    return cast("Visit | None", g.get("visit"))


def source() -> str:
    """The address that a request comes from."""
    return request.remote_addr or ""


def actor(account: Account | None = None) -> Actor:
    """Who does something in this request: an account, or whoever is signed in, or nobody that is known."""
    here = visitor()
    who = account or (here.account if here else None)
    return Actor(source()) if who is None else Actor(source(), who.id, who.name, who.role)


def changed(deed: Deed, change: Callable[[Connection], T], *, target: str = "", **detail: str) -> T:
    """Make a change in the visitor's name: it is on disk with its row of the audit log, or neither is.

    Raises StoreError, and what the change raises.
    """
    box, by = the_box(), actor()

    def audited(db: Connection) -> T:
        done = change(db)
        audit.add(db, by, deed, at=box.now(), target=target, detail=detail)
        return done

    return box.write(audited)


def noted(deed: Deed, *, target: str = "", **detail: str) -> None:
    """Note what somebody did that changes nothing else. Raises StoreError."""
    changed(deed, lambda _: None, target=target, **detail)


def noted_once(deed: Deed, *, target: str = "", within_s: int, account: Account | None = None) -> None:
    """Note what somebody did; not again within so many seconds, when nothing is written. Raises StoreError.

    `account` is whoever tries to be somebody, and is not yet.
    """
    box, by = the_box(), actor(account)
    since = times.moved(box.now(), -within_s)
    if not box.read(lambda db: audit.lately(db, by, deed, target, since=since)):
        box.write(lambda db: audit.add(db, by, deed, at=box.now(), target=target))


def reader_tongue() -> Tongue:
    """The language of this request: the account's, else what the browser likes best."""
    here = visitor()
    chosen = here.account.language if here else ""
    return Tongue(chosen or request.accept_languages.best_match(tongue.CODES) or tongue.CODES[0])
