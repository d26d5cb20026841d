"""How the box's backups stand, by the rows that they leave: in a word for programs, in a sentence for people.

Pure. May import: the standard library, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from appliance.core.backup_settings import Backups
from appliance.store import times
from appliance.store.backups import Run, Standing

VERIFIED_WITHIN = timedelta(days=9)
"""A week, and a day or two for a box that was off."""
SHOW = "`attendant backup list`"


class State(StrEnum):
    """How they stand."""

    OFF = "off"
    OK = "ok"
    NEVER = "never"
    OLD = "old"
    FAILING = "failing"
    PARTLY = "partly"
    UNVERIFIED = "not verified"


FINE = frozenset({State.OFF, State.OK})
MISSING = frozenset({State.NEVER, State.OLD})
"""Those in which there is no copy that would do."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What that comes to."""

    state: State
    told: str


def judged(backup: Backups, found: Standing, now: datetime) -> Judged:
    """Judge it, what is worst first."""
    if not backup.repository:
        return Judged(
            State.OFF, "nothing is backed up: set [backup] repository, then `attendant backup init`"
        )
    if found.good is None:
        why = f": {found.backup.result.problem}" if found.backup else "; `attendant backup now` makes one"
        return Judged(State.NEVER, f"there is no backup yet{why}")
    at = times.read(found.good.began_at)
    why = f": {found.backup.result.problem}" if found.backup and found.backup.result.problem else ""
    if now - at > timedelta(hours=backup.old_after_hours):
        return Judged(
            State.OLD, f"the last backup is of {_moment(at)}{why or '; does attendant-worker run?'}"
        )
    if why:
        return Judged(State.FAILING, f"the last try failed{why}")
    last = found.verification
    if last and last.result.problem:
        return Judged(State.FAILING, f"the last backup could not be restored: {last.result.problem}")
    lacks = found.good.result.missing
    partly = f"the last backup, of {_moment(at)}, lacks something: {lacks}" if lacks else ""
    if (unverified := _unverified(found, now)) is not None:
        return Judged(State.UNVERIFIED, "; ".join(filter(None, (unverified, partly))))
    if partly:
        return Judged(State.PARTLY, partly)
    size = f"{found.good.result.bytes / 1e6:.1f} MB"
    seen = f"restored for a test at {_moment(times.read(found.verified.began_at))}" if found.verified else ""
    return Judged(
        State.OK, f"the last is of {_moment(at)}, {size}; {seen or 'the first test comes on Sunday'}"
    )


def age_s(run: Run | None, now: datetime) -> float | None:
    """How long ago one was made; None when none was."""
    return None if run is None else (now - times.read(run.began_at)).total_seconds()


def _unverified(found: Standing, now: datetime) -> str | None:
    """That nobody has seen for long that a backup can be restored; None while that is not so."""
    if found.verified is not None:
        at = times.read(found.verified.began_at)
        told = f"no backup was restored for a test since {_moment(at)}: `attendant backup verify`"
        return told if now - at > VERIFIED_WITHIN else None
    since = found.first
    if since is None or now - times.read(since.began_at) <= VERIFIED_WITHIN:
        return None
    return "no backup was ever restored for a test: `attendant backup verify`"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
