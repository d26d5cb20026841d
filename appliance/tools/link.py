"""`text_booking_link`: a text with a link, by which the caller books without us.

May import: pydantic, appliance.core, appliance.tools.
"""

from pydantic import Field

from appliance.core.booking.linking import NO_TEXT, About, LinkDesk, NotTexted
from appliance.tools.tool import Arguments, Desk, Result, Spoken, Tool

WITHIN_S = 8.0
"""The caller's last words are waited for, then the disk, then the carrier, then the disk again."""


class LinkWanted(Arguments):
    """Where the link is to go."""

    phone: str = Field(
        "",
        max_length=30,
        description="Empty for the number that they call from; else the mobile number that they said.",
    )
    about: About = Field(
        About.APPOINTMENT,
        description="`clinic` for the clinic's web page, when a question could not be answered.",
    )
    language: Spoken = ""


class LinkAgreed(LinkWanted):
    """The same, once our own dialogue has had the yes."""


def _links_of(desk: Desk) -> LinkDesk:
    if desk.links is None:
        raise NotTexted("No links are texted here: offer a request or a message.", NO_TEXT)
    return desk.links


async def _run(desk: Desk, arguments: LinkWanted) -> Result:
    asked = isinstance(arguments, LinkAgreed)
    try:
        texted = await _links_of(desk).text(
            arguments.phone, arguments.language, asked=asked, about=arguments.about
        )
    except NotTexted as exc:
        return Result({"ok": False, "error": str(exc), "why": exc.why, "say": exc.asked})
    told = "It was sent." if texted.sure else "It is NOT known to be sent: do not say that it was."
    return Result({"ok": True, "texted": texted.sure, "say": texted.said, "next": told})


TEXT_BOOKING_LINK = Tool(
    "text_booking_link",
    "Text the caller a link to book an appointment by themselves: when no calendar can be reached, nothing"
    " suits, or they would rather; or one to the clinic's web page. Ask first whether the number"
    " that they call from is right.",
    LinkWanted,
    _run,
    within_s=WITHIN_S,
)
SEND_BOOKING_LINK = Tool(
    "send_booking_link",
    "Text a link to a number that the caller has just agreed to.",
    LinkAgreed,
    _run,
    offered=False,
    within_s=WITHIN_S,
)
