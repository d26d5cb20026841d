"""What is wrong with the box itself: a row for each trouble, open until it is over.

Functions that write run in a transaction of their caller. May import: the standard library, appliance.core,
appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance.core.troubles import Trouble
from appliance.store import times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

KEPT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Row:
    """One trouble. It is `announced_at` once staff are to know of it, and `over_at` once it is over."""

    id: int
    kind: Trouble
    told: str
    began_at: datetime
    seen_at: datetime
    announced_at: datetime | None
    over_at: datetime | None


def still(db: Connection) -> list[Row]:
    """What is not over, the oldest first."""
    return _rows(db, "over_at IS NULL ORDER BY id")


def announced(db: Connection) -> list[Row]:
    """What is not over, and staff are to know of."""
    return _rows(db, "over_at IS NULL AND announced_at IS NOT NULL ORDER BY id")


def get(db: Connection, trouble_id: int) -> Row:
    """A trouble by its id. Raises NoSuchRow."""
    found = _rows(db, "id = ?", trouble_id)
    if not found:
        raise NoSuchRow(f"There is no trouble {trouble_id}.")
    return found[0]


def begin(db: Connection, kind: Trouble, told: str, *, now: datetime) -> None:
    """Something is wrong from now on; what is long over is forgotten."""
    db.execute("DELETE FROM trouble WHERE over_at < ?", (times.written(now - KEPT),))
    db.execute(
        "INSERT INTO trouble (kind, told, began_at, seen_at) VALUES (:kind, :told, :now, :now)",
        {"kind": kind, "told": told, "now": times.written(now)},
    )


def seen(db: Connection, trouble_id: int, told: str, *, now: datetime) -> None:
    """It is still so."""
    db.execute(
        "UPDATE trouble SET seen_at = ?, told = ? WHERE id = ?", (times.written(now), told, trouble_id)
    )


def announce(db: Connection, trouble_id: int, *, now: datetime) -> None:
    """Staff are to know of it from now on."""
    db.execute("UPDATE trouble SET announced_at = ? WHERE id = ?", (times.written(now), trouble_id))


def end(db: Connection, trouble_id: int, *, now: datetime) -> None:
    """It is over."""
    db.execute("UPDATE trouble SET over_at = ? WHERE id = ?", (times.written(now), trouble_id))


def announced_since(db: Connection, kind: Trouble, since: datetime) -> int:
    """How often staff got to know of one of this kind since then."""
    row = db.execute(
        "SELECT count(*) FROM trouble WHERE kind = ? AND announced_at >= ?", (kind, times.written(since))
    ).fetchone()
    return int(row[0])


_SELECT = "SELECT id, kind, told, began_at, seen_at, announced_at, over_at FROM trouble WHERE "
_KNOWN = frozenset(Trouble)


def _rows(db: Connection, where: str, *values: object) -> list[Row]:
    # A later version may know of others, and be gone back from.
    return [_row(row) for row in db.execute(_SELECT + where, values) if row[1] in _KNOWN]


def _row(row: Any) -> Row:
    trouble_id, kind, told, began_at, seen_at, *later = row
    announced_at, over_at = (None if at is None else times.read(at) for at in later)
    return Row(
        trouble_id, Trouble(kind), told, times.read(began_at), times.read(seen_at), announced_at, over_at
    )
