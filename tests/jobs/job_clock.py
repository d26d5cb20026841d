"""Has time pass for jobs whose leases and waits count by the clock since boot, which nobody can put on.

May import: the standard library, appliance.store.
"""

from datetime import timedelta

from appliance.store import database, job_leases
from appliance.store.database import Connection
from appliance.store.job_leases import Moment, Waits


def put_on(db: Connection, by: timedelta) -> None:
    """All that waits, or is leased, has waited for so much longer."""
    with database.immediate(db):
        db.execute(
            "UPDATE job SET until_ms = until_ms - :ms, wait_until_ms = wait_until_ms - :ms",
            {"ms": round(by.total_seconds() * 1000)},
        )


def due(db: Connection, kind: str, after: timedelta, *, set_by: timedelta = timedelta(0)) -> bool:
    """Whether a job of a kind is due so long after now, the clock on the wall having been set meanwhile."""
    now = Moment.now()
    then = Moment(now.at + after + set_by, now.boot, now.up_ms + round(after.total_seconds() * 1000))
    with database.immediate(db):
        job_leases.wake(db, moment=then, waits=Waits())
        return job_leases.due(db, [kind], then) is not None
