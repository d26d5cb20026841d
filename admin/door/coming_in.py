"""Coming in: a password, then a second step where there is one; every attempt is counted and noted.

May import: the standard library, admin, appliance.store.
"""

import logging
import threading
from dataclasses import dataclass
from enum import StrEnum

from admin import visit
from admin.box import Box, the_box
from admin.door import guard, passwords, totp
from appliance.store import access, accounts, attempts, audit, times
from appliance.store.access import Stage
from appliance.store.accounts import Account
from appliance.store.audit import Deed
from appliance.store.database import Connection

log = logging.getLogger(__name__)

_ONE_AT_A_TIME = threading.Lock()
"""So that a count is read, a password tried and the count raised without another attempt between."""


class Came(StrEnum):
    """How far somebody came."""

    IN = "in"
    TO_THE_CODE = "to the code"
    NOT_IN = "not in"
    MUST_WAIT = "must wait"


KNOWN_S = 30 * 24 * 3600
"""Where an account came in within so long, attempts from elsewhere do not keep it out."""


@dataclass(frozen=True, slots=True)
class _Known:
    account: Account | None
    kept: str
    keys: list[str]
    waits: bool


def by_password(name: str, password: str) -> Came:
    """Try a name and a password, and begin a session where they are right. Raises StoreError."""
    with _ONE_AT_A_TIME:
        known = the_box().read(lambda db: _known(db, name))
        if known.waits:
            _refused(known.account)
            return Came.MUST_WAIT
        if not passwords.matches(known.kept, password) or known.account is None:
            failed(Deed.SIGN_IN_FAILED, known.account, known.keys)
            return Came.NOT_IN
    if passwords.outdated(known.kept):
        _keep_anew(known.account, password)
    if known.account.two_step:
        _begin(known.account, Stage.CODE)
        return Came.TO_THE_CODE
    _begin(known.account, Stage.WHOLE, known.keys)
    return Came.IN


def by_code(typed: str) -> Came:
    """Try the code of a telephone, or a recovery code, of whoever has given the password."""
    here, box = visit.visit(), the_box()
    with _ONE_AT_A_TIME:
        known = box.read(lambda db: _known(db, here.account.name))
        if known.waits:
            _refused(here.account)
            return Came.MUST_WAIT
        if not box.write(lambda db: code_is_right(db, here.account, typed, at=box.now())):
            failed(Deed.CODE_FAILED, here.account, known.keys)
            return Came.NOT_IN
    box.write(lambda db: access.end(db, here.token, at=box.now()))
    _begin(here.account, Stage.WHOLE, known.keys)
    return Came.IN


def code_is_right(db: Connection, account: Account, typed: str, *, at: str) -> bool:
    """Use a code up, whichever kind it is; False when it is none of this account's."""
    kept = accounts.proofs(db, account.id)
    step = totp.step_of(kept.secret, typed, at_s=times.read(at).timestamp()) if kept.secret else None
    if step is not None:
        return accounts.use_step(db, account.id, step)
    if not accounts.use_code(db, account.id, totp.recovery_code(typed), at=at):
        return False
    left = accounts.codes_left(db, account.id)
    audit.add(db, visit.actor(account), Deed.RECOVERY_CODE_USED, at=at, detail={"left": str(left)})
    return True


def password_is_right(password: str) -> Came:
    """Whether whoever is signed in knows the account's password: asked again before what matters most."""
    here = visit.visit()
    with _ONE_AT_A_TIME:
        known = the_box().read(lambda db: _known(db, here.account.name))
        if known.waits:
            _refused(here.account)
            return Came.MUST_WAIT
        if not passwords.matches(known.kept, password):
            failed(Deed.PASSWORD_CHECK_FAILED, here.account, known.keys)
            return Came.NOT_IN
    return Came.IN


def with_new_password(account: Account) -> Came:
    """Begin a session of somebody who has just chosen a password; a second step stays what it was."""
    _begin(account, Stage.CODE if account.two_step else Stage.WHOLE)
    return Came.TO_THE_CODE if account.two_step else Came.IN


def failed(deed: Deed, account: Account | None, keys: list[str]) -> None:
    """Count an attempt and note it. What was typed as a name is not kept: it may have been a password."""
    box, by = the_box(), visit.actor(account)

    def note(db: Connection) -> None:
        attempts.failed(db, keys, at=box.now())
        audit.add(db, by, deed, at=box.now())

    box.write(note)
    log.warning("an attempt to come in failed", extra={"source": by.source, "deed": deed})


def _known(db: Connection, name: str) -> _Known:
    account, now = accounts.by_name(db, name), the_box().now()
    if account is not None and account.ended_at is not None:
        account = None
    kept = accounts.proofs(db, account.id).password if account else ""
    keys = [visit.source(), attempts.of_name(accounts.key_of(name), _known_source(db, account, now))]
    return _Known(account, kept, keys, attempts.too_many(db, keys, at=now))


def _known_source(db: Connection, account: Account | None, now: str) -> str:
    """The address of this request, where the account came in from it lately."""
    if account is None:
        return ""
    since, by = times.moved(now, -KNOWN_S), visit.actor(account)
    return by.source if audit.lately(db, by, Deed.SIGNED_IN, "", since=since) else ""


def _refused(account: Account | None) -> None:
    """Note it once a minute: nobody fills the log by asking, nor keeps calls from writing theirs."""
    visit.noted_once(Deed.SIGN_IN_REFUSED, within_s=guard.QUIET_S, account=account)


def _begin(account: Account, stage: Stage, keys: list[str] | None = None) -> None:
    """Begin a session under a token that nobody has seen before; at the last step failures are forgiven."""
    box, by = the_box(), visit.actor(account)

    def begin(db: Connection) -> str:
        if stage is Stage.WHOLE:
            attempts.forgive(db, keys or [])
            audit.add(db, by, Deed.SIGNED_IN, at=box.now())
        return access.begin(db, account.id, stage, source=by.source, at=box.now(), lasts_s=_longest_s(box))

    guard.begin(box.write(begin))


def _longest_s(box: Box) -> int:
    return box.settings.admin.longest_hours * 3600


def _keep_anew(account: Account, password: str) -> None:
    box, kept = the_box(), passwords.hashed(password)
    box.write(lambda db: accounts.set_password(db, account.id, kept, at=box.now()))
