"""What calls that are over left among the appointments: what may not have been heard, and offers nobody took.

Functions that write are to run in a transaction of their own.
May import: the standard library, appliance.store.
"""

from datetime import datetime, timedelta

from appliance.store import bookings, holds, times
from appliance.store.bookings import Booking
from appliance.store.database import Connection

LOST_AFTER = timedelta(hours=1)
"""A call that nobody has filed by then is over."""
SOON = timedelta(hours=1)
"""What lies further in the future is of a clock that was set back since: it is over as well."""


def heard(db: Connection, key: str, before: datetime) -> bool | None:
    """Whether something was said to the caller after it was booked; None where that is not to be asked (yet).

    It is asked once the call ended before then. One of which no book is kept counts as over an hour later.
    """
    row = db.execute(
        """
        SELECT 1 FROM booking
        WHERE key = :key AND untold = 1 AND state = 'booked'
          AND changed_at NOT BETWEEN :before AND :soon AND (
            EXISTS (
                SELECT 1 FROM call_log
                WHERE call_log.call_sid = booking.call_sid AND ended_at NOT BETWEEN :before AND :soon)
            OR changed_at NOT BETWEEN :lost AND :soon)
        """,
        {
            "key": key,
            "before": times.written(before),
            "soon": times.written(before + SOON),
            "lost": times.written(before - LOST_AFTER),
        },
    ).fetchone()
    return None if row is None else _heard(db, bookings.get(db, key))


def _heard(db: Connection, booking: Booking) -> bool:
    """Whether a turn of ours began after it, and was not broken off by the caller's end."""
    row = db.execute(
        """
        SELECT 1 FROM transcript AS said JOIN call_log ON call_log.id = said.call_id
        WHERE call_log.call_sid = :call_sid AND said.speaker = 'attendant' AND said.text <> ''
          AND said.at >= :at AND (said.cut = 0 OR EXISTS (
            SELECT 1 FROM transcript AS later WHERE later.call_id = said.call_id AND later.place > said.place
              AND later.speaker IN ('caller', 'keypad')))
        LIMIT 1
        """,
        {"call_sid": booking.call_sid, "at": times.written(booking.changed_at or booking.span.start)},
    )
    return row.fetchone() is not None


def told(db: Connection, key: str) -> None:
    """The patient has heard of it, or staff have read that nobody may have told the patient."""
    db.execute("UPDATE booking SET untold = 0 WHERE key = ?", (key,))


def forget_unmade(db: Connection, before: datetime, *, limit: int) -> int:
    """Delete some that were given up before then and never stood in a calendar; return how many."""
    rows = db.execute(
        f"""
        DELETE FROM booking WHERE id IN (
            SELECT id FROM booking WHERE state = 'given_up' AND event_id IS NULL AND changed_at < :before
              AND NOT {holds.BOOKING}
            LIMIT :limit
        ) RETURNING id
        """,
        {"before": times.written(before), "limit": limit},
    )
    return len(rows.fetchall())


def forget_cancelled(db: Connection, before: datetime, *, limit: int) -> int:
    """Delete some that were cancelled, and would have been over, before then; return how many."""
    rows = db.execute(
        """
        DELETE FROM booking WHERE id IN (
            SELECT id FROM booking WHERE state = 'cancelled' AND changed_at < :before AND ends_at < :before
            LIMIT :limit
        ) RETURNING id
        """,
        {"before": times.written(before), "limit": limit},
    )
    return len(rows.fetchall())


def purge(db: Connection, *, now: datetime) -> None:
    """Forget what was offered and not taken: holds that have run out, and those of calls that are over."""
    db.execute(
        """
        DELETE FROM booking WHERE held_until IS NOT NULL AND (held_until <= :now OR EXISTS (
            SELECT 1 FROM call_log WHERE call_log.call_sid = booking.call_sid AND ended_at IS NOT NULL))
        """,
        {"now": times.written(now)},
    )
