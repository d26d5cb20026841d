"""A clinic that books: the real store and calendars, a clock that stands still, callers with a story.

May import: appliance, tests.peers, tests.jobs.job_clock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.booking.desk import Done, Offers, SlotsWanted
from appliance.core.booking.identity import Identity
from appliance.core.booking.visits import Bookable
from appliance.core.calendar import Appointment, Calendar, CalendarFailed, Kept, Span, Trouble
from appliance.core.staff import Office, StaffSettings
from appliance.core.story import Speaker, Turn
from appliance.service.booking.books import Books
from appliance.service.booking.calendars import Calendars
from appliance.service.booking.desk import CallDesk
from appliance.service.booking.evidence import Evidence
from appliance.service.booking.line import Line
from appliance.service.booking.settling import Settling
from appliance.service.jobs.calendars import WAITS
from appliance.store import bookings, calendar_sync, database, job_leases, messages
from appliance.store.bookings import Booking
from appliance.store.calendar_sync import SYNC
from appliance.store.database import Connection
from appliance.store.job_leases import Lease, Moment
from appliance.store.jobs import Job
from appliance.store.migrations import migrate
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.jobs import job_clock

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE)
"""A Thursday."""
TUESDAY_AT_TWO = datetime(2026, 12, 1, 14, tzinfo=ZONE)
CALLER = "+15550100002"
ANA = Identity(name="Ana Ruiz", born="1980-03-09")
ONE_DOCTOR: dict[str, Any] = {
    "provider": [{"slug": "lee", "name": "Dr. Lee"}],
    "visit": [{"slug": "check-up", "name": "Check-up", "aliases": ["revisión"], "minutes": 30}],
}

SEVERAL: dict[str, Any] = {
    "provider": [*ONE_DOCTOR["provider"], {"slug": "ruiz", "name": "Dr. Ruiz"}],
    "visit": [*ONE_DOCTOR["visit"], {"slug": "physical", "name": "Physical", "minutes": 60}],
}


class Fickle:
    """A calendar in front of another, which does what a test says before and after each verb."""

    def __init__(self, behind: Calendar) -> None:
        self._behind = behind
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}
        self.asked: list[str] = []

    def _do(self, verb: str, do: Callable[[], Any]) -> Any:
        self.asked.append(verb)
        self.before.get(verb, lambda: None)()
        done = do()
        self.after.get(verb, lambda: None)()
        return done

    def busy(self, calendar: str, within: Span) -> Sequence[Span]:
        return list(self._do("busy", lambda: self._behind.busy(calendar, within)))

    def find(self, calendar: str, appointment: Appointment) -> Kept | None:
        found: Kept | None = self._do("find", lambda: self._behind.find(calendar, appointment))
        return found

    def keep(self, calendar: str, appointment: Appointment) -> Kept:
        kept: Kept = self._do("keep", lambda: self._behind.keep(calendar, appointment))
        return kept

    def move(self, calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        kept: Kept = self._do("move", lambda: self._behind.move(calendar, event_id, span, zone))
        return kept

    def remove(self, calendar: str, event_id: str) -> None:
        self._do("remove", lambda: self._behind.remove(calendar, event_id))

    def check(self, calendar: str) -> None:
        self._behind.check(calendar)


def fails(trouble: Trouble = Trouble.AWAY) -> Callable[[], None]:
    """What a verb does that fails."""

    def fail() -> None:
        raise CalendarFailed("It is not to be.", trouble)

    return fail


def evidence(caller: str, story: Callable[[], Sequence[Turn]]) -> Evidence:
    """What was said in a call whose words are all there."""

    async def said() -> Sequence[Turn]:
        return story()

    return Evidence(caller, story, said)


@dataclass(slots=True)
class Caller:
    """One call and its desk; what is said in it is its story."""

    desk: CallDesk
    turns: list[Turn]

    def says(self, text: str) -> None:
        self.turns.append(Turn(f"t{len(self.turns)}", Speaker.CALLER, text))

    def tells(self, patient: Identity) -> None:
        """Say the name and the day of birth, and that the number is right."""
        self.says(f"It is {patient.name}, born {patient.born.replace('-', ' ')}")
        self.confirms()

    def confirms(self) -> None:
        """Say that the number is right from which the call comes."""
        self.hears("Is the number that you are calling from right?")
        self.says("yes")

    def hears(self, text: str) -> None:
        self.turns.append(Turn(f"t{len(self.turns)}", Speaker.ATTENDANT, text))

    async def wants(self, when: str = "", **more: Any) -> Offers:
        """Ask for times, of a visit and with somebody, and have them read out."""
        self.says(", ".join(filter(None, (when, more.get("visit"), more.get("provider")))))
        offers = await self.desk.find_slots(SlotsWanted(when, **more))
        self.hears(offers.said)
        return offers

    async def books(self, when: str, patient: Identity = ANA) -> Done:
        """Ask for a time, take the first offer, and give the name."""
        offers = await self.wants(when)
        self.says("yes please" if len(offers.offers) == 1 else "the first one, please")
        self.tells(patient)
        return await self.desk.book(offers.offers[0].offer_id, patient, "en")


@dataclass(slots=True)
class Clinic:
    """The clinic."""

    path: Path
    books: Books
    office: Office
    own: Fickle
    writer: Writer
    reader: Reader
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    def caller(self, call_sid: str = "CA1", caller: str = CALLER) -> Caller:
        turns: list[Turn] = []
        return Caller(CallDesk(self.books, self.office, call_sid, evidence(caller, lambda: turns)), turns)

    def later(self, **by: float) -> None:
        """The clocks go on."""
        self.clock[0] += timedelta(**by)
        db = database.connect(self.path)
        try:
            job_clock.put_on(db, timedelta(**by))
        finally:
            db.close()

    async def settle(self) -> int:
        """What a worker's jobs do by now; about how many appointments they did something, or failed to."""
        await self.books.purge()
        db, touched = database.connect(self.path), 0
        try:
            while (found := self._claimed(db)) is not None:
                touched += await self._settled(db, *found)
        finally:
            db.close()
        return touched

    def _moment(self) -> Moment:
        return replace(Moment.now(), at=self.books.now())

    def _claimed(self, db: Connection) -> tuple[Job, Lease] | None:
        moment = self._moment()
        with database.immediate(db):
            job_leases.wake(db, moment=moment, waits=WAITS)
            return job_leases.claim(db, [SYNC], worker="w", moment=moment, lease_s=60)

    async def _settled(self, db: Connection, job: Job, lease: Lease) -> bool:
        async def office() -> Office:
            return self.office

        key, moment = job.payload["booking"], self._moment()
        before = _row(db, key)
        try:
            await Settling(self.books, office).settle(key)
        except Exception as exc:  # noqa: BLE001 - as whoever runs jobs does
            with database.immediate(db):
                job_leases.failed(db, lease, repr(exc), moment=moment, took_ms=0, again_s=WAITS.first_s)
            return True
        with database.immediate(db):
            job_leases.done(db, lease, moment=moment, took_ms=0)
            calendar_sync.owe_rest(db, key, now=self.books.now())
        return _row(db, key) != before

    def rows(self) -> list[Booking]:
        """All that stands in the store."""
        db = database.connect_readonly(self.path)
        try:
            return bookings.to_come(db, NOW)
        finally:
            db.close()

    def notes(self) -> list[tuple[str, str]]:
        """The callback list, subjects and bodies."""
        return [(each.subject, each.body) for each in self.messages()]

    def messages(self) -> list[messages.Message]:
        """The callback list."""
        db = database.connect_readonly(self.path)
        try:
            return [*reversed(messages.page(db, limit=50))]
        finally:
            db.close()

    def events(self, calendar: str = "lee") -> list[Span]:
        """What stands in the box's own calendar."""
        day = Span(NOW.astimezone(UTC), (NOW + timedelta(days=200)).astimezone(UTC))
        return list(OwnCalendar(self.path).busy(calendar, day))


def _row(db: Connection, key: str) -> tuple[object, ...]:
    return tuple(db.execute("SELECT state, untold, event_id FROM booking WHERE key = ?", (key,)).fetchone())


@asynccontextmanager
async def clinic(
    folder: Path,
    bookable: dict[str, Any] | None = None,
    *,
    others: dict[str, Calendar] | None = None,
    **staff: Any,
) -> AsyncIterator[Clinic]:
    """The clinic, with the box's own calendar and these others."""
    path = folder / "attendant.db"
    await asyncio.to_thread(migrate, path)
    writer, reader = Writer(path), Reader(path)
    own, clock = Fickle(OwnCalendar(path)), [NOW]

    def seconds() -> float:
        return clock[0].timestamp()

    services: dict[str, Calendar] = {"own": own, **(others or {})}
    calendars = Calendars({name: Line(name, each, clock=seconds) for name, each in services.items()})
    office = Office(
        staff=StaffSettings.model_validate(staff), bookable=Bookable.model_validate(bookable or ONE_DOCTOR)
    )
    books = Books(calendars, writer, reader, lambda: clock[0].astimezone(UTC))
    try:
        yield Clinic(path, books, office, own, writer, reader, clock)
    finally:
        calendars.close()
        await writer.close()
        await reader.close()
