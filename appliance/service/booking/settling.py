"""What calls left open: promises that no calendar has confirmed, cancellations that none has carried out.

Each is a job that goes on until the calendar has it or the time has come, and staff read in the callback list
what came of it: the caller was told that it is a request.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from appliance.core.calendar import CalendarFailed
from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.service.booking import keeping
from appliance.service.booking.books import Books, Note
from appliance.store import after_calls, bookings, calendar_sync
from appliance.store.bookings import Booking, SlotTaken, State
from appliance.store.calendar_sync import AFTER
from appliance.store.database import Connection

log = logging.getLogger(__name__)

PAUSE_S = 20.0
ASK_S = 6.0
TRIED_FOR = timedelta(hours=24)
TRIED_LEAST = 20
"""So many tries, which take an hour, are made whatever the clock says: it may have been set forward."""
LATE, LOST, GONE = "Appointment confirmed late", "Appointment NOT made", "Appointment cancelled"
STAYS = "Appointment NOT cancelled in the calendar"
UNTOLD = "Appointment made, perhaps not heard"


async def forget_offers(books: Books) -> None:
    """Forget what was offered and nobody took, again and again; until cancelled."""
    while True:
        try:
            await books.purge()
        except AttendantError as exc:
            log.warning("offers are not forgotten yet", extra={"problem": str(exc)[:300]})
        await asyncio.sleep(PAUSE_S)


@dataclass(frozen=True, slots=True)
class _Standing:
    """An appointment, whether it is to go, and whether the caller heard of it (None: not to be asked yet)."""

    booking: Booking
    leaving: bool
    heard: bool | None


class Settling:
    """Settles what is open about appointments. `office` is the office as it is now."""

    def __init__(self, books: Books, office: Callable[[], Awaitable[Office]]) -> None:
        self._books = books
        self._office = office

    async def settle(self, key: str, tries: int = TRIED_LEAST) -> None:
        """Do what is open about one; nothing where that has to wait for the end of its call.

        `tries` is how often it was tried, this time among them. Raises CalendarFailed or StoreError: then it
        is to be tried again.
        """
        found = await self._books.reader.run(lambda db: self._standing(db, key))
        if found is None:
            return
        office, booking = await self._office(), found.booking
        if found.leaving:
            await self._remove(office, booking, tries)
        elif booking.state is State.PROMISED:
            await self._keep(office, booking, tries)
        elif found.heard:
            await self._books.told(key, None)
        elif found.heard is not None:
            await self._unheard(office, booking)

    def _standing(self, db: Connection, key: str) -> _Standing | None:
        if not calendar_sync.is_open(db, key):
            return None
        heard = after_calls.heard(db, key, self._books.now() - AFTER)
        return _Standing(bookings.get(db, key), calendar_sync.is_leaving(db, key), heard)

    async def _keep(self, office: Office, booking: Booking, tries: int) -> None:
        books, call_sid, words = self._books, booking.call_sid, keeping.told(office, booking)
        late = f"{words} It stands in the calendar now; the patient was not told so."
        lost = f"{words} Somebody else had the time. Please call the patient."
        notes = keeping.Notes(
            Note(call_sid, LATE, late, booking.recording),
            Note(call_sid, LOST, lost, booking.recording),
            settled=True,
        )
        try:
            await keeping.keep(books, office, booking, keeping.Patience(ASK_S), fresh=False, notes=notes)
        except SlotTaken as exc:
            log.warning("appointment lost", extra={"problem": str(exc)})
        except CalendarFailed as exc:
            if not self._too_late(booking, tries):
                raise
            said = f"{words} The calendar could not be reached in time. Please call the patient."
            await books.give_up(booking.key, Note(call_sid, LOST, said, booking.recording))
            log.error("appointment lost", extra={"problem": str(exc)[:300]})

    async def _unheard(self, office: Office, booking: Booking) -> None:
        said = f"{keeping.told(office, booking)} It stands in the calendar. The call ended before the patient"
        note = Note(booking.call_sid, UNTOLD, f"{said} can have heard so: please call.", booking.recording)
        await self._books.told(booking.key, note)

    def _too_late(self, booking: Booking, tries: int) -> bool:
        """Whether there is no use in trying any more."""
        now = self._books.now()
        since = booking.changed_at or now
        return booking.span.start <= now or (tries >= TRIED_LEAST and now - since > TRIED_FOR)

    async def _remove(self, office: Office, booking: Booking, tries: int) -> None:
        words = keeping.told(office, booking)
        note = Note(booking.call_sid, GONE, f"{words} It is out of the calendar now.")
        try:
            await keeping.remove(self._books, office, booking, keeping.Patience(ASK_S), note)
        except CalendarFailed:
            if self._too_late(booking, tries):
                said = (
                    f"{words} The patient cancelled it. The calendar cannot be reached: please take it out."
                )
                stays = Note(booking.call_sid, STAYS, said, once=f"stays:{booking.key}")
                await self._books.tell_staff(stays)
            # It is tried on: the calendar may be back before staff are.
            raise
