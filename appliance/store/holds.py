"""Legal holds: what may not be deleted, whatever its age and whoever asks. Of a number, or of one call.

May import: the standard library, appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime

from appliance.store import times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

NUMBERS = """(
    SELECT message.number UNION ALL SELECT message.caller
    UNION ALL SELECT number FROM message_text WHERE message_id = message.id
    UNION ALL SELECT number FROM message_correction WHERE message_id = message.id)"""
"""All numbers of a row of `message`: whence it came, and where to call as was told, said or corrected."""
CALL = f"""EXISTS (
    SELECT 1 FROM legal_hold AS hold WHERE hold.released_at IS NULL AND (
        hold.call_id = call_log.id OR (hold.number <> '' AND (
            hold.number = call_log.from_number
            OR EXISTS (SELECT 1 FROM message
                       WHERE message.call_id = call_log.id AND hold.number IN {NUMBERS}))))
)"""
"""Whether a row of `call_log` is held; the others likewise of their tables."""
MESSAGE = f"""EXISTS (
    SELECT 1 FROM legal_hold AS hold WHERE hold.released_at IS NULL AND (
        (hold.call_id <> '' AND hold.call_id = message.call_id)
        OR (hold.number <> '' AND hold.number IN {NUMBERS}))
)"""
BOOKING = """EXISTS (
    SELECT 1 FROM legal_hold AS hold WHERE hold.released_at IS NULL AND (
        (hold.call_id <> '' AND hold.call_id = booking.call_id)
        OR (hold.number <> '' AND hold.number = booking.phone))
)"""
OWN_EVENT = f"EXISTS (SELECT 1 FROM booking WHERE booking.event_id = own_event.event_id AND {BOOKING})"
TEXT = """EXISTS (
    SELECT 1 FROM legal_hold AS hold
    WHERE hold.released_at IS NULL AND hold.number <> '' AND hold.number = text.number
)"""
CALLBACK = """EXISTS (
    SELECT 1 FROM legal_hold AS hold WHERE hold.released_at IS NULL AND (
        (hold.number <> '' AND hold.number = callback.number)
        OR EXISTS (SELECT 1 FROM callback_cause AS cause
                   WHERE cause.callback_id = callback.id AND cause.call_id = hold.call_id))
)"""


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. Of `number` and `call_id` one is empty; `released_at` is None while it holds."""

    id: int
    number: str
    call_id: str
    reason: str
    by: str
    since: str
    released_at: str | None
    released_by: str


def hold(db: Connection, *, number: str = "", call_id: str = "", reason: str, by: str, now: datetime) -> Hold:
    """Hold all of a number (E.164), or one call; held already, it stays so with the first reason."""
    db.execute(
        """
        INSERT INTO legal_hold (number, call_id, reason, by, since) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (number, call_id) WHERE released_at IS NULL DO NOTHING
        """,
        (number, call_id, reason, by, times.written(now)),
    )
    return next(each for each in holding(db) if (each.number, each.call_id) == (number, call_id))


def release(db: Connection, hold_id: int, *, by: str, now: datetime) -> Hold:
    """Hold it no more: what is too old goes in the next night. Raises NoSuchRow."""
    row = db.execute(
        """
        UPDATE legal_hold SET released_at = ?, released_by = ? WHERE id = ? AND released_at IS NULL
        RETURNING *
        """,
        (times.written(now), by, hold_id),
    ).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no legal hold {hold_id}.")
    return Hold(*row)


def holding(db: Connection) -> list[Hold]:
    """What is held, in the order in which that was decided."""
    return [
        Hold(*row) for row in db.execute("SELECT * FROM legal_hold WHERE released_at IS NULL ORDER BY id")
    ]


def of_number(db: Connection, number: str) -> list[Hold]:
    """What is held of a number, of its calls, or of messages that are its own, too."""
    rows = db.execute(
        f"""
        SELECT * FROM legal_hold AS hold WHERE released_at IS NULL AND (
            number = :number
            OR call_id IN (SELECT id FROM call_log WHERE from_number = :number)
            OR EXISTS (
                SELECT 1 FROM message WHERE :number IN {NUMBERS} AND (
                    message.call_id = hold.call_id OR (hold.number <> '' AND hold.number IN {NUMBERS}))))
        ORDER BY id
        """,
        {"number": number},
    )
    return [Hold(*row) for row in rows]
