"""`take_message` and `call_back`: what staff are told, on disk before the assistant may say so.

What a model made up is not trusted: the number is the one that the caller rings from, or one that the caller
said or keyed; a name that is not in the caller's words is asked for once more, and marked then.
"""

import asyncio
from typing import Literal

from pydantic import Field

from appliance.core import telephone
from appliance.core.errors import AttendantError
from appliance.tools import heard
from appliance.tools.tool import Arguments, Desk, Note, Result, Tool

Urgency = Literal["normal", "urgent"]
RECORDING = r"^(message-[0-9a-f-]{1,60}\.wav)?$"
CALLER_ID, NO_NUMBER = "caller_id", "none"
WITHIN_S = 6.0
"""The caller's last words are waited for, and then the disk."""
KEPT = "I have written that down for the staff."
WILL_CALL = "I have put you on the list of calls for the staff to return."


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


async def _message(desk: Desk, arguments: MessageGiven) -> Result:
    return await _told(desk, arguments, Note(arguments.subject, arguments.body), KEPT)


async def _call_back(desk: Desk, arguments: CallBackWanted) -> Result:
    if arguments.number == NO_NUMBER:
        raise NotSaid("A call needs a number: ask whether the one they call from is right, or for another.")
    return await _told(desk, arguments, Note("Call back", arguments.about, call_back=True), WILL_CALL)


async def _told(desk: Desk, caller: CallerTold, note: Note, say: str) -> Result:
    """Keep what a model was told, as far as the caller has told it. Raises NotSaid."""
    turns = await desk.said()
    # A long call is read for a twentieth of a second: not on the loop that carries the calls.
    number, name_heard = await asyncio.to_thread(_held_against, desk, caller, note, turns)
    if not name_heard and not heard.answered(turns, desk.doubted.setdefault(caller.name, len(turns))):
        raise NotSaid("The caller was not heard saying this name. Ask for it, spelled if need be.")
    urgent = caller.urgency == "urgent"
    await desk.keep_message(note.of(caller.name, number, name_heard=name_heard, urgent=urgent))
    told = {"number": telephone.shown(number, desk.region)} if number else {}
    return Result({"ok": True, "say": say, **told})


def _held_against(desk: Desk, caller: CallerTold, note: Note, turns: heard.Turns) -> tuple[str, bool]:
    """The number to call back, and whether the name was heard. Raises NotSaid."""
    number = _number(desk, caller.number, turns)
    written = telephone.within_text(f"{note.subject}. {note.body}", desk.region)
    if any(each != desk.caller and not heard.number_said(each, turns, desk.region) for each in written):
        raise NotSaid("The caller has not said the number in the message. Leave it out, or ask for it.")
    return number, not caller.name or heard.name_said(caller.name, turns)


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
    note = Note(arguments.subject, arguments.body, recording=arguments.recording)
    urgent = arguments.urgency == "urgent"
    await desk.keep_message(note.of(arguments.name, number, name_heard=True, urgent=urgent))
    return Result({"ok": True, "say": KEPT})


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
