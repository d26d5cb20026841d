"""What patients are to be told by text about an appointment, owed with the change that it belongs to.

Every function here writes, within the transaction of that change. May import: the standard library,
appliance.core, appliance.store.
"""

from datetime import datetime

from appliance.core.texts import TextKind
from appliance.store import jobs, times
from appliance.store.bookings import Booking, State
from appliance.store.database import Connection

CONFIRM, REMIND = "text_confirmation", "text_reminder"
"""The kinds of jobs."""
PLANNED = "planned"
"""What a confirmation is about that tells nothing: its reminder alone is to be planned."""


def booked(db: Connection, booking: Booking, *, now: datetime) -> None:
    """It stands in the calendar: the patient is told so, and reminded of it."""
    about = TextKind.MOVE if booking.replaces else TextKind.CONFIRMATION
    _confirm(db, booking, about, now)


def moved(db: Connection, before: Booking, booking: Booking, *, now: datetime) -> None:
    """Staff have given it another time: the reminder goes with it, and nothing else is told."""
    _forget(db, before, now)
    _confirm(db, booking, PLANNED, now)


def cancelled(db: Connection, booking: Booking, *, now: datetime) -> None:
    """It stands in the calendar no more: no reminder; told if the patient has wished so.

    `booking` is as it was before.
    """
    _forget(db, booking, now)
    if booking.leaving and booking.state is State.BOOKED:
        _confirm(db, booking, TextKind.CANCELLATION, now)


def reminder_of(booking: Booking) -> str:
    """The key of the job that reminds of it."""
    return f"{REMIND}:{booking.key}:{times.written(booking.span.start)}"


def _confirm(db: Connection, booking: Booking, about: str, now: datetime) -> None:
    key = f"{CONFIRM}:{about}:{booking.key}:{times.written(booking.span.start)}"
    jobs.owe(db, jobs.Wanted(CONFIRM, key, {"booking": booking.key, "about": about}), now=now)


def _forget(db: Connection, booking: Booking, now: datetime) -> None:
    jobs.withdraw(db, reminder_of(booking), now=now)
