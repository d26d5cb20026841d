"""Doing one job: its work, then what it writes together with its end, or what is known of its failure.

May import: the standard library, appliance.core, appliance.store, appliance.jobs.
"""

import logging
import random
import traceback
from collections.abc import Callable
from typing import Any

from appliance.core.errors import AttendantError, CarrierFailed
from appliance.jobs.errand import Change, Errand, Stopped
from appliance.jobs.kinds import JobFailed, Kind, Registry, WrongPayload
from appliance.store import database, job_leases
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.group import is_outside
from appliance.store.job_leases import LeaseLost, Moment
from appliance.store.jobs import State

log = logging.getLogger(__name__)

AGAIN_S = 0.5
SPREAD = random.SystemRandom()

Pause = Callable[[float], bool]
"""Waits so many seconds, or less when the process ends: then it returns True."""


def do(kinds: Registry, errand: Errand, db: Connection, clock: Callable[[], Moment], pause: Pause) -> str:
    """Do what it asks for, and end the job; return what became of it.

    That is on disk, or else the lease is lost, or the process ends: then the job is begun again.
    """
    try:
        became = _ended(kinds[errand.job.kind], errand, db, clock, pause)
    except LeaseLost as exc:
        log.warning("a job came to its end too late", extra={"problem": str(exc), **_about(errand)})
        return "lost"
    level = logging.WARNING if became in (State.WAITING, State.DEAD) else logging.INFO
    log.log(level, "job %s", became, extra={"took_ms": _ms(errand), **_about(errand)})
    return became


End = Callable[[Connection], str]
"""Ends the job in a transaction that is open; returns what became of it."""


def _ended(kind: Kind[Any], errand: Errand, db: Connection, clock: Callable[[], Moment], pause: Pause) -> str:
    """Do the work, and write its end or its failure. Raises LeaseLost."""
    try:
        change = kind.work(errand)
        return _written(db, lambda db: _done(db, change, errand, clock), errand, pause)
    except LeaseLost:
        raise
    except Stopped:
        end = _given_back(errand)
    except WrongPayload as exc:
        end = _failing(str(exc), None, errand, clock)
    except AttendantError as exc:
        end = _failing(str(exc), _again_s(exc, kind, errand), errand, clock)
    except Exception as exc:  # one job must not end another, whatever is wrong with it
        log.exception("a job failed in a way that nobody thought of", extra=_about(errand))
        end = _failing(_place(exc), _again_s(exc, kind, errand), errand, clock)
    return _written(db, end, errand, pause)


def _written(db: Connection, end: End, errand: Errand, pause: Pause) -> str:
    """Write an end, however long the disk or another process holds it up.

    Raises LeaseLost, and what the schema or the work's own change has against it.
    """
    errand.working = False
    while True:
        try:
            with database.immediate(db):
                return end(db)
        except StoreError as exc:
            if not is_outside(exc):
                raise
            log.warning("the end of a job is not written yet", extra={"problem": str(exc), **_about(errand)})
        if pause(AGAIN_S):
            return "left"


def _done(db: Connection, change: Change | None, errand: Errand, clock: Callable[[], Moment]) -> str:
    # First the lease: what is no more ours writes nothing, and finds nothing that it could refuse.
    job_leases.done(db, errand.lease, moment=clock(), took_ms=_ms(errand))
    if change is not None:
        change(db)
    return State.DONE


def _given_back(errand: Errand) -> End:
    def end(db: Connection) -> str:
        job_leases.give_back(db, errand.lease)
        return "given back"

    return end


def _failing(problem: str, again_s: float | None, errand: Errand, clock: Callable[[], Moment]) -> End:
    took_ms = _ms(errand)
    return lambda db: job_leases.failed(
        db, errand.lease, problem, moment=clock(), took_ms=took_ms, again_s=again_s
    )


def _again_s(error: Exception, kind: Kind[Any], errand: Errand) -> float | None:
    """When to try again; None for never."""
    if isinstance(error, JobFailed) and not error.again:
        return None
    if isinstance(error, CarrierFailed) and not error.retry:
        return None
    wait_s = kind.waits.after(errand.job.attempts, SPREAD.random())
    return max(wait_s, error.after_s) if isinstance(error, JobFailed) else wait_s


def _place(error: Exception) -> str:
    """The kind and place of an error: its text could quote what was said on a call."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join([type(error).__name__, *(f"{f.name}:{f.lineno}" for f in reversed(frames[-3:]))])


def _ms(errand: Errand) -> int:
    return round(errand.took_s * 1000)


def _about(errand: Errand) -> dict[str, object]:
    return {"job": errand.job.id, "kind": errand.job.kind, "attempt": errand.job.attempts}
