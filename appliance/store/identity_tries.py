"""Tries to be known as somebody who has an appointment: counted by call, by caller and by the number told.

A try counts before anything is looked for, and no more once it was right: neither a kill nor several calls at
once make one free. Functions that write run in a transaction of their caller.
May import: the standard library, appliance.store.
"""

from datetime import datetime, timedelta

from appliance.store import times
from appliance.store.database import Connection

CALL_MOST = 3
"""So many may be wrong in a call."""
DAY_MOST = 6
"""So many within a day from a number, all withheld ones together, or about one that was told."""
DAY = timedelta(days=1)


def begin(db: Connection, call_sid: str, caller: str, told: str, *, now: datetime) -> int | None:
    """Count one, and return its id; None where there were too many. The numbers are E.164, or empty."""
    forget(db, now=now)
    values = {"call_sid": call_sid, "caller": caller, "told": told, "at": times.written(now)}
    of_call, of_caller, about = db.execute(
        """
        SELECT count(*) FILTER (WHERE call_sid = :call_sid), count(*) FILTER (WHERE caller = :caller),
            count(*) FILTER (WHERE told = :told AND told <> '')
        FROM identity_try
        """,
        values,
    ).fetchone()
    if of_call >= CALL_MOST or max(of_caller, about) >= DAY_MOST:
        return None
    row = db.execute(
        """
        INSERT INTO identity_try (call_sid, caller, told, at) VALUES (:call_sid, :caller, :told, :at)
        RETURNING id
        """,
        values,
    ).fetchone()
    return int(row[0])


def right(db: Connection, try_id: int) -> None:
    """It was no guess."""
    db.execute("DELETE FROM identity_try WHERE id = ?", (try_id,))


def forget(db: Connection, *, now: datetime) -> None:
    """Delete what is a day old, or by a clock that was set back a day or more in the future."""
    span = times.written(now - DAY), times.written(now + DAY)
    db.execute("DELETE FROM identity_try WHERE at < ? OR at > ?", span)
