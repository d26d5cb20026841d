"""What the appointments of all calls share: the calendars, the store, the clock.

May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from appliance.core.booking.slots import Open
from appliance.core.booking.visits import Provider
from appliance.core.calendar import Kept
from appliance.core.callbacks import Cause
from appliance.core.hours import DAYS
from appliance.core.opening import Spans
from appliance.core.staff import StaffSettings
from appliance.service.booking.calendars import Calendars
from appliance.store import after_calls, booking_texts, bookings, messages, times
from appliance.store.bookings import Booking, Patient, Shown, State, Wanted
from appliance.store.database import Connection

T = TypeVar("T")
HELD = timedelta(minutes=4)
WRITE_S = 1.5
READ_S = 0.5
# A tool is given up after 5 s. After 3 s of them the promise is on disk and all calendars have been asked;
# then comes one write more, of what came of it together with the note for staff.
CALENDARS_S = 3.0


@dataclass(frozen=True, slots=True)
class Note:
    """An entry of the callback list; `recording` is the name of one of ours, or empty.

    `told` is what the caller told of themselves. Told again with the same `once`, it is one entry.
    """

    call_sid: str
    subject: str
    body: str
    recording: str = ""
    told: messages.Told = messages.NOTHING_TOLD
    once: str | None = None


class Promises(Protocol):
    """Writes to the store: the bridge's writer, or a job that has the store."""

    async def promise(
        self, job: Callable[[Connection], T], *, within_s: float = ..., unless_cancelled: bool = ...
    ) -> T:
        """Write; on disk when this returns. Raises StoreError."""


class Reads(Protocol):
    """Reads of the store."""

    async def run(self, read: Callable[[Connection], T], *, within_s: float = ...) -> T:
        """The value of a read that sees one state of the store. Raises StoreError."""


@dataclass(slots=True)
class Books:
    """The store and the calendars, with deadlines that fit into one tool's time. Raises StoreError."""

    calendars: Calendars
    writer: Promises
    reader: Reads
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    write_s: float = WRITE_S
    """So long a write may take."""
    texts: bool = False
    """Whether patients are told by text what becomes of an appointment."""
    ring: Callable[[], None] = field(default=lambda: None)
    """Says that a job is owed, once that is on disk. Never blocks; the worker looks every second anyway."""

    async def hold(self, wanted: Wanted) -> None:
        """Hold a time for a call. Raises SlotTaken."""
        now = self.now()
        await self.writer.promise(
            lambda db: bookings.hold(db, wanted, now=now, until=now + HELD), within_s=self.write_s
        )

    async def release(self, call_sid: str, but: set[str]) -> None:
        """Give up what a call holds, but for these."""
        await self.writer.promise(lambda db: bookings.release(db, call_sid, but), within_s=self.write_s)

    async def purge(self) -> None:
        """Forget what was offered and not taken."""
        now = self.now()
        await self.writer.promise(lambda db: after_calls.purge(db, now=now), within_s=self.write_s)

    async def take(self, wanted: Wanted, patient: Patient, shown: Shown, replaces: str | None) -> Booking:
        """The caller takes it; on disk when this returns. Raises SlotTaken.

        Raises StoreUnsure when nobody knows; asked again it is the same appointment.
        """
        now = self.now()
        return await self.writer.promise(
            lambda db: bookings.take(db, wanted, patient, now=now, shown=shown, replaces=replaces),
            within_s=self.write_s,
        )

    async def booked(self, key: str, kept: Kept, note: Note | None, *, settled: bool = False) -> Booking:
        """The calendar has it there, and staff are told so; on disk when this returns. Raises NoSuchRow.

        `settled`: the note says to staff that the patient was not told.
        """
        now = self.now()

        def write(db: Connection) -> Booking:
            before = bookings.get(db, key)
            bookings.booked(db, key, event_id=kept.event_id, link=kept.link, now=now)
            _tell(db, note, now)
            if settled:
                after_calls.told(db, key)
            found = _where_it_is(db, key, kept, now)
            if self.texts and before.state is not State.BOOKED:
                booking_texts.booked(db, found, now=now)
            return found

        found = await self.writer.promise(write, within_s=self.write_s)
        self._owed()
        return found

    async def give_up(self, key: str, note: Note | None) -> None:
        """The time is free again, and staff are told so; on disk when this returns."""
        now = self.now()

        def write(db: Connection) -> None:
            bookings.give_up(db, key, now=now)
            _tell(db, note, now)

        await self.writer.promise(write, within_s=self.write_s)

    async def ask_cancel(self, key: str, language: str = "") -> list[Booking]:
        """The patient does not come, nor to what was to be instead; on disk when this returns."""
        now = self.now()
        return await self.writer.promise(
            lambda db: bookings.ask_cancel(db, key, now=now, language=language), within_s=self.write_s
        )

    async def cancelled(self, key: str, note: Note | None) -> None:
        """The calendar has it no more, and staff are told so; on disk when this returns."""
        now = self.now()

        def write(db: Connection) -> None:
            before = bookings.get(db, key)
            bookings.cancel(db, key, now=now)
            _tell(db, note, now)
            if self.texts:
                booking_texts.cancelled(db, before, now=now)

        await self.writer.promise(write, within_s=self.write_s)
        self._owed()

    async def seen(self, key: str, kept: Kept) -> Booking:
        """It stands there in the calendar; on disk when this returns."""
        now = self.now()

        def write(db: Connection) -> Booking:
            before = bookings.get(db, key)
            found = _where_it_is(db, key, kept, now)
            if self.texts and found.span.start != before.span.start:
                booking_texts.moved(db, before, found, now=now)
            return found

        found = await self.writer.promise(write, within_s=self.write_s)
        self._owed()
        return found

    async def told(self, key: str, note: Note | None) -> None:
        """The patient has heard of it, or staff read that it may be otherwise; on disk when this returns."""
        now = self.now()

        def write(db: Connection) -> None:
            after_calls.told(db, key)
            _tell(db, note, now)

        await self.writer.promise(write, within_s=self.write_s)

    def _owed(self) -> None:
        """What patients are told by text is owed as a job by now."""
        if self.texts:
            self.ring()

    async def of_patient(self, phone: str, born: str) -> list[Booking]:
        """What stands for a number or a day of birth."""
        now = self.now()
        return await self.reader.run(lambda db: bookings.of_patient(db, phone, born, now), within_s=READ_S)

    async def been_here(self, phone: str, born: str) -> list[Booking]:
        """What is over, for a number or a day of birth."""
        now = self.now()
        return await self.reader.run(lambda db: bookings.been_here(db, phone, born, now), within_s=READ_S)

    async def tell_staff(self, note: Note) -> None:
        """Put an entry into the callback list; on disk when this returns."""
        await self.writer.promise(self.telling(note), within_s=self.write_s)

    def telling(self, note: Note) -> Callable[[Connection], None]:
        """What puts an entry into the callback list, as of now."""
        now = self.now()
        return lambda db: _tell(db, note, now)


def _where_it_is(db: Connection, key: str, kept: Kept, now: datetime) -> Booking:
    """The appointment at the time at which the calendar has it."""
    found, span = bookings.get(db, key), kept.span
    if found.span == span or span.end <= span.start:
        return found
    return bookings.moved(db, key, span, now=now)


def _tell(db: Connection, note: Note | None, now: datetime) -> None:
    if note is not None:
        messages.add(
            db,
            call_sid=note.call_sid,
            subject=note.subject,
            body=note.body,
            at=times.written(now),
            recording_path=note.recording or None,
            caller=replace(note.told, about=Cause.BOOKING),
            once=note.once,
        )


def open_hours(staff: StaffSettings, provider: Provider) -> Open:
    """When patients can come to a provider: never on a day that the clinic is closed, or the provider away.

    A provider's own hours stand instead of the clinic's week. On a day with special hours of the clinic they
    are narrowed to those: nobody is there before or after, and who has that weekday off stays off.
    """
    own, opening = provider.hours, staff.opening
    if own is not None:
        opening = replace(opening, weekly=own)

    def opened(day: date) -> Sequence[tuple[time, time]]:
        if day in provider.away:
            return ()
        spans = opening.day(day).spans
        return spans if own is None else _both(spans, own.of(DAYS[day.weekday()]))

    return opened


def _both(ours: Spans, theirs: Spans) -> Spans:
    """The time that both have, in order."""
    pairs = ((max(one[0], other[0]), min(one[1], other[1])) for one in ours for other in theirs)
    return tuple(sorted((begins, ends) for begins, ends in pairs if begins < ends))


def zone_of(staff: StaffSettings) -> ZoneInfo:
    """The office's time zone."""
    return ZoneInfo(staff.time_zone)
