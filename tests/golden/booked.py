"""What stands in calendars before a golden call, and what goes wrong there: lines of its [clinic] section.

    an appointment stands tomorrow at 10:00 for Maria Lopez, born 1980-03-09
    appointments are kept at Google
    at Google: hang delete times=9
    appointments are kept at Microsoft 365
    at Microsoft 365: lie create times=9

The number is that of the golden calls' caller. May import: the standard library, appliance,
scripts.loopback_box, this package's calendars and format.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from appliance.core.calendar import Appointment, Calendar, Span
from appliance.store import bookings
from appliance.store.bookings import Patient, Shown, State, Wanted
from appliance.store.database import Connection, connect, immediate
from appliance.store.errors import NoSuchRow
from scripts.loopback_box import CALLER, LoopbackBox
from tests.golden.calendars import DOCTOR, SERVICES, ZONE, InTheBox, Service, Wrong
from tests.golden.format import Line

LASTS = timedelta(minutes=30)
DAYS = {"tomorrow": 1, "in two days": 2}
KEPT_AT = re.compile(rf"appointments are kept at ({'|'.join(SERVICES)})")
WRONG_AT = re.compile(rf"at ({'|'.join(SERVICES)}): (\w+) (\w+)(?: times=(\d+))?")
MOST = 9
"""No golden call has so many from before."""


def bookable(calendar: str) -> dict[str, Any]:
    """A check-up with one doctor on any day, kept in this calendar."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    hours = {day: [["08:00", "17:00"]] for day in days}
    doctor = {"slug": DOCTOR, "name": "Dr. Lee", "calendar": calendar, "hours": hours}
    return {
        "provider": [doctor],
        "visit": [{"slug": "check-up", "name": "Check-up", "aliases": ["revisión"]}],
    }


@dataclass(frozen=True, slots=True)
class Stands:
    """An appointment that was made before the call."""

    days: int
    at: time
    patient: str
    born: str

    def span(self, now: datetime) -> Span:
        """When it is."""
        day: date = now.astimezone(ZONE).date() + timedelta(days=self.days)
        start = datetime.combine(day, self.at, ZONE).astimezone(UTC)
        return Span(start, start + LASTS)


@dataclass(slots=True)
class Books:
    """The calendars of a golden call as its [clinic] section has them."""

    stands: list[Stands] = field(default_factory=list)
    kept_at: str = ""
    """The service; the box's own calendar where it has no name."""
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def calendar(self) -> str:
        """The calendar that the doctor has, as a provider's `calendar`."""
        return SERVICES[self.kept_at].kept_in if self.kept_at else InTheBox.kept_in

    def read(self, line: Line) -> bool:
        """Read a line that is about calendars; whether it was one. Raises GoldenError."""
        if kept := KEPT_AT.fullmatch(line.text):
            self.kept_at = kept[1]
        elif wrong := WRONG_AT.fullmatch(line.text):
            self.wrong.append(_wrong(line, SERVICES[wrong[1]], wrong[2], wrong[3], int(wrong[4] or "1")))
        elif found := re.fullmatch(
            rf"an appointment stands ({'|'.join(DAYS)}) at (\d\d:\d\d) for ([^,]+)(?:, born ([\d-]+))?",
            line.text,
        ):
            at = time.fromisoformat(found[2])
            self.stands.append(Stands(DAYS[found[1]], at, found[3], found[4] or ""))
        else:
            return False
        return True

    def prepare(self, box: LoopbackBox, service: Service) -> None:
        """Have the box know the account, and have everything stand that was booked before the call."""
        calendar = service.known_to(box)
        for place, each in enumerate(self.stands):
            _book(box.database, calendar, service.named, each, _key(place))
        service.fails(self.wrong)


def _wrong(line: Line, service: type[Service], kind: str, door: str, times: int) -> Wrong:
    """`hang delete times=9`: what goes wrong at which door, and how often. Raises GoldenError."""
    if kind not in service.kinds or door not in service.doors:
        known = f"kinds are {', '.join(service.kinds)}; doors are {', '.join(service.doors)}"
        raise line.wrong(f"must be KIND DOOR; {known}")
    return Wrong(door, kind, times)


def _key(place: int) -> str:
    return f"{place + 1:032x}"


def _book(database: Path, calendar: Calendar, name: str, stands: Stands, key: str) -> None:
    now = datetime.now(UTC)
    span = stands.span(now)
    kept = calendar.keep(name, Appointment(key, "Check-up", "Booked by telephone.", span, ZONE.key))
    wanted = Wanted(key, "CAbefore", "check-up", DOCTOR, span, span, ZONE.key)
    db = connect(database)
    try:
        with immediate(db):
            patient = Patient(stands.patient, CALLER, stands.born)
            shown = Shown("Check-up", "Booked by telephone.")
            bookings.take(db, wanted, patient, now=now, shown=shown)
            bookings.booked(db, key, event_id=kept.event_id, link=kept.link, now=now)
    finally:
        db.close()


def before(db: Connection) -> list[str]:
    """What became of the appointments that stood before the call, as lines of the outcome."""
    lines = list[str]()
    for place in range(MOST):
        try:
            found = bookings.get(db, _key(place))
        except NoSuchRow:
            break
        start = found.span.start.astimezone(ZONE)
        leaving = ", to be cancelled" if found.leaving and found.state is not State.CANCELLED else ""
        lines.append(f"appointment before: {found.state}{leaving}, {found.visit} at {start:%H:%M}")
    return lines
