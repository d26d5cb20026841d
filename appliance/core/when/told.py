"""What comes of words about a time: a start, or why it has to be asked.

May import: the standard library.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Doubt(StrEnum):
    """Why a caller is asked again."""

    NO_DAY = "no_day"
    NO_TIME = "no_time"
    SEVERAL = "several"
    """More than one day or time was said."""
    VAGUE = "vague"
    """A span, or about a time: "after three", "next week some time"."""
    WHICH_DAY = "which_day"
    """It may be one of two days: "next Friday" on a Monday."""
    WHICH_HALF = "which_half"
    """It may be in the morning or in the evening: a bare six or seven."""
    NO_SUCH_TIME = "no_such_time"
    """It is not in the calendar, or not on the clock: 31 February, a Monday that is a Tuesday."""
    PAST = "past"


class Unclear(Exception):
    """Raised where a doubt is found; carries it."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(str(doubt))
        self.doubt = doubt


@dataclass(frozen=True, slots=True)
class When:
    """What was understood: `start`, aware and in the office's zone, or the doubt to be asked about."""

    start: datetime | None = None
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class OnDay:
    """What was understood of a day: the `day` and perhaps a `part` of it, or the doubt to be asked about."""

    day: date | None = None
    part: str = ""
    doubt: Doubt | None = None
