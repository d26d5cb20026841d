"""How long what is known of callers is kept. Pure.

May import: the standard library, pydantic.
"""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST = 36_500


AUDIT_LEAST = 365
"""The database itself lets nothing younger go."""


def _a_year_or_more(days: int) -> int:
    if 0 < days < AUDIT_LEAST:
        raise ValueError(f"must be {AUDIT_LEAST} or more, or 0")
    return days


class KeepDays(BaseModel):
    """For how many days is kept what the box knows of callers, and of who saw it; 0 is for ever.

    What is open on the callback list stays, whatever its age, and so does what is under a legal hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    recordings: int = Field(90, ge=0, le=MOST)
    """Voicemail and recorded messages, since they were left."""
    recordings_done: int = Field(30, ge=0, le=MOST)
    """The same, since they were dealt with, if that is sooner."""
    transcripts: int = Field(30, ge=0, le=MOST)
    """What was said and keyed in calls."""
    logs: int = Field(90, ge=0, le=MOST)
    """How calls went, step by step, and how quick; codes of desk phones; who was told of callbacks."""
    questions: int = Field(365, ge=0, le=MOST)
    """Questions that nobody could answer; they go with their calls, too."""
    texts: int = Field(90, ge=0, le=MOST)
    """Which texts were sent, and the links in them; who wants none is known for good."""
    calls: int = Field(365, ge=0, le=MOST)
    """That there was a call: when, of whom, how it ended, what it cost."""
    messages: int = Field(365, ge=0, le=MOST)
    """Messages and entries of the callback list, since they were dealt with."""
    bookings: int = Field(365, ge=0, le=MOST)
    """Appointments, since they were over; the calendar outside keeps its own."""
    audit: Annotated[int, AfterValidator(_a_year_or_more)] = Field(2190, ge=0, le=MOST)
    """Who did what in the admin; 365 at the least."""

    def before(self, kind: str, now: datetime) -> datetime | None:
        """What is older than this goes; None where nothing does."""
        days: int = getattr(self, kind)
        return now - timedelta(days=days) if days else None
