"""The box's own calendar behind the port, in the store: there when no other is.

Each provider has one of its own in it, named by the provider's slug.
May import: the standard library, appliance.core, appliance.store.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from appliance.core.calendar import Appointment, CalendarFailed, Kept, Span, Trouble
from appliance.store import database, errors, own_events
from appliance.store.database import Connection
from appliance.store.own_events import OwnEvent


class OwnCalendar:
    """The calendar in this database. Safe in several threads: each verb has a connection of its own."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        busy_ms: int = database.BUSY_MS,
    ) -> None:
        self._path = path
        self._now = now
        self._busy_ms = busy_ms

    def busy(self, calendar: str, within: Span) -> Sequence[Span]:
        """When this calendar is busy, merged and in order."""
        with self._opened() as db, database.snapshot(db):
            return own_events.busy(db, calendar, within)

    def find(self, calendar: str, appointment: Appointment) -> Kept | None:
        """The appointment as it stands, if it does."""
        with self._opened() as db, database.snapshot(db):
            return self._found(db, calendar, appointment)

    def keep(self, calendar: str, appointment: Appointment) -> Kept:
        """Put it in. Asked again it changes nothing; another appointment of the same key is refused."""
        event = OwnEvent(
            event_id_of(appointment.key),
            calendar,
            _digest(appointment),
            appointment.title,
            appointment.notes,
            appointment.span,
            appointment.zone,
            self._now(),
        )
        with self._opened() as db, database.immediate(db):
            own_events.add(db, event)
            kept = self._found(db, calendar, appointment)
        if kept is None:
            raise CalendarFailed("The box has no room for the appointment.", Trouble.OTHER)
        return kept

    def move(self, calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        """Give it another time."""
        with self._opened() as db, database.immediate(db):
            there = own_events.move(db, event_id, span, now=self._now())
        if not there:
            raise CalendarFailed("The box has no such appointment.", Trouble.GONE)
        return Kept(event_id, "", span)

    def remove(self, calendar: str, event_id: str) -> None:
        """Take it out. What is gone already is removed."""
        with self._opened() as db, database.immediate(db):
            own_events.remove(db, event_id)

    def check(self, calendar: str) -> None:
        """See that it can be read and written."""
        now = self._now()
        with self._opened() as db, database.immediate(db):
            own_events.busy(db, calendar, Span(now, now))

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        """A connection for one verb; what goes wrong with it is the calendar's failure."""
        try:
            with database.translated(self._path):
                db = database.connect(self._path, busy_ms=self._busy_ms)
                try:
                    yield db
                finally:
                    db.close()
        except errors.StoreError as exc:
            trouble = Trouble.BUSY if isinstance(exc, errors.DatabaseBusy) else Trouble.AWAY
            raise CalendarFailed(f"The box's own calendar: {exc}", trouble) from exc

    @staticmethod
    def _found(db: Connection, calendar: str, appointment: Appointment) -> Kept | None:
        found = own_events.get(db, event_id_of(appointment.key))
        if found is None:
            return None
        if (found.calendar, found.asked) != (calendar, _digest(appointment)):
            raise CalendarFailed("Another appointment is kept under this one's key.", Trouble.OTHER)
        return Kept(found.event_id, "", found.span)


def event_id_of(key: str) -> str:
    """The id of the entry of an appointment with this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _digest(appointment: Appointment) -> str:
    """What was asked for, as a number: staff may change the entry, and it is the same appointment still."""
    span = appointment.span
    asked = (appointment.key, appointment.title, appointment.notes, appointment.zone)
    times = (span.start.astimezone(UTC).isoformat(), span.end.astimezone(UTC).isoformat())
    return hashlib.sha256(json.dumps([*asked, *times]).encode()).hexdigest()[:32]
