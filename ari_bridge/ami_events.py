"""What Asterisk's manager interface tells of calls, read into our own words. Knows nothing of sockets.

Our dialplan tells what becomes of a call by user events of its own, `UserEvent(Attendant,Did: ...)`; whether
a phone can be reached Asterisk tells by itself. Sans-I/O. Source: Asterisk 22's AMI 11.
May import: the standard library, appliance.core, ari_bridge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.core.steps import CallEnded, CallOffered, RingEnded, VoicemailTaken
from ari_bridge import past
from ari_bridge.arrival import CARRIER, RESULTS, number

LEGS = "WebSocket/"
"""Begins the names of our legs' channels."""
EVENT = "Attendant"
"""The name of our dialplan's user events."""


@dataclass(frozen=True, slots=True)
class PhoneState:
    """A phone can be reached, or cannot."""

    phone: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Something happened in a call, of which we may not have heard before; None is that it began."""

    offer: CallOffered
    what: RingEnded | VoicemailTaken | CallEnded | None
    rang: tuple[RingEnded, ...] = ()
    """At the end of a call, how each phone did that rang in it, whether that was heard of before or not."""


@dataclass(frozen=True, slots=True)
class DeskAsked:
    """A desk's phone was answered, and is asked whether it takes the call; `desk` is empty once it has."""

    call_sid: str
    desk: str
    """Its channel."""


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """The channel of a caller, or any other, is about to end: where the dialplan is, it may not know yet."""

    call_sid: str


@dataclass(frozen=True, slots=True)
class HandedToUs:
    """A desk has connected a caller with a call of its own to us: the caller's channel, and our leg's."""

    channel: str
    leg: str


@dataclass(frozen=True, slots=True)
class PutOnHold:
    """A desk has put its caller on hold, or talks again; which call it is of, a call of ours or not."""

    call_sid: str
    on_hold: bool


@dataclass(frozen=True, slots=True)
class ZeroPressed:
    """Who began a call pressed 0, whatever is done by it."""

    call_sid: str
    channel: str


AmiEvent = Told | PhoneState | DeskAsked | CallerLeft | HandedToUs | PutOnHold | ZeroPressed
REACHABLE = {"Reachable": True, "NonQualified": True, "Created": True, "Unreachable": False, "Removed": False}


def read(message: Mapping[str, str], country_code: str = "1") -> AmiEvent | None:
    """One event; None for one that says nothing to us, or not enough."""
    match message.get("Event"):
        case "UserEvent" if message.get("UserEvent") == EVENT and message.get("Did") in ("asked", "taken"):
            return DeskAsked(message.get("Call", ""), message.get("Desk", ""))
        case "UserEvent" if message.get("UserEvent") == EVENT and message.get("Call"):
            caller, called = (number(message.get(name, ""), country_code) for name in ("Caller", "Called"))
            offer = CallOffered(message["Call"], caller, called, CARRIER)
            known, what = _told(message)
            return Told(offer, what, past.went(offer.call_sid, message.get("Went", ""))) if known else None
        case "ContactStatus" if message.get("ContactStatus") in REACHABLE and message.get("AOR"):
            return PhoneState(message["AOR"], REACHABLE[message["ContactStatus"]])
        case "AttendedTransfer" if message.get("TransferTargetChannel", "").startswith(LEGS):
            channel = message.get("TransfereeChannel", "")
            return HandedToUs(channel, message["TransferTargetChannel"]) if channel else None
        case "HangupRequest" if message.get("Uniqueid"):
            return CallerLeft(message["Uniqueid"])
        case "Hold" | "Unhold" | "DTMFEnd" if message.get("Linkedid"):
            return _at_a_phone(message)
        case _:
            return None


def _at_a_phone(message: Mapping[str, str]) -> PutOnHold | ZeroPressed | None:
    """What is done at a phone in a call, which is known by the channel that began it."""
    call, begun_here = message["Linkedid"], message["Linkedid"] == message.get("Uniqueid")
    if message["Event"] != "DTMFEnd":
        # Who has put others on hold is not on hold.
        return None if begun_here else PutOnHold(call, message["Event"] == "Hold")
    pressed = message.get("Direction") == "Received" and message.get("Digit") == "0"
    return ZeroPressed(call, message.get("Channel", "")) if begun_here and pressed else None


def _told(message: Mapping[str, str]) -> tuple[bool, RingEnded | VoicemailTaken | CallEnded | None]:
    """Whether we know what is told, and what it is."""
    call = message["Call"]
    seconds = int(text) if (text := message.get("Seconds", "")).isdigit() else 0
    match message.get("Did"):
        case "rang":
            result = RESULTS.get(message.get("Result", ""), "failed")
            return True, RingEnded(call, result, seconds, message.get("Department", ""))
        case "voicemail" if name := message.get("File", ""):
            return True, VoicemailTaken(call, name, seconds)
        case "missed":
            return True, None
        case "over":
            return True, CallEnded(call, "completed", seconds=seconds)
        case _:
            return False, None
