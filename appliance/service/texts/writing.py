"""Writes the body of a text when it is sent, so that it says what is so then.

May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.core import staff_told
from appliance.core.booking import reminding
from appliance.core.booking.linking import About
from appliance.core.booking.reminding import Window
from appliance.core.callbacks import Urgency
from appliance.core.staff import Office
from appliance.core.texts import TextKind
from appliance.service.texts import words
from appliance.store import booking_links, bookings, callback_calls, callback_rows
from appliance.store.bookings import Booking, State
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.texts import Text


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes texts. `pages` is the address under which links are opened."""

    pages: str
    admin: str = ""
    """The address of the admin's pages, for texts to staff."""
    sender: str = ""

    def body(self, db: Connection, text: Text, office: Office, now: datetime) -> str | None:
        """The words of a text as things stand; None when it is about nothing any more.

        That of a link makes its token: to be called within a transaction.
        """
        if text.kind is TextKind.LINK:
            return self._link(db, text, office, now)
        if text.kind is TextKind.CUT_OFF:
            return self._cut_off(db, text, office)
        if text.kind is TextKind.OVERDUE:
            return self._overdue(db, text, office, now)
        try:
            booking = bookings.get(db, text.booking_key)
        except NoSuchRow:
            return None
        if not _holds(text, booking, now):
            return None
        zone = ZoneInfo(office.staff.time_zone)
        start = words.time_of(booking.span.start.astimezone(zone), now.astimezone(zone), text.language)
        return words.written(text.kind, text.language, clinic=words.clinic(office), start=start)

    def another_time(self, db: Connection, text: Text, office: Office, now: datetime) -> Window | None:
        """When a text that has missed its time may still go out: a reminder alone, until it is too late."""
        if text.kind is not TextKind.REMINDER:
            return None
        try:
            booking = bookings.get(db, text.booking_key)
        except NoSuchRow:
            return None
        return reminding.window(office.staff, booking.span.start, now)

    def _cut_off(self, db: Connection, text: Text, office: Office) -> str | None:
        """To a caller whose call broke off, unless they have rung again or reached somebody since."""
        if not callback_calls.cut_off(db, text.call_sid):
            return None
        phone, emergency = words.phone(office, self.sender), office.staff.emergency_number
        clinic = words.clinic(office)
        return words.written("cut_off", text.language, clinic=clinic, phone=phone, emergency=emergency)

    def _overdue(self, db: Connection, text: Text, office: Office, now: datetime) -> str | None:
        """To staff, if anything is overdue still."""
        late = callback_rows.untouched(db, now)
        if not late:
            return None
        danger = sum(entry.urgency is Urgency.EMERGENCY for entry in late)
        minutes = int((now - min(entry.due_at for entry in late)).total_seconds() // 60)
        told = staff_told.overdue(text.language, len(late), danger, minutes)
        return f"{words.clinic(office)}: {told} {staff_told.where(text.language, self.admin)}"

    def _link(self, db: Connection, text: Text, office: Office, now: datetime) -> str:
        staff, language = office.staff, text.language
        if text.about is About.CLINIC:
            return words.written("page", language, clinic=words.clinic(office), url=staff.clinic_url)
        if staff.booking_url:
            clinic = words.clinic(office)
            return words.written("own_link", language, clinic=clinic, url=staff.booking_url)
        expires, zone = now + timedelta(hours=staff.link_hours), ZoneInfo(staff.time_zone)
        token = booking_links.make(db, text.id, number=text.number, language=language, expires=expires)
        until = words.time_of(expires.astimezone(zone), now.astimezone(zone), language)
        url = f"{self.pages}/{token}"
        return words.written("link", language, clinic=words.clinic(office), url=url, until=until)


def _holds(text: Text, booking: Booking, now: datetime) -> bool:
    """Whether what a text says of an appointment is so."""
    if text.kind is TextKind.CANCELLATION:
        return booking.state is State.CANCELLED
    return booking.state is State.BOOKED and not booking.leaving and booking.span.start > now
