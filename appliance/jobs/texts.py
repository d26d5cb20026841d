"""Confirmations and reminders of appointments: decided here by what is so then, and owed as texts.

The bridge, which has the carrier's account, sends what is owed, and looks once more whether it is so. May
import: the standard library, appliance.core, appliance.store, appliance.jobs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from appliance.core import telephone
from appliance.core.booking import reminding
from appliance.core.phones import outside
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.core.texts import TextKind
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Payload
from appliance.store import booking_texts, bookings, jobs, office, texting, texts, times
from appliance.store.booking_texts import CONFIRM, REMIND
from appliance.store.bookings import Booking, State
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.texts import Owed

DEADLINE_S = 30.0
LATE = timedelta(hours=12)
"""After so long a confirmation is no news any more."""
DAY = timedelta(days=1)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Confirmed(Payload):
    """Which appointment, and what is told of it."""

    booking: str
    about: Literal["confirmation", "move", "cancellation", "planned"]


class Reminded(Payload):
    """Which appointment, and when it was when this was owed."""

    booking: str
    start: str


@dataclass(frozen=True, slots=True)
class _Case:
    """An appointment whose patient can be texted, and what staff have decided."""

    booking: Booking
    staff: StaffSettings
    full: bool
    """Whether so many texts were owed within a day as staff allow."""

    @property
    def language(self) -> str:
        return self.booking.language or self.staff.language.partition("-")[0]


def confirming(settings: Settings, clock: Clock = utc_now) -> Kind[Confirmed]:
    """The kind that has a patient told of an appointment, and its reminder owed."""

    def run(errand: Errand, wanted: Confirmed) -> Change | None:
        now = clock()
        case = errand.read(lambda db: _case(db, settings, wanted.booking, now))
        if case is None:
            return None
        told, reminder = _confirmation(case, wanted.about, now), _reminder(case, now)

        def change(db: Connection) -> None:
            if told is not None:
                texts.owe(db, told, now=now)
            if reminder is not None:
                jobs.owe(db, reminder, now=now)

        return change

    return Kind(CONFIRM, Confirmed, run, DEADLINE_S)


def reminding_of(settings: Settings, clock: Clock = utc_now) -> Kind[Reminded]:
    """The kind that has a patient reminded of an appointment."""

    def run(errand: Errand, wanted: Reminded) -> Change | None:
        now = clock()
        case = errand.read(lambda db: _case(db, settings, wanted.booking, now))
        if case is None or case.full or not case.staff.reminder_hours:
            return None
        booking = case.booking
        if booking.state is not State.BOOKED or booking.leaving:
            return None
        if times.written(booking.span.start) != wanted.start:
            # Staff have moved it: the reminder of its new time is owed by itself.
            return None
        open_for = reminding.window(case.staff, booking.span.start, now)
        if open_for is None:
            return None
        once = f"{REMIND} {booking.key} {wanted.start}"
        owed = _owed(case, once, TextKind.REMINDER, open_for.since, open_for.until)
        return lambda db: texts.owe(db, owed, now=now)

    return Kind(REMIND, Reminded, run, DEADLINE_S)


def _case(db: Connection, settings: Settings, key: str, now: datetime) -> _Case | None:
    """The appointment; None when its patient gets no text: for want of a number, or by wish."""
    staff, sender = office.load(db).staff, settings.twilio.sms_from
    try:
        booking = bookings.get(db, key)
    except NoSuchRow:
        return None
    region = telephone.region((sender, staff.caller_id or "", *outside(staff.people)))
    takes = telephone.takes_texts(booking.phone, region, staff.text_countries)
    if not (sender and takes) or texting.stopped(db, booking.phone):
        return None
    return _Case(booking, staff, texts.owed_since(db, now - DAY) >= staff.texts_a_day)


def _confirmation(case: _Case, about: str, now: datetime) -> Owed | None:
    """What the patient is told at once; None when that is nothing, or no news any more."""
    booking, until = case.booking, (case.booking.changed_at or now) + LATE
    told = case.staff.text_confirmations and about != booking_texts.PLANNED
    if not told or case.full or until <= now:
        return None
    wanted = State.CANCELLED if about == TextKind.CANCELLATION else State.BOOKED
    if booking.state is not wanted or booking.span.start <= now:
        return None
    once = f"{about} {booking.key} {times.written(booking.span.start)}"
    return _owed(case, once, TextKind(about), now, min(until, booking.span.start))


def _reminder(case: _Case, now: datetime) -> jobs.Wanted | None:
    """The reminder that is to be owed; None for one whose time has passed: it was told just now."""
    booking = case.booking
    due = reminding.due(case.staff, booking.span.start)
    if due is None or due <= now or booking.state is not State.BOOKED:
        return None
    payload = {"booking": booking.key, "start": times.written(booking.span.start)}
    return jobs.Wanted(REMIND, booking_texts.reminder_of(booking), payload, due)


def _owed(case: _Case, once: str, kind: TextKind, due: datetime, until: datetime) -> Owed:
    booking = case.booking
    return Owed(once, kind, booking.phone, case.language, due, until, booking.call_sid, booking.key)
