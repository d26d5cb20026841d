"""What a caller wants, as one utterance tells it. Pure data.

May import: the standard library.
"""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What an utterance is for."""

    HOURS = "hours"
    """When the clinic is open: opening times, open now, holidays."""

    TRANSFER_DEPARTMENT = "transfer_department"
    """To be put through to a department, named or not."""

    LEAVE_MESSAGE = "leave_message"
    """To leave a message, reach the voicemail or be called back."""

    BOOK = "book"
    """A new appointment."""

    MOVE = "move"
    """Another time for an appointment that exists."""

    CANCEL = "cancel"
    """To give an appointment up."""

    QUESTION = "question"
    """Anything else that the clinic may know: insurance, address, price, preparation for a test."""

    LANGUAGE_SWITCH = "language_switch"
    """To go on in another language."""

    GOODBYE = "goodbye"
    """To end the call."""

    REPEAT = "repeat"
    """To hear the last words again."""

    YES = "yes"
    """Agreement."""

    NO = "no"
    """Refusal, or a correction without the right value."""

    PERSON = "person"
    """To speak with a human, whoever it is."""

    EMERGENCY = "emergency"
    """Somebody may be in danger."""

    NONE = "none"
    """Nothing for the clinic: fillers, noise, other subjects."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one utterance was understood to want."""

    intent: Intent
    department: str = ""
    """The slug of the one department that was named; empty when none or several fit."""

    candidates: tuple[str, ...] = ()
    """The slugs that fit equally well, when it could not be told which is meant."""

    language: str | None = None
    """The language asked for, as `en` or `es`; None when another one is, or none."""

    confidence: float = 0.0
    """How sure this is, 0 to 1."""
