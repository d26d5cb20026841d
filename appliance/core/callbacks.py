"""The callback list: why somebody is to be called back, how much that presses, and by when it is due. Pure.

May import: the standard library, pydantic, appliance.core.
"""

import re
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from pydantic import BaseModel, ConfigDict, Field

from appliance.core.opening import Opening

E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class Cause(StrEnum):
    """Why somebody is to be called back."""

    EMERGENCY = "emergency"
    """The caller spoke of danger, and reached nobody."""
    VOICEMAIL = "voicemail"
    MESSAGE = "message"
    """Written down in a call."""
    CALL_BACK = "call_back"
    """The caller asked for a call."""
    TRANSFER = "transfer"
    """Phones rang, and nobody took the call."""
    CUT_OFF = "cut_off"
    """The call broke off: by us, or by the line."""
    HANG_UP = "hang_up"
    """The caller hung up before anything came of the call."""
    BOOKING = "booking"
    """An appointment that somebody has to look after."""
    TEXT = "text"
    """A text that came in, or one that did not arrive."""
    QUESTION = "question"
    """What the office's documents do not say."""


class Urgency(IntEnum):
    """How much it presses: the lowest first."""

    EMERGENCY = 0
    URGENT = 1
    NORMAL = 2


class DueMinutes(BaseModel):
    """By when callers are to be called back.

    Those of `emergency` and `urgent` count by the clock; all others are minutes in which the clinic is open.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    emergency: int = Field(10, ge=0, le=10_080)
    """Who spoke of danger and reached nobody."""
    urgent: int = Field(60, ge=0, le=10_080)
    """What cannot wait for the next working day."""
    cut_off: int = Field(60, ge=0, le=10_080)
    """Calls that broke off."""
    transfer: int = Field(120, ge=0, le=10_080)
    """Phones rang in vain."""
    call_back: int = Field(240, ge=0, le=10_080)
    """Callers who asked for a call."""
    voicemail: int = Field(240, ge=0, le=10_080)
    """Recorded messages."""
    message: int = Field(240, ge=0, le=10_080)
    """Messages that were written down."""
    booking: int = Field(240, ge=0, le=10_080)
    """Appointments that somebody has to look after."""
    text: int = Field(480, ge=0, le=10_080)
    """Texts."""
    question: int = Field(480, ge=0, le=10_080)
    """Questions without an answer."""
    hang_up: int = Field(480, ge=0, le=10_080)
    """Callers who hung up."""


def due(cause: Cause, urgency: Urgency, at: datetime, minutes: DueMinutes, opening: Opening) -> datetime:
    """By when to call back on this, in the zone of `at`."""
    if urgency is Urgency.NORMAL and cause is not Cause.EMERGENCY:
        return opening.after(at, timedelta(minutes=getattr(minutes, cause)))
    presses = minutes.urgent if urgency is Urgency.URGENT else minutes.emergency
    return at + timedelta(minutes=presses)


def to_call(*numbers: str) -> str:
    """The first of these that can be called back (E.164), or nothing: withheld, a desk phone, digits."""
    return next((each for each in numbers if E164.fullmatch(each)), "")
