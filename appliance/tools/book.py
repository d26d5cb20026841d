"""`book_appointment`: books what was offered in this call alone; `request_appointment`: asks the staff to.

May import: pydantic, appliance.core, appliance.tools.
"""

from pydantic import Field

from appliance.core.booking.desk import Done, NotBooked
from appliance.core.booking.identity import Identity
from appliance.core.booking.rules import Deed
from appliance.tools.message import RECORDING
from appliance.tools.slots import VisitWanted, desk_of, not_done
from appliance.tools.tool import WORDS_WITHIN_S, Arguments, Desk, Result, Spoken, Tool

BORN = r"^(\d{4}-\d{2}-\d{2})?$"


class OfferTaken(Arguments):
    """The offer that the caller said yes to, and who comes."""

    offer_id: str = Field(max_length=20, description="The id of the offer, from find_slots.")
    name: str = Field(max_length=80, description="The patient's full name, as the caller said it.")
    phone: str = Field(
        "", max_length=30, description="Empty for the number that they call from; else the one they said."
    )
    born: str = Field("", pattern=BORN, description="The patient's day of birth as 1980-03-09, if said.")
    language: Spoken = ""


class OfferTakenAloud(OfferTaken):
    """The same, as our own dialogue had it: with the patient's name as it was recorded, or by keys alone."""

    recording: str = Field(
        "", pattern=RECORDING, description="The name under which it was recorded; empty by keys alone."
    )


class VisitRequested(VisitWanted):
    """What the caller would like, and who they are."""

    name: str = Field(min_length=1, max_length=80, description="The patient's full name.")
    phone: str = Field(
        "", max_length=30, description="Empty for the number that they call from; else the one they said."
    )


def done(made: Done) -> Result:
    """What became of it: `confirmed` alone may be called so."""
    told = "It is confirmed." if made.sure else "It is NOT confirmed: say that it is a request."
    return Result({"ok": True, "confirmed": made.sure, "say": made.said, "next": told})


async def _book(desk: Desk, arguments: OfferTaken) -> Result:
    ours = isinstance(arguments, OfferTakenAloud)
    recording = arguments.recording if isinstance(arguments, OfferTakenAloud) else ""
    patient = Identity(arguments.phone, arguments.name, arguments.born)
    try:
        made = await desk_of(desk).book(arguments.offer_id, patient, arguments.language, recording, ours=ours)
    except NotBooked as exc:
        return not_done(exc)
    return done(made)


async def _request(desk: Desk, arguments: VisitRequested) -> Result:
    patient = Identity(arguments.phone, arguments.name)
    try:
        return done(await desk_of(desk).request(arguments.wanted(), patient))
    except NotBooked as exc:
        return not_done(exc)


BOOK_APPOINTMENT = Tool(
    "book_appointment",
    "Book one of the times that find_slots offered, after you have read out its day and hour, what it is for"
    " and with whom, and the caller has said yes to it. Ask before whether the number that they call from is"
    " right.",
    OfferTaken,
    _book,
    within_s=WORDS_WITHIN_S,
    rules=(Deed.KNOWN,),
)
BOOK_BY_VOICE = Tool(
    "book_spoken_appointment",
    "Book an offer for a patient whose name was recorded, or who has told a day of birth by keys.",
    OfferTakenAloud,
    _book,
    offered=False,
    rules=(Deed.KNOWN,),
)
REQUEST_APPOINTMENT = Tool(
    "request_appointment",
    "Write down for the staff that the caller would like an appointment, when it cannot be booked now.",
    VisitRequested,
    _request,
    within_s=WORDS_WITHIN_S,
)
