"""That staff are told of what is overdue: which step told of which entry, and what was told.

A step tells of an entry once for each time at which it was due. Functions that write run in a transaction of
their caller. May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from appliance.store import times
from appliance.store.callback_rows import Entry
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: how many are overdue, how many of them are emergencies, and how long the oldest is."""

    id: int
    key: str
    channel: str
    receivers: tuple[str, ...]
    overdue: int
    emergencies: int
    oldest_minutes: int
    made_at: datetime
    sent: int
    sent_at: datetime | None


def untold(db: Connection, step: str, entries: Sequence[Entry]) -> list[Entry]:
    """Those of these entries of which a step has not told, as they are due now."""
    known = {
        (row[0], row[1])
        for row in db.execute(
            """
            SELECT callback_id, due_at FROM callback_told
            WHERE step = ? AND callback_id IN (SELECT value FROM json_each(?))
            """,
            (step, orjson.dumps([entry.id for entry in entries]).decode()),
        )
    }
    return [entry for entry in entries if (entry.id, times.written(entry.due_at)) not in known]


def last_of(db: Connection, step: str) -> datetime | None:
    """When a step told of anything last."""
    row = db.execute(
        """
        SELECT max(made_at) FROM notice WHERE id IN (SELECT notice_id FROM callback_told WHERE step = ?)
        """,
        (step,),
    ).fetchone()
    return None if row[0] is None else times.read(row[0])


def make(
    db: Connection,
    step: str,
    channel: str,
    receivers: Sequence[str],
    *,
    of: Sequence[Entry],
    overdue: Sequence[Entry],
    now: datetime,
) -> Notice:
    """Have a step tell `of` these entries; what is told is of all that are `overdue`."""
    oldest_s = (now - min(entry.due_at for entry in overdue)).total_seconds()
    row = db.execute(
        """
        INSERT INTO notice (key, channel, receivers, overdue, emergencies, oldest_minutes, made_at)
        VALUES (lower(hex(randomblob(16))), :channel, :receivers, :overdue, :emergencies, :oldest, :now)
        RETURNING *
        """,
        {
            "channel": channel,
            "receivers": orjson.dumps([*receivers]).decode(),
            "overdue": len(overdue),
            "emergencies": sum(entry.urgency == 0 for entry in overdue),
            "oldest": max(0, int(oldest_s // MINUTE_S)),
            "now": times.written(now),
        },
    ).fetchone()
    made = _notice(row)
    for entry in of:
        db.execute(
            "INSERT INTO callback_told (callback_id, due_at, step, notice_id) VALUES (?, ?, ?, ?)",
            (entry.id, times.written(entry.due_at), step, made.id),
        )
    return made


def get(db: Connection, notice_id: int) -> Notice:
    """A notice by its id. Raises NoSuchRow."""
    row = db.execute("SELECT * FROM notice WHERE id = ?", (notice_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no notice {notice_id}.")
    return _notice(row)


def sent(db: Connection, notice_id: int, now: datetime) -> None:
    """One more of its receivers was told, and with that staff know of its messages."""
    at = times.written(now)
    db.execute("UPDATE notice SET sent = sent + 1, sent_at = ? WHERE id = ?", (at, notice_id))
    db.execute(
        """
        UPDATE message SET notified = 1, notified_at = ? WHERE notified = 0 AND id IN (
            SELECT message_id FROM callback_cause AS cause
            JOIN callback_told AS told ON told.callback_id = cause.callback_id
            WHERE told.notice_id = ? AND message_id IS NOT NULL)
        """,
        (at, notice_id),
    )


def page(db: Connection, limit: int = 50) -> list[Notice]:
    """What was told, the latest first."""
    return [_notice(row) for row in db.execute("SELECT * FROM notice ORDER BY id DESC LIMIT ?", (limit,))]


def _notice(row: Any) -> Notice:
    return Notice(
        id=row["id"],
        key=row["key"],
        channel=row["channel"],
        receivers=tuple(orjson.loads(row["receivers"])),
        overdue=row["overdue"],
        emergencies=row["emergencies"],
        oldest_minutes=row["oldest_minutes"],
        made_at=times.read(row["made_at"]),
        sent=row["sent"],
        sent_at=None if row["sent_at"] is None else times.read(row["sent_at"]),
    )
