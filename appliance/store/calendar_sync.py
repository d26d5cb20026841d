"""That an appointment and its calendar are brought together after a call is owed here, as a job of its own.

It is owed in the transaction that opens something about an appointment, and looks a while later: a call that
goes on is done with it by then. Every function that writes runs in a transaction of its caller.
May import: the standard library, appliance.store.
"""

from datetime import datetime, timedelta

from appliance.store import job_leases, times
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import Wanted

SYNC = "sync_calendar"
"""The kind of the jobs."""
TRIES = 400
"""With its waits, which are never longer than some minutes, more than a day."""
AFTER = timedelta(seconds=20)
"""A call itself is done with it by then."""
LATER = timedelta(seconds=60)
_OPEN = """
    SELECT key FROM booking
    WHERE (state = 'promised' OR (state = 'booked' AND (
        untold = 1 OR cancel_asked_at IS NOT NULL
        OR key IN (SELECT replaces FROM booking WHERE event_id IS NOT NULL))))
"""


def owe(db: Connection, key: str, *, now: datetime, after: timedelta = AFTER) -> None:
    """Owe that an appointment is looked at, so long after now; whatever was owed about it before."""
    wanted = Wanted(SYNC, f"{SYNC}:{key}", {"booking": key}, tries=TRIES)
    # By the clock since boot: set back, the clock on the wall would have it wait for as long.
    job_leases.owe_after(db, wanted, after, moment=Moment.now(now))


def owe_rest(db: Connection, key: str, *, now: datetime) -> None:
    """Owe it once more if something is open about it still, as while its call goes on."""
    if is_open(db, key):
        owe(db, key, now=now, after=LATER)


def owe_missing(db: Connection, *, now: datetime) -> int:
    """Owe what is open and owed by no job, as from a version before this one; return how much that is.

    What was given up is owed anew while the appointment is still to come.
    """
    owed_by_none = """
        NOT EXISTS (
            SELECT 1 FROM job WHERE job.key = :kind || ':' || booking.key
            AND (job.state NOT IN ('done', 'dead') OR booking.ends_at <= :now))
    """
    values = {"kind": SYNC, "now": times.written(now)}
    found = db.execute(f"{_OPEN} AND {owed_by_none} ORDER BY changed_at", values).fetchall()
    for (key,) in found:
        owe(db, key, now=now)
    return len(found)


def is_open(db: Connection, key: str) -> bool:
    """Whether something about an appointment is to be done after its call."""
    row = db.execute(f"{_OPEN} AND key = ?", (key,)).fetchone()
    return row is not None


def is_leaving(db: Connection, key: str) -> bool:
    """Whether it is to go, by a wish or by one that stands instead of it."""
    row = db.execute(
        """
        SELECT 1 FROM booking WHERE key = :key AND state IN ('promised', 'booked') AND (
            cancel_asked_at IS NOT NULL
            OR EXISTS (
                SELECT 1 FROM booking AS other WHERE other.replaces = :key AND other.event_id IS NOT NULL))
        """,
        {"key": key},
    ).fetchone()
    return row is not None
