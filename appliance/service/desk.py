"""What can be done during one call, and where that is kept: of a call of the box to itself nothing is.

May import: appliance.core, appliance.service, appliance.tools.
"""

from functools import cache, partial
from typing import Any

from appliance.core.errors import AttendantError
from appliance.core.other_languages import spoken
from appliance.core.staff import Office
from appliance.service.answers import Answers
from appliance.service.booking.part import Bookings
from appliance.service.booking.wishing import REQUESTED
from appliance.service.known_call import MESSAGE, WISH, KnownCall, region_of
from appliance.service.records import BridgeRecords, keeping, taking_back
from appliance.service.texts.part import Texts
from appliance.tools.language import SET_LANGUAGE
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import Clinic, offered


def toolbox(
    known: KnownCall,
    records: BridgeRecords,
    bookings: Bookings | None = None,
    texts: Texts | None = None,
    answers: Answers | None = None,
) -> Clinic:
    """The tools of a call."""
    offer = known.offer

    async def keep(told: Note) -> None:
        if known.aside is None:
            try:
                await records.message(offer.call_sid, told)
            except AttendantError:
                if not told.unfinished:
                    raise
                # Nobody is told that it is kept: it is written as soon as the disk lets us.
                records.later(keeping(offer.call_sid, told))
            known.keeps(partial(records.later, taking_back(offer.call_sid, told)), sure=not told.unfinished)
        known.leave_open(WISH if told.subject == REQUESTED else MESSAGE, None)

    def leave_open(told: Note) -> None:
        if known.aside is None:
            known.leave_open(MESSAGE, partial(records.later, keeping(offer.call_sid, told)))

    def note(name: str, meta: dict[str, object]) -> None:
        if known.aside is None:
            records.intent(known.call_id, name, meta)

    booking = None if bookings is None else bookings.desk(known, records.later)
    desk = Desk(
        offer.call_sid,
        offer.caller,
        known.office,
        keep,
        booking,
        None if texts is None else texts.links(known),
        None if answers is None else answers.desk(known),
        said=known.said,
        region=region_of(known),
        language=lambda: known.language,
        leave_open=leave_open,
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
