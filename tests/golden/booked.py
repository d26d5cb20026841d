"""What stands in calendars before a golden call, and what goes wrong there: lines of its [clinic] section.

    an appointment stands tomorrow at 10:00 for Maria Lopez, born 1980-03-09
    appointments are kept at Google
    at Google: hang delete times=9

The number is that of the golden calls' caller. May import: the standard library, appliance, tests.peers,
scripts.loopback_box, this package's format.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from appliance.calendars.google.calendar import GoogleCalendar
from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.calendar import Appointment, Calendar, Span
from appliance.core.calendar_settings import Google
from appliance.store import bookings
from appliance.store.bookings import Patient, Shown, State, Wanted
from appliance.store.database import Connection, connect, immediate
from appliance.store.errors import NoSuchRow
from scripts.loopback_box import CALLER, LoopbackBox
from tests.golden.format import Line
from tests.peers.google import Fault, GooglePeer
from tests.peers.google.faults import Door, Kind

ZONE = ZoneInfo("America/New_York")
DOCTOR, AT_GOOGLE = "lee", "lee@clinic.example"
LASTS = timedelta(minutes=30)
DAYS = {"tomorrow": 1, "in two days": 2}
KEPT_AT_GOOGLE = "appointments are kept at Google"
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
    at_google: bool = False
    faults: list[Fault] = field(default_factory=list)

    def read(self, line: Line) -> bool:
        """Read a line that is about calendars; whether it was one. Raises GoldenError."""
        if line.text == KEPT_AT_GOOGLE:
            self.at_google = True
        elif line.text.startswith("at Google: "):
            self.faults.append(_fault(line))
        elif found := re.fullmatch(
            rf"an appointment stands ({'|'.join(DAYS)}) at (\d\d:\d\d) for ([^,]+)(?:, born ([\d-]+))?",
            line.text,
        ):
            at = time.fromisoformat(found[2])
            self.stands.append(Stands(DAYS[found[1]], at, found[3], found[4] or ""))
        else:
            return False
        return True

    def settings(self, google: GooglePeer | None) -> dict[str, dict[str, Any]]:
        """What the box is told of Google."""
        if google is None:
            return {}
        return {"google": {"api_url": google.url, "ca_file": str(google.ca_file)}}

    def prepare(self, box: LoopbackBox, google: GooglePeer | None) -> None:
        """Have the box know the account, and have everything stand that was booked before the call."""
        calendar: Calendar = OwnCalendar(box.database)
        name = DOCTOR
        if google is not None:
            key = box.folder / "data" / "secrets" / "google_key.json"
            key.touch(mode=0o600)
            key.write_text(json.dumps(google.key))
            google.diary.share(AT_GOOGLE, zone=ZONE.key)
            calendar = GoogleCalendar(google.key, Google(api_url=google.url, ca_file=google.ca_file))
            name = AT_GOOGLE
        for place, each in enumerate(self.stands):
            _book(box.database, calendar, name, each, _key(place))
        if google is not None:
            google.fails(*self.faults)


def opened(folder: Path) -> GooglePeer:
    """Google, listening."""
    folder.mkdir(parents=True)
    return GooglePeer(folder).__enter__()


def _fault(line: Line) -> Fault:
    """`hang delete times=9`: what goes wrong at which door, and how often."""
    kind, door, *pairs = line.text.removeprefix("at Google: ").split()
    if kind not in get_args(Kind) or door not in get_args(Door):
        raise line.wrong(f"must be KIND DOOR; kinds are {', '.join(get_args(Kind))}")
    given = dict(pair.split("=", 1) for pair in pairs)
    times = int(given.pop("times", "1"))
    if given:
        raise line.wrong(f"a fault has no {', '.join(given)}")
    return Fault(door, kind, times=times)  # type: ignore[arg-type]


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
