"""The page of a day's appointments, by provider.

May import: flask, admin, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin.bookings import calendars, offer
from admin.box import the_box
from admin.tongue import later
from admin.visit import visit
from admin.words import local
from appliance.core.booking.visits import Bookable
from appliance.core.calendar import Span
from appliance.store import bookings as rows
from appliance.store import times, visits
from appliance.store.bookings import Booking, State
from appliance.store.database import Connection

DAY = timedelta(days=1)
STATES = {
    State.HELD: (later("Offered just now"), "plain"),
    State.PROMISED: (later("Not in the calendar yet"), "care"),
    State.BOOKED: (later("Booked"), "good"),
}
LEAVING = (later("Being cancelled"), "care")
bookings = Blueprint("bookings", __name__, url_prefix="/bookings", template_folder="templates")
offer.install(bookings)
calendars.install(bookings)


@dataclass(frozen=True, slots=True)
class _Column:
    """A provider's appointments of the day."""

    name: str
    bookings: list[Booking]


@bookings.get("")
def index() -> ResponseReturnValue:
    """The appointments of a day: of today, when none is asked for."""
    office, box = visit().office, the_box()
    today = local(box.now(), office).date()
    day = _asked(today)
    zone, now = ZoneInfo(office.staff.time_zone), times.read(box.now())
    bookable, found = box.read(lambda db: _look(db, day, zone, now))
    return render_template(
        "bookings/index.html",
        day=day,
        zone=zone,
        today=today,
        before=day - DAY,
        after=day + DAY,
        columns=_columns(bookable, found),
        visits={each.slug: each.name for each in bookable.visit},
        ready=bool(bookable.provider and bookable.visit),
        state=_state,
        link=_link,
        **calendars.shown_here(),
    )


def _asked(today: date) -> date:
    wanted = request.args.get("day", "")
    try:
        day = date.fromisoformat(wanted) if wanted else today
    except ValueError:
        abort(404)
    if abs(day - today) > 3660 * DAY:
        abort(404)
    return day


def _look(db: Connection, day: date, zone: ZoneInfo, now: datetime) -> tuple[Bookable, list[Booking]]:
    span = Span(datetime.combine(day, time(), zone), datetime.combine(day + DAY, time(), zone))
    return visits.load(db), rows.within(db, span, now=now)


def _columns(bookable: Bookable, found: list[Booking]) -> list[_Column]:
    """All providers, and those who are none any more and still have somebody coming."""
    names = {each.slug: each.name for each in bookable.provider}
    names |= {each.provider: each.provider for each in found if each.provider not in names}
    return [_Column(name, [each for each in found if each.provider == slug]) for slug, name in names.items()]


def _state(booking: Booking) -> tuple[str, str]:
    """How far an appointment is, in words and in its colour."""
    return LEAVING if booking.leaving else STATES[booking.state]


def _link(booking: Booking) -> str:
    """Where the calendar shows it; empty where that is no address on the web."""
    try:
        address = urlsplit(booking.link)
    except ValueError:
        return ""
    return booking.link if address.scheme == "https" and address.hostname else ""
