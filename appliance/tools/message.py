"""`take_message` and `call_back`: what staff are told, on disk before the assistant may say so.

What a model made up is not trusted: the number is one that the caller said or keyed, or that they ring from
and were asked about; a name that is not in the caller's words is asked for once more. What is not sure
then is marked, and so are dates and names in the message; what the caller was heard to say stands beside it.
"""

import asyncio
from dataclasses import replace
from typing import Literal

from pydantic import Field

from appliance.core import telephone
from appliance.core.booking import saying
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.desk import Why
from appliance.core.errors import AttendantError
from appliance.tools import heard
from appliance.tools.tool import Arguments, Desk, Note, Result, Tool
from appliance.tools.unheard import unheard
from models.local import sentences

Urgency = Literal["normal", "urgent"]
RECORDING = r"^(message-[0-9a-f-]{1,60}\.wav)?$"
CALLER_ID, NO_NUMBER = "caller_id", "none"
WITHIN_S = 6.0
"""The caller's last words are waited for, and then the disk."""
KEPT = "message_kept"
"""The sentence that says so."""
UNHEARD_NAME = "The caller was not heard saying this name. Ask for it, spelled if need be."
UNCONFIRMED = "The caller has not confirmed the number that they call from. Ask, and call this again: "


class NotSaid(AttendantError):
    """The assistant gave what the caller has not said. The text is what to ask."""


class CallerTold(Arguments):
    """Who calls, and how they are reached."""

    name: str = Field(
        "", max_length=80, description="The caller's name as they said it; empty if they did not."
    )
    number: str = Field(
        min_length=1,
        max_length=40,
        description="Where to call back: the digits that the caller said or keyed; or `caller_id` when they"
        " have agreed to the number that they call from; or `none` when they want no call.",
    )
    urgency: Urgency = Field(
        "normal", description="`urgent` only if the caller says that it cannot wait for the next working day."
    )


class MessageGiven(CallerTold):
    """What the caller wants to be told to the staff."""

    subject: str = Field(min_length=1, max_length=120, description="What it is about, in a few words.")
    body: str = Field(min_length=1, max_length=2000, description="The message, without name and number.")


class CallBackWanted(CallerTold):
    """What the caller wants to be called about."""

    about: str = Field(min_length=1, max_length=500, description="What the call is to be about, and when.")


class MessageSpoken(Arguments):
    """A message that our own dialogue asked for: it has read back what is not a recording."""

    subject: str = Field(min_length=1, max_length=120, description="What it is about, in a few words.")
    body: str = Field(min_length=1, max_length=2000, description="What was understood of it.")
    name: str = Field("", max_length=80, description="Who spoke it; empty when only the recording says.")
    number: str = Field("", max_length=40, description="Where to call back; empty when that is not known.")
    urgency: Urgency = Field("normal", description="`urgent` when the caller said that it cannot wait.")
    recording: str = Field("", pattern=RECORDING, description="The name under which it was recorded.")
    confirmed: Literal["yes", "no"] = Field(
        "yes", description="Whether the caller has said yes to the number."
    )
    sure: Literal["yes", "no"] = Field(
        "yes", description="`no` for what was left unfinished: it stands until the last words take it back."
    )


async def _message(desk: Desk, arguments: MessageGiven) -> Result:
    kept = sentences.text(KEPT, desk.language())
    return await _told(desk, arguments, Note(arguments.subject, arguments.body), kept)


async def _call_back(desk: Desk, arguments: CallBackWanted) -> Result:
    if arguments.number == NO_NUMBER:
        raise NotSaid("A call needs a number: ask whether the one they call from is right, or for another.")
    listed = saying.sentence(desk.language(), "will_call")
    return await _told(desk, arguments, Note("Call back", arguments.about, call_back=True), listed)


async def _told(desk: Desk, caller: CallerTold, note: Note, say: str) -> Result:
    """Keep what a model was told, as far as the caller has told it. Raises NotSaid."""
    turns = await desk.said()
    # A long call is read for a twentieth of a second: not on the loop that carries the calls.
    told = await asyncio.to_thread(_held_against, desk, caller, note, turns)
    asked = telephone.shown(told.number, desk.region)
    problems, question = list[str](), ""
    if not told.name_heard and not _insisted(desk, caller.name, turns):
        problems.append(UNHEARD_NAME)
    if told.number_from is NumberFrom.CALLER_ID and not _insisted(desk, told.number, turns):
        question = saying.question(desk.language(), Why.NUMBER, number=asked)
        problems.append(f"{UNCONFIRMED}{question}")
    if problems:
        # Who has told all of it and hangs up at the question has left a message.
        desk.leave_open(told)
        return Result({"ok": False, "error": " ".join(problems), **({"say": question} if question else {})})
    await desk.keep_message(told)
    return Result({"ok": True, "say": say, **({"number": asked} if asked else {})})


def _insisted(desk: Desk, what: str, turns: heard.Turns) -> bool:
    """Whether this was asked for once more, and something was answered: then it is taken, and marked."""
    return heard.answered(turns, desk.doubted.setdefault(what, len(turns)))


def _held_against(desk: Desk, caller: CallerTold, note: Note, turns: heard.Turns) -> Note:
    """The note with all that is known of the caller, and what they were not heard to say. Raises NotSaid."""
    number, text = _number(desk, caller.number, turns), f"{note.subject}. {note.body}"
    written = telephone.within_text(text, desk.region)
    if any(each != desk.caller and not heard.number_said(each, turns, desk.region) for each in written):
        raise NotSaid("The caller has not said the number in the message. Leave it out, or ask for it.")
    office = desk.office
    known = (office.staff.business_name, caller.name, *(line.name for line in office.departments))
    return replace(
        note,
        name=caller.name,
        number=number,
        name_heard=not caller.name or heard.name_said(caller.name, turns),
        urgent=caller.urgency == "urgent",
        number_from=heard.number_from(number, desk.caller, turns) if number else None,
        words=heard.own_words(turns),
        unheard=unheard(
            note.body, turns, office.staff.opening.local(desk.clock()), known, subject=note.subject
        ),
    )


def _number(desk: Desk, given: str, turns: heard.Turns) -> str:
    """The number to call back, which is empty when none is wanted. Raises NotSaid."""
    if given == NO_NUMBER:
        return ""
    own = desk.caller and (given == CALLER_ID or telephone.e164(given, desk.region) == desk.caller)
    if own:
        return desk.caller
    if given == CALLER_ID:
        raise NotSaid("The caller's number is withheld. Ask for it, said digit by digit or keyed in.")
    number = heard.number_said(given, turns, desk.region)
    if not number:
        raise NotSaid(
            "The caller has not said or keyed this number as a whole. Ask for the whole number with its"
            " area code, or have it keyed in and ended with the pound key."
        )
    return number


async def _spoken(desk: Desk, arguments: MessageSpoken) -> Result:
    number = telephone.e164(arguments.number, desk.region) or arguments.number
    known = NumberFrom.CALLER_ID if number == desk.caller else NumberFrom.HEARD
    if arguments.confirmed == "yes":
        known = NumberFrom.CONFIRMED
    note = Note(
        arguments.subject,
        arguments.body,
        name=arguments.name,
        number=number,
        urgent=arguments.urgency == "urgent",
        recording=arguments.recording,
        number_from=known if number else None,
        unfinished=arguments.sure == "no",
    )
    await desk.keep_message(note)
    return Result({"ok": True, "say": sentences.text(KEPT, desk.language())})


TAKE_MESSAGE = Tool(
    "take_message",
    "Take a message for the staff. Ask for the name, what it is about, and whether the number that they call"
    " from is right; read the number back that this returns.",
    MessageGiven,
    _message,
    within_s=WITHIN_S,
)
CALL_BACK = Tool(
    "call_back",
    "Put the caller on the list of those whom the staff call back. Never promise a time.",
    CallBackWanted,
    _call_back,
    within_s=WITHIN_S,
)
TAKE_SPOKEN_MESSAGE = Tool(
    "take_spoken_message", "Keep a message that was spoken to the box.", MessageSpoken, _spoken, offered=False
)
