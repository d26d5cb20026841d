"""The box's own calendar: what stands in it, and the secret links under which it can be read.

Of a link's token only a hash is stored. Functions that write are to run in a transaction of their own.
May import: the standard library, appliance.core, appliance.store.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from appliance.core.calendar import Span, merged
from appliance.store import times
from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """One entry. `asked` is a digest of what it was made for, `changes` how often it was changed since."""

    event_id: str
    calendar: str
    asked: str
    title: str
    notes: str
    span: Span
    zone: str
    changed_at: datetime
    changes: int = 0


def get(db: Connection, event_id: str) -> OwnEvent | None:
    """The entry of this id, if there is one."""
    row = db.execute(f"{_SELECT} WHERE event_id = ?", (event_id,)).fetchone()
    return None if row is None else _event(row)


def add(db: Connection, event: OwnEvent) -> None:
    """Put an entry in; one of its id that is there stays as it is."""
    db.execute(
        """
        INSERT INTO own_event (event_id, calendar, asked, title, notes, starts_at, ends_at, zone, changed_at)
        VALUES (:event_id, :calendar, :asked, :title, :notes, :starts_at, :ends_at, :zone, :now)
        ON CONFLICT (event_id) DO NOTHING
        """,
        {
            "event_id": event.event_id,
            "calendar": event.calendar,
            "asked": event.asked,
            "title": event.title,
            "notes": event.notes,
            "starts_at": times.written(event.span.start),
            "ends_at": times.written(event.span.end),
            "zone": event.zone,
            "now": times.written(event.changed_at),
        },
    )


def move(db: Connection, event_id: str, span: Span, *, now: datetime) -> bool:
    """Give an entry another time; whether it is there."""
    row = db.execute(
        """
        UPDATE own_event SET starts_at = :start, ends_at = :end, changed_at = :now, changes = changes + 1
        WHERE event_id = :event_id RETURNING event_id
        """,
        {
            "event_id": event_id,
            "start": times.written(span.start),
            "end": times.written(span.end),
            "now": times.written(now),
        },
    ).fetchone()
    return row is not None


def remove(db: Connection, event_id: str) -> None:
    """Take an entry out, if it is there."""
    db.execute("DELETE FROM own_event WHERE event_id = ?", (event_id,))


def busy(db: Connection, calendar: str, within: Span) -> list[Span]:
    """When a calendar is busy, merged and in order."""
    return merged([event.span for event in between(db, calendar, within)])


def between(db: Connection, calendar: str, within: Span) -> list[OwnEvent]:
    """The entries of a calendar that share time with this span, in order."""
    rows = db.execute(
        f"{_SELECT} WHERE calendar = ? AND starts_at < ? AND ends_at > ? ORDER BY starts_at, event_id",
        (calendar, times.written(within.end), times.written(within.start)),
    )
    return [_event(row) for row in rows]


def add_link(db: Connection, calendar: str, *, now: datetime) -> str:
    """Make the link's token of a calendar; the one that it had opens nothing any more."""
    token = secrets.token_urlsafe(32)
    db.execute(
        """
        INSERT INTO calendar_link (token_hash, calendar, made_at) VALUES (?, ?, ?)
        ON CONFLICT (calendar) DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at
        """,
        (_hash(token), calendar, times.written(now)),
    )
    return token


def remove_link(db: Connection, calendar: str) -> bool:
    """Withdraw the link of a calendar; whether it had one."""
    row = db.execute("DELETE FROM calendar_link WHERE calendar = ? RETURNING calendar", (calendar,))
    return row.fetchone() is not None


def opened_by(db: Connection, token: str) -> str | None:
    """The calendar that this token opens; None when it opens nothing."""
    row = db.execute("SELECT calendar FROM calendar_link WHERE token_hash = ?", (_hash(token),)).fetchone()
    return None if row is None else str(row[0])


_SELECT = (
    "SELECT event_id, calendar, asked, title, notes, starts_at, ends_at, zone, changed_at, changes"
    " FROM own_event"
)


def _event(row: tuple[str, str, str, str, str, str, str, str, str, int]) -> OwnEvent:
    event_id, calendar, asked, title, notes, starts_at, ends_at, zone, changed_at, changes = row
    span = Span(times.read(starts_at), times.read(ends_at))
    return OwnEvent(event_id, calendar, asked, title, notes, span, zone, times.read(changed_at), changes)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
