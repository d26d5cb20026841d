"""The event stream of a call: stored as it happened, read back as the events they were.

May import: the standard library, orjson, pydantic, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_args

import orjson
from pydantic import TypeAdapter, ValidationError

from appliance.core.events import Event, PhonesRang
from appliance.core.steps import RingEnded
from appliance.store.database import Connection
from appliance.store.errors import EventUnreadable

KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
"""What a conversation takes."""
BETWEEN = frozenset({PhonesRang.__name__})
"""What happened while we held no leg."""
_RANG = TypeAdapter(PhonesRang)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One stored event: `at_ms` of the call, the name of its class, its fields as JSON."""

    call_id: str
    seq: int
    at_ms: int
    kind: str
    data: str

    def event(self) -> Event:
        """The event itself. Raises EventUnreadable."""
        return parse(self.kind, self.data)


def add(db: Connection, call_id: str, at_ms: int, event: Event | PhonesRang) -> None:
    """Put an event behind the others of its call."""
    db.execute(
        """
        INSERT INTO call_event (call_id, seq, at_ms, kind, data)
        SELECT :call_id, COALESCE(MAX(seq), 0) + 1, :at_ms, :kind, :data
        FROM call_event WHERE call_id = :call_id
        """,
        {"call_id": call_id, "at_ms": at_ms, "kind": type(event).__name__, "data": written(event)},
    )


def of_call(db: Connection, call_id: str) -> list[EventRow]:
    """The events of a call, in order."""
    rows = db.execute(
        "SELECT call_id, seq, at_ms, kind, data FROM call_event WHERE call_id = ? ORDER BY seq", (call_id,)
    )
    return [EventRow(*row) for row in rows]


def behind(db: Connection, call_id: str, seq: int, limit: int) -> list[EventRow]:
    """So many events of a call behind one of them, in order; behind 0 are all."""
    rows = db.execute(
        """
        SELECT call_id, seq, at_ms, kind, data FROM call_event
        WHERE call_id = ? AND seq > ? ORDER BY seq LIMIT ?
        """,
        (call_id, seq, limit),
    )
    return [EventRow(*row) for row in rows]


def count(db: Connection, call_id: str) -> int:
    """How many events a call has."""
    (found,) = db.execute("SELECT COUNT(*) FROM call_event WHERE call_id = ?", (call_id,)).fetchone()
    return int(found)


def rings(db: Connection, call_sid: str) -> list[RingEnded]:
    """How phones did in a call, by the carrier's id, in order."""
    rows = db.execute(
        """
        SELECT data FROM call_event JOIN call_log ON call_log.id = call_event.call_id
        WHERE call_sid = ? AND kind = ? ORDER BY seq
        """,
        (call_sid, PhonesRang.__name__),
    )
    found = [_RANG.validate_json(row[0]) for row in rows]
    return [RingEnded(call_sid, each.result, each.seconds, each.department) for each in found]


def rang_in_vain(db: Connection, call_id: str) -> bool:
    """Whether phones rang in a call, and nobody took it."""
    rows = db.execute(
        "SELECT DISTINCT data ->> 'result' FROM call_event WHERE call_id = ? AND kind = ?",
        (call_id, PhonesRang.__name__),
    )
    results = {row[0] for row in rows} - {"canceled"}
    return bool(results) and "answered" not in results


def replay(db: Connection, call_id: str) -> list[tuple[int, Event]]:
    """The events of a call with their `at_ms`, as a conversation takes them. Raises EventUnreadable."""
    return [(row.at_ms, row.event()) for row in of_call(db, call_id) if row.kind not in BETWEEN]


def written(event: Event | PhonesRang) -> str:
    """The fields of an event as JSON."""
    return orjson.dumps(event).decode()


def parse(kind: str, data: str) -> Event:
    """The event that was written as this kind and data. Raises EventUnreadable."""
    try:
        return cast(Event, _reader(kind).validate_json(data))
    except (KeyError, ValidationError) as exc:
        raise EventUnreadable(f"A stored event of the kind {kind[:40]!r} cannot be read.") from exc


@cache
def _reader(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])
