"""What calls left open: promises that no calendar has confirmed, cancellations that none has carried out.

It goes on until the calendar has it or the time has come, and staff read in the callback list what came of
it: the caller was told that it is a request.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from appliance.core.calendar import CalendarFailed
from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.service.booking import keeping
from appliance.service.booking.books import Books, Note
from appliance.store import after_calls, bookings
from appliance.store.bookings import Booking, SlotTaken

log = logging.getLogger(__name__)

AFTER = timedelta(seconds=20)
"""A call itself is done with it by then."""
PAUSE_S = 20.0
ASK_S = 6.0
TRIED_FOR = timedelta(hours=24)
LATE, LOST, GONE = "Appointment confirmed late", "Appointment NOT made", "Appointment cancelled"
UNTOLD = "Appointment made, perhaps not heard"


class Settling:
    """Settles what is open. `office` is the office as it is now."""

    def __init__(self, books: Books, office: Callable[[], Awaitable[Office]]) -> None:
        self._books = books
        self._office = office

    async def run(self) -> None:
        """Settle, and again and again; until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(PAUSE_S)

    async def once(self) -> int:
        """Settle all that is open by now; how much of it was. Raises StoreError."""
        await self._purge()
        before = self._books.now() - AFTER
        promised = await self._books.reader.run(lambda db: bookings.unsettled(db, before))
        leaving = await self._books.reader.run(lambda db: bookings.leaving(db, before))
        untold = await self._books.reader.run(lambda db: after_calls.untold(db, before))
        going = {booking.key for booking in leaving}
        office = await self._office() if promised or leaving or untold else Office()
        for booking in promised:
            if booking.key not in going and not booking.leaving:
                await self._one(office, booking, self._keep)
        for booking in leaving:
            await self._one(office, booking, self._remove)
        for each in untold:
            await self._one(office, each.booking, self._heard if each.heard else self._unheard)
        return len(promised) + len(leaving) + len(untold)

    async def _one(
        self, office: Office, booking: Booking, settle: Callable[[Office, Booking], Awaitable[None]]
    ) -> None:
        """One of them; what is wrong with it leaves the others alone."""
        try:
            await settle(office, booking)
        except AttendantError as exc:
            log.warning("appointment not settled yet", extra={"problem": str(exc)[:300]})
        except Exception:
            # One row that nobody can settle must not leave all that come after it unsettled for ever.
            log.exception("appointment cannot be settled", extra={"call_sid": booking.call_sid})

    async def _purge(self) -> None:
        """Forget what nobody took; at the next round if not now."""
        try:
            await self._books.purge()
        except AttendantError as exc:
            log.warning("offers are not forgotten yet", extra={"problem": str(exc)[:300]})

    async def _keep(self, office: Office, booking: Booking) -> None:
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
            if not self._too_late(booking):
                raise
            said = f"{words} The calendar could not be reached in time. Please call the patient."
            await books.give_up(booking.key, Note(call_sid, LOST, said, booking.recording))
            log.error("appointment lost", extra={"problem": str(exc)[:300]})

    async def _heard(self, _: Office, booking: Booking) -> None:
        await self._books.told(booking.key, None)

    async def _unheard(self, office: Office, booking: Booking) -> None:
        said = f"{keeping.told(office, booking)} It stands in the calendar. The call ended before the patient"
        note = Note(booking.call_sid, UNTOLD, f"{said} can have heard so: please call.", booking.recording)
        await self._books.told(booking.key, note)

    def _too_late(self, booking: Booking) -> bool:
        """Whether there is no use in trying any more."""
        now = self._books.now()
        since = booking.changed_at or now
        return booking.span.start <= now or now - since > TRIED_FOR

    async def _remove(self, office: Office, booking: Booking) -> None:
        note = Note(booking.call_sid, GONE, f"{keeping.told(office, booking)} It is out of the calendar now.")
        await keeping.remove(self._books, office, booking, keeping.Patience(ASK_S), note)
