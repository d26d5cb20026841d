"""What callers wished for, as it was understood.

May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class IntentRow:
    """A wish by its name; `meta` is what else was understood, as plain values."""

    call_id: str
    intent: str
    meta: Mapping[str, object]
    at: str


def add(db: Connection, row: IntentRow) -> None:
    """Keep a wish."""
    db.execute(
        "INSERT INTO intent_log (call_id, intent, meta, at) VALUES (?, ?, ?, ?)",
        (row.call_id, row.intent, orjson.dumps(row.meta).decode(), row.at),
    )


def of_call(db: Connection, call_id: str) -> list[IntentRow]:
    """The wishes of a call, in order."""
    rows = db.execute(
        "SELECT call_id, intent, meta, at FROM intent_log WHERE call_id = ? ORDER BY id", (call_id,)
    )
    return [IntentRow(row[0], row[1], orjson.loads(row[2]), row[3]) for row in rows]


def wanted(db: Connection, call_id: str) -> list[str]:
    """What was wanted in a call, each once: by words, by a key of a menu, or by what the assistant did."""
    return [
        row[0] for row in db.execute("SELECT wish FROM call_wish WHERE call_id = ? ORDER BY wish", (call_id,))
    ]


def counted(db: Connection, since: str) -> dict[str, int]:
    """How often each wish was met since a time, the most frequent first."""
    rows = db.execute(
        "SELECT intent, COUNT(*) FROM intent_log WHERE at >= ? GROUP BY intent ORDER BY 2 DESC, 1", (since,)
    )
    return {row[0]: row[1] for row in rows}
