"""From a promise to what stands in the calendar, and from a cancellation to what stands there no more.

Each step is on disk before the next begins, so that wherever it stops it is known how far it has come. What a
calendar may have done without saying so is looked for before it is done again.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.core.booking.visits import Provider
from appliance.core.calendar import Appointment, CalendarFailed, Trouble
from appliance.core.staff import Office
from appliance.service.booking.books import Books, Note
from appliance.store.bookings import Booking, SlotTaken, State
from appliance.store.errors import NoSuchRow

LEAST_S = 0.2


class Patience:
    """What is left of the time for several questions to calendars. Raises CalendarFailed when it is over."""

    def __init__(self, seconds: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._until = self._clock() + seconds

    @property
    def left_s(self) -> float:
        """The rest, at least enough to begin."""
        left_s = self._until - self._clock()
        if left_s < LEAST_S:
            raise CalendarFailed("The calendar took too long.", Trouble.AWAY)
        return left_s


@dataclass(frozen=True, slots=True)
class Notes:
    """What staff are told together with what comes of it; None for nothing, where the caller is told."""

    kept: Note | None = None
    lost: Note | None = None
    settled: bool = False
    """Whether they say that the patient was not told."""


async def keep(
    books: Books, office: Office, booking: Booking, patience: Patience, *, fresh: bool, notes: Notes = Notes()
) -> Booking:
    """Have what was promised stand in the calendar; it is booked when this returns.

    Where staff have moved it, it is booked there. `fresh`: nobody has tried before. Raises SlotTaken when
    somebody else has the time there, and the promise is given up; CalendarFailed when it is not known; or
    StoreError.
    """
    if booking.state is State.BOOKED:
        return booking
    if booking.state is not State.PROMISED:
        raise SlotTaken("This appointment is nobody's any more.")
    provider = provider_of(office, booking)
    visit = office.bookable.visit_of(booking.visit)
    wanted = replace(appointment_of(booking), colour=visit.colour if visit else "")
    kept = None if fresh else await books.calendars.find(provider, wanted, patience.left_s)
    if kept is None:
        busy = await books.calendars.busy(provider, booking.taken, patience.left_s)
        if any(span.overlaps(booking.taken) for span in busy):
            await books.give_up(booking.key, notes.lost)
            raise SlotTaken("Somebody else has this time in the calendar.")
        kept = await books.calendars.keep(provider, wanted, patience.left_s)
    try:
        return await books.booked(booking.key, kept, notes.kept, settled=notes.settled)
    except NoSuchRow as exc:
        # It was cancelled while it was being put in.
        await books.calendars.remove(provider, kept.event_id, patience.left_s)
        raise SlotTaken("This appointment is nobody's any more.") from exc


async def remove(
    books: Books, office: Office, booking: Booking, patience: Patience, note: Note | None = None
) -> None:
    """Have it stand there no more; it is cancelled when this returns. Raises CalendarFailed or StoreError."""
    if booking.state is State.CANCELLED:
        return
    provider = provider_of(office, booking)
    event_id = booking.event_id
    if event_id is None:
        # It may have come there without our knowing.
        kept = await books.calendars.find(provider, appointment_of(booking), patience.left_s)
        event_id = None if kept is None else kept.event_id
    if event_id is not None:
        await books.calendars.remove(provider, event_id, patience.left_s)
    await books.cancelled(booking.key, note)


def provider_of(office: Office, booking: Booking) -> Provider:
    """Whom it is with. Raises CalendarFailed when staff have removed the provider."""
    provider = office.bookable.provider_of(booking.provider)
    if provider is None:
        raise CalendarFailed(f"There is no provider {booking.provider!r} any more.", Trouble.REFUSED)
    return provider


def appointment_of(booking: Booking) -> Appointment:
    """What is to stand in the calendar, as it was asked for first: it is known by that."""
    span = booking.asked or booking.span
    return Appointment(booking.key, booking.title, booking.notes, span, booking.zone)


def told(office: Office, booking: Booking) -> str:
    """The appointment in words for the staff."""
    visit = office.bookable.visit_of(booking.visit)
    provider = office.bookable.provider_of(booking.provider)
    start: datetime = booking.span.start.astimezone(ZoneInfo(booking.zone))
    whom = provider.name if provider else booking.provider
    what = visit.name if visit else booking.visit
    who = f" Patient: {booking.patient or 'not named'}, {booking.phone or 'no number'}."
    return f"{what} with {whom} on {start:%A %d %B %Y at %H:%M}.{who}"
