"""A call that comes to us with its media: what the dialplan tells of it in the channel's variables. Pure.

May import: the standard library, appliance.core, ari_bridge.media_events.
"""

import re
from dataclasses import dataclass

from appliance.core.errors import WireError
from appliance.core.steps import CallOffered, RingEnded
from ari_bridge.media_events import MediaStarted

CARRIER = "asterisk"
CALL, CHANNEL, CALLER, CALLED, RANG = (
    "ATTENDANT_CALL",
    "ATTENDANT_CHANNEL",
    "ATTENDANT_CALLER",
    "ATTENDANT_CALLED",
    "ATTENDANT_RANG",
)
"""The variables, without the underscores that have them inherited."""
RESULTS = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "NOANSWER": "no-answer",
    "CANCEL": "canceled",
    "DONTCALL": "busy",
    "TORTURE": "busy",
    "CONGESTION": "failed",
    "CHANUNAVAIL": "failed",
    "INVALIDARGS": "failed",
}
"""How phones did, by Dial's DIALSTATUS."""
OWN = "self-"
"""Begins the name of a call that the box places to itself, and of no other."""
_CHANNEL = re.compile(r"[A-Za-z0-9/@.;_:+-]{1,120}")
_CALL = re.compile(r"[A-Za-z0-9.:_-]{1,80}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call, the channel of its caller, and how phones did that rang before it came back to us."""

    offer: CallOffered
    channel: str
    ring: RingEnded | None = None


def arrived(started: MediaStarted, country_code: str = "1") -> Arrival:
    """What the variables say. Raises WireError when they do not say which call it is."""
    given = started.variables
    call, channel = given.get(CALL, ""), given.get(CHANNEL, "")
    if not (_CALL.fullmatch(call) and _CHANNEL.fullmatch(channel)):
        raise WireError("a channel that does not say which call it is of", call or channel)
    caller, called = (number(given.get(name, ""), country_code) for name in (CALLER, CALLED))
    status, _, department = given.get(RANG, "").partition(":")
    rang = RingEnded(call, RESULTS.get(status, "failed"), department=department) if status else None
    return Arrival(CallOffered(call, caller, called, CARRIER), channel, rang)


def own(call_sid: str) -> bool:
    """Whether the box itself is the caller."""
    return call_sid.startswith(OWN)


def number(text: str, country_code: str = "1") -> str:
    """A telephone number as E.164, an extension of the house as it is, anything else as withheld (empty).

    A trunk may give a number in the country's own form: 10 digits in North America.
    """
    kept = re.sub(r"[ ().-]", "", text)
    if kept.startswith("00"):
        kept = "+" + kept[2:]
    if _E164.fullmatch(kept):
        return kept
    if not _DIGITS.fullmatch(kept):
        return ""
    if country_code == "1" and len(kept) == 11 and kept[0] == "1":
        return "+" + kept
    if country_code == "1" and len(kept) == 10:
        return "+1" + kept
    if len(kept) >= 7 and kept[0] == "0":
        return f"+{country_code}{kept[1:]}"
    return kept
