"""What the doctor says: one line for each thing that was looked at. Pure.

May import: the standard library.
"""

from dataclasses import dataclass
from enum import StrEnum

ADDRESS = "address"
"""The part that is the way from Twilio to the box."""


class Health(StrEnum):
    """How a part is. `note`: it serves, and somebody may want to know this."""

    WELL = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Examined:
    """A part, how it is, and a sentence: of what it is, or of what is missing and what to do."""

    part: str
    health: Health
    told: str


def well(part: str, told: str = "") -> Examined:
    """A part that is as it should be."""
    return Examined(part, Health.WELL, told)


def note(part: str, told: str) -> Examined:
    """A part that serves."""
    return Examined(part, Health.NOTE, told)


def missing(part: str, told: str) -> Examined:
    """A part that does not serve."""
    return Examined(part, Health.MISSING, told)
