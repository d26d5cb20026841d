"""Nightly the box is backed up, weekly the last backup is restored to see that it can be; each leaves a row.

May import: the standard library, appliance.core, appliance.store, appliance.jobs, appliance.backup.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path

from appliance.backup import making
from appliance.backup.restic import BackupFailed
from appliance.backup.stage import UnderWay
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.jobs.errand import Change, Errand, TooLong
from appliance.jobs.kinds import JobFailed, Kind, Nothing
from appliance.jobs.timetable import Daily, Schedule
from appliance.store import backups, jobs, times
from appliance.store.backups import Result, Run, What
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.job_leases import Waits

log = logging.getLogger(__name__)

NAME, VERIFY = "backup", "verify backup"
NIGHTLY = Schedule(NAME, NAME, Daily(time(4, 40)))
"""After retention: what that deletes is in no further backup."""
WEEKLY = Schedule(VERIFY, VERIFY, Daily(time(5, 40), weekday=6))
VERIFIED_NIGHTLY = Schedule("verify backup nightly", VERIFY, Daily(time(5, 40)))
"""Where there are many a day: what is forgotten of them gives up its room then."""
DEADLINE_S = 6 * 3600.0
TRIES = 6
WAITS = Waits(first_s=120.0, longest_s=3600.0)
"""Over all tries some hours: a line or a disk may come back in the night."""
BUSY_S = 900.0
"""When it is looked again whether another one is over: no failure, and no alarm."""
ALARM, PARTLY = "backup_failed", "backup_partly"
"""The codes of the lines in the log that are alarms."""


def backing_up(settings: Settings, file: Path | None) -> Kind[Nothing]:
    """The kind that backs the box up; `file` is the settings file."""
    return _kind(settings, NAME, What.BACKUP, lambda errand: making.back_up(settings, file, errand.check))


def verifying(settings: Settings) -> Kind[Nothing]:
    """The kind that sees whether the last backup can be restored."""
    return _kind(settings, VERIFY, What.VERIFICATION, lambda errand: making.verify(settings, errand.check))


def ask(db: Connection, now: datetime) -> None:
    """Have the box backed up at once, unless that is about to be done."""
    jobs.owe_now(db, NAME, tries=TRIES, now=now)


def ask_verification(db: Connection, now: datetime) -> None:
    """Have the last backup restored for a test at once, unless that is about to be done."""
    jobs.owe_now(db, VERIFY, tries=TRIES, now=now)


def kept(db: Connection, what: What, began: datetime, took_s: float, result: Result) -> Run:
    """Keep what became of one, in a transaction of the caller, and log it should it have failed.

    Whether staff are told is decided by the row, as the worker looks each minute (`appliance.jobs.alerts`).
    """
    run = backups.add(db, what, times.written(began), round(took_s * 1000), result)
    if result.problem:
        about = {"code": ALARM, "what": str(what), "in_row": run.failed_in_row, "problem": result.problem}
        log.error("the box could not be backed up, or that backup not be restored", extra=about)
    elif result.missing:
        log.error("something is not in the backup", extra={"code": PARTLY, "missing": result.missing})
    return run


def _kind(settings: Settings, name: str, what: What, do: Callable[[Errand], Result]) -> Kind[Nothing]:
    def run(errand: Errand, _: Nothing) -> Change | None:
        if not settings.backup.repository:
            return None
        began = datetime.now(UTC)
        try:
            result = do(errand)
        except UnderWay as exc:
            raise JobFailed(str(exc), again=True, after_s=BUSY_S) from exc
        except (BackupFailed, SettingsError, StoreError, TooLong) as exc:
            failed = Result(problem=str(exc))
            errand.write(lambda db: kept(db, what, began, errand.took_s, failed))
            raise JobFailed(str(exc), again=getattr(exc, "again", True)) from exc
        return lambda db: kept(db, what, began, errand.took_s, result)

    return Kind(name, Nothing, run, DEADLINE_S, tries=TRIES, waits=WAITS)
