"""`find_slots`: times that are free, in words; each is held for the caller while they decide.

May import: pydantic, appliance.core, appliance.tools.
"""

from dataclasses import replace
from typing import Any

from pydantic import Field

from appliance.core.booking.desk import BookingDesk, NotBooked, SlotsWanted, Why
from appliance.core.dispositions import PEOPLE
from appliance.tools.tool import WORDS_WITHIN_S, Arguments, Desk, Result, Spoken, Tool


class VisitWanted(Arguments):
    """What the caller would like, in the caller's own words."""

    when: str = Field(
        "",
        max_length=200,
        description="When, word for word as the caller said it, such as: Tuesday at two. Never work out a"
        " date yourself: only what the caller has named is looked for. Empty for the first free times.",
    )
    visit: str = Field("", max_length=80, description="What it is for, as the caller named it.")
    provider: str = Field(
        "",
        max_length=80,
        description="With whom, if the caller named somebody, or said yes to somebody. Nobody else counts.",
    )
    minutes: int = Field(0, ge=0, le=480, description="How long, if the caller said so.")
    language: Spoken = ""

    def wanted(self) -> SlotsWanted:
        """The same for the desk."""
        return SlotsWanted(self.when, self.visit, self.provider, self.minutes, self.language)


class VisitWantedAloud(VisitWanted):
    """The same, as our own dialogue has it: with what the caller has said before, and what was offered."""

    earlier: str = Field("", max_length=1000, description="What was said of when before that, a line each.")
    behind: str = Field("", max_length=20, description="The id of an offer: the next times behind it.")

    def wanted(self) -> SlotsWanted:
        """The same for the desk."""
        return replace(VisitWanted.wanted(self), earlier=tuple(self.earlier.splitlines()), behind=self.behind)


def desk_of(desk: Desk) -> BookingDesk:
    """The appointments of this call. Raises NotBooked where nothing is booked by telephone."""
    if desk.bookings is None:
        raise NotBooked("Appointments are not made here: take a message for the staff.", Why.STAFF)
    return desk.bookings


NEXT = "Read them out word for word; book only the one the caller says yes to."
UNNAMED = (
    " The caller was not heard to name {who}, so these are with anybody: where they want {who}, ask whether"
    " it shall be with {who}, and call this again after a yes."
)
NO_TIME = frozenset({Why.NO_CALENDAR, Why.NOTHING_FREE, Why.NO_MORE})
"""Why a caller may want a link: to look by themselves, and later."""


def not_done(refusal: NotBooked) -> Result:
    """Why nothing was done: `error` for the assistant, `say` for the caller; who guesses goes to a person."""
    told = {"ok": False, "error": str(refusal), "why": str(refusal.why), "say": refusal.asked}
    return Result(told, leave=PEOPLE if refusal.why == Why.TRIES else None)


async def _run(desk: Desk, arguments: VisitWanted) -> Result:
    try:
        found = await desk_of(desk).find_slots(arguments.wanted(), ours=desk.ours)
    except NotBooked as exc:
        return _with_link(not_done(exc), desk, exc.why)
    offers: list[dict[str, Any]] = [
        {"number": number, "offer_id": each.offer_id, "said": each.said}
        for number, each in enumerate(found.offers, 1)
    ]
    told = {"ok": True, "visit": found.visit, "exact": found.exact, "offers": offers, "say": found.said}
    if desk.ours:
        # Our own dialogue reads the times out one by one, each with its key.
        return Result({**told, "lead": found.lead})
    return Result({**told, "next": f"{NEXT}{UNNAMED.format(who=found.unnamed) if found.unnamed else ''}"})


def _with_link(refusal: Result, desk: Desk, why: str) -> Result:
    """With the number to which a link may be texted, where that is so: `link`."""
    number = desk.links.offer() if desk.links is not None and why in NO_TIME else ""
    if not number:
        return refusal
    also = "Or offer to text a link to book by, to the number that they call from (text_booking_link)."
    return Result({**refusal.output, "error": f"{refusal.output['error']} {also}", "link": number})


FIND_SLOTS = Tool(
    "find_slots",
    "Find free times for an appointment and hold them for the caller. Nothing is booked by this.",
    VisitWanted,
    _run,
    within_s=WORDS_WITHIN_S,
    aloud=VisitWantedAloud,
)
