"""How far each timetable has come, so that each of its times is owed one job, whatever the clock does.

May import: the standard library, appliance.store.
"""

from collections.abc import Mapping
from datetime import datetime

from appliance.store import jobs, times
from appliance.store.database import Connection
from appliance.store.jobs import Wanted


def last(db: Connection) -> Mapping[str, datetime]:
    """The latest time of each timetable that was looked at."""
    return {name: times.read(at) for name, at in db.execute("SELECT name, last FROM job_schedule")}


def owe(db: Connection, name: str, kind: str, at: datetime, *, now: datetime) -> int | None:
    """Owe the job of a timetable whose latest time is `at`, and return its id; None when there is none.

    The first time of all only begins the timetable. Times that were missed meanwhile are one job, not many. A
    clock that was set back begins it anew from there: what was done in the future that never was counts for
    now. While the last job is still owed, no second one is.
    """
    found = db.execute("SELECT last, times FROM job_schedule WHERE name = ?", (name,)).fetchone()
    if found is None:
        db.execute("INSERT INTO job_schedule VALUES (?, ?, 0)", (name, times.written(at)))
        return None
    before, number = times.read(found[0]), int(found[1])
    if before == at:
        return None
    forward = before < at and not _still_owed(db, name, number)
    db.execute(
        "UPDATE job_schedule SET last = ?, times = ? WHERE name = ?",
        (times.written(at), number + forward, name),
    )
    return jobs.owe(db, Wanted(kind, _key(name, number + 1)), now=now) if forward else None


def _still_owed(db: Connection, name: str, number: int) -> bool:
    job = jobs.of_key(db, _key(name, number))
    return job is not None and job.state in jobs.OPEN


def _key(name: str, number: int) -> str:
    return f"schedule:{name}:{number}"
