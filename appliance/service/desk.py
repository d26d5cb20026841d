"""What can be done during one call, and where that is kept: of a call of the box to itself nothing is.

May import: appliance.core, appliance.service, appliance.tools.
"""

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from appliance.core.errors import AttendantError
from appliance.core.other_languages import spoken
from appliance.core.staff import Office
from appliance.service.answers import Answers
from appliance.service.booking.part import Bookings
from appliance.service.booking.wishing import REQUESTED
from appliance.service.known_call import MESSAGE, WISH, KnownCall, region_of
from appliance.service.records import BridgeRecords, keeping, once_of, taking_back
from appliance.service.texts.part import Texts
from appliance.tools.language import SET_LANGUAGE
from appliance.tools.tool import Desk, Note, Stands
from appliance.tools.toolbox import Clinic, offered


@dataclass(frozen=True, slots=True)
class _Left:
    """What a caller leaves for the staff in one call."""

    known: KnownCall
    records: BridgeRecords

    async def keep(self, told: Note) -> None:
        """Have a message on disk when this returns, once however often it is told."""
        known = self.known
        if known.aside is None:
            first, told = self._as_told(told)
            try:
                await self.records.message(known.offer.call_sid, told)
            except AttendantError:
                if not told.unfinished:
                    raise
                # Nobody is told that it is kept: it is written as soon as the disk lets us.
                self.records.later(keeping(known.offer.call_sid, told))
            once = once_of(known.offer.call_sid, told)
            known.keeps(first, once, partial(self.records.later, taking_back(once)), sure=not told.unfinished)
        known.leave_open(WISH if told.subject == REQUESTED else MESSAGE, None)

    def leave_open(self, told: Note) -> None:
        """Have it written at the end of the call, should no answer come."""
        if self.known.aside is None:
            write = keeping(self.known.offer.call_sid, self._as_told(told)[1])
            self.known.leave_open(MESSAGE, partial(self.records.later, write))

    def stands(self) -> Stands | None:
        """The message that was kept last, of those that stand."""
        if not self.known.kept:
            return None
        first, message = next(reversed(self.known.kept.items()))
        return Stands(message.behind, partial(self._withdraw, first, message.once))

    async def _withdraw(self, first: str, once: str) -> bool:
        was_open = await self.records.withdraw(once)
        self.known.withdrew(first)
        return was_open

    def _as_told(self, told: Note) -> tuple[str, Note]:
        """What it is known by at first, and the note: another one where that was withdrawn before."""
        first = once_of(self.known.offer.call_sid, told)
        return first, replace(told, anew=self.known.withdrawn[first])


def toolbox(
    known: KnownCall,
    records: BridgeRecords,
    bookings: Bookings | None = None,
    texts: Texts | None = None,
    answers: Answers | None = None,
) -> Clinic:
    """The tools of a call."""
    offer, left = known.offer, _Left(known, records)

    def note(name: str, meta: dict[str, object]) -> None:
        if known.aside is None:
            records.intent(known.call_id, name, meta)

    booking = None if bookings is None else bookings.desk(known, records.later)
    desk = Desk(
        offer.call_sid,
        offer.caller,
        known.office,
        left.keep,
        booking,
        None if texts is None else texts.links(known),
        None if answers is None else answers.desk(known),
        said=known.said,
        region=region_of(known),
        language=lambda: known.language,
        leave_open=left.leave_open,
        stands=left.stands,
    )
    return Clinic(desk, note)


def schemas(office: Office, *, links: bool = False) -> tuple[dict[str, Any], ...]:
    """The tools that the cloud is told of: those for appointments only where some can be booked.

    That for another language only where there is one. `links`: whether links to book by are texted.
    """
    return _schemas(books=bool(office.bookable.offered), links=links, several=len(spoken(office)) > 1)


@cache
def _schemas(*, books: bool, links: bool, several: bool) -> tuple[dict[str, Any], ...]:
    """Made once: they take milliseconds, and a call that begins must not hold up the others."""
    told = offered(books=books, links=links)
    return tuple(tool.schema() for tool in told if several or tool is not SET_LANGUAGE)
