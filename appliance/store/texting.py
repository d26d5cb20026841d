"""Numbers as far as texts go: who wants none, and to whom was answered that nobody reads them.

Every function that writes is to run in a transaction of its own. May import: the standard library,
appliance.store.
"""

from datetime import datetime, timedelta

from appliance.store import times
from appliance.store.database import Connection


def stopped(db: Connection, number: str) -> bool:
    """Whether a number wants no texts."""
    row = db.execute("SELECT stopped_at FROM texting WHERE number = ?", (number,)).fetchone()
    return row is not None and row[0] is not None


def all_stopped(db: Connection) -> list[str]:
    """The numbers that want no texts, the last first."""
    found = db.execute(
        "SELECT number FROM texting WHERE stopped_at IS NOT NULL ORDER BY stopped_at DESC, number"
    )
    return [str(row[0]) for row in found]


def stop(db: Connection, number: str, *, now: datetime) -> None:
    """A number wants no texts any more; the first time counts."""
    db.execute(
        """
        INSERT INTO texting (number, stopped_at, changed_at) VALUES (:number, :now, :now)
        ON CONFLICT (number) DO UPDATE
        SET stopped_at = COALESCE(stopped_at, excluded.stopped_at), changed_at = excluded.changed_at
        """,
        {"number": number, "now": times.written(now)},
    )


def start(db: Connection, number: str, *, now: datetime) -> None:
    """A number wants texts again."""
    db.execute(
        "UPDATE texting SET stopped_at = NULL, changed_at = ? WHERE number = ?", (times.written(now), number)
    )


def heard(db: Connection, number: str, *, now: datetime) -> int:
    """Count a text from a number; how many came from it on this day."""
    row = db.execute(
        """
        INSERT INTO texting (number, heard_on, heard_times, changed_at) VALUES (:number, :day, 1, :now)
        ON CONFLICT (number) DO UPDATE
        SET heard_times = CASE WHEN heard_on = excluded.heard_on THEN heard_times + 1 ELSE 1 END,
            heard_on = excluded.heard_on, changed_at = excluded.changed_at
        RETURNING heard_times
        """,
        {"number": number, "day": times.written(now)[:10], "now": times.written(now)},
    ).fetchone()
    return int(row[0])


def may_answer(db: Connection, number: str, pause: timedelta, *, now: datetime) -> bool:
    """Whether a number is to be answered: it wants texts, and was not answered for so long. It is noted."""
    row = db.execute(
        """
        INSERT INTO texting (number, answered_at, changed_at) VALUES (:number, :now, :now)
        ON CONFLICT (number) DO UPDATE
        SET answered_at = excluded.answered_at, changed_at = excluded.changed_at
        WHERE stopped_at IS NULL AND (answered_at IS NULL OR answered_at <= :before)
        RETURNING number
        """,
        {"number": number, "now": times.written(now), "before": times.written(now - pause)},
    ).fetchone()
    return row is not None


def forget(db: Connection, before: datetime, *, limit: int) -> int:
    """Forget some numbers of which nothing was heard since then, but for those that want no texts."""
    rows = db.execute(
        """
        DELETE FROM texting WHERE number IN (
            SELECT number FROM texting WHERE stopped_at IS NULL AND changed_at < :before LIMIT :limit)
        RETURNING number
        """,
        {"before": times.written(before), "limit": limit},
    )
    return len(rows.fetchall())
