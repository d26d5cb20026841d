"""The port to a calendar: who is busy when, and appointments in it. An adapter is a class that has its verbs.

The verbs block, with time-outs of their own, and are called on threads that the calendar has for itself;
none is safe in two threads at once but where an adapter says so. Times are aware; spans are half open.
May import: the standard library, appliance.core.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from appliance.core.errors import AttendantError


class Trouble(StrEnum):
    """Why a calendar did not do it, by what can be done about it."""

    AWAY = "away"
    """It cannot be reached, or does not answer in time: it may be there the next time."""
    BUSY = "busy"
    """It asks us to come back later."""
    REFUSED = "refused"
    """It does not let us: key, permission, calendar or licence. Somebody has to change settings."""
    GONE = "gone"
    """There is no such appointment any more."""
    OTHER = "other"
    """It answered what we do not understand."""


class CalendarFailed(AttendantError):
    """A calendar did not do what was asked. Its text is one sentence for the operator, of no patient's words.

    After AWAY it may have been done all the same: who asks again with the same key gets one appointment.
    `wait_s` is how long it asked us to wait, 0 when it did not say. `whole`: every calendar of the service
    would meet it, as without network or token; left out, that is so when it cannot be reached.
    """

    def __init__(
        self, problem: str, trouble: Trouble, wait_s: float = 0.0, *, whole: bool | None = None
    ) -> None:
        super().__init__(problem)
        self.trouble = trouble
        self.wait_s = wait_s
        self.whole = trouble is Trouble.AWAY if whole is None else whole


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time in UTC from `start` to before `end`."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether they share any time."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Appointment:
    """What is to stand in a calendar. `key` names it for ever: the same key is the same appointment.

    Its times are whole seconds. `zone` is the office's IANA time zone, in which the calendar shows it. The
    `colour` in which it is shown (such as #ff8800, or empty) is no part of what makes it the same.
    """

    key: str
    title: str
    notes: str
    span: Span
    zone: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An appointment as the calendar has it. `link` opens it there; empty when it has none.

    `span` is where it stands now: staff may have moved it since it was put in.
    """

    event_id: str
    link: str
    span: Span


class Calendar(Protocol):
    """One account with a calendar service. Every verb raises CalendarFailed."""

    def busy(self, calendar: str, within: Span) -> Sequence[Span]:
        """When this calendar is busy, merged and in order."""

    def find(self, calendar: str, appointment: Appointment) -> Kept | None:
        """The appointment as it stands there; None when it does not.

        Another appointment under its key is Trouble.OTHER.
        """

    def keep(self, calendar: str, appointment: Appointment) -> Kept:
        """Put it in. Asked again with the same appointment it changes nothing and returns what is there.

        Another appointment under a key that is taken is Trouble.OTHER; one that was removed is put in again.
        """

    def move(self, calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        """Give it another time."""

    def remove(self, calendar: str, event_id: str) -> None:
        """Take it out. What is gone already is removed."""

    def check(self, calendar: str) -> None:
        """See that it can be read and written with what we have, as far as can be seen without writing."""


def merged(spans: Sequence[Span]) -> list[Span]:
    """The same time as few spans in order."""
    made: list[Span] = []
    for span in sorted(spans):
        if made and span.start <= made[-1].end:
            made[-1] = Span(made[-1].start, max(made[-1].end, span.end))
        else:
            made.append(span)
    return made
