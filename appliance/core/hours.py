"""Opening hours of a week: when it is open, and how that is said.

May import: the standard library, pydantic.
"""

import itertools
from datetime import datetime, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _in_order(spans: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
    edges = [edge for span in spans for edge in span]
    if any(edge.tzinfo for edge in edges):
        raise ValueError("times of a day are the office's own, without a time zone")
    if any(later <= earlier for earlier, later in itertools.pairwise(edges)):
        raise ValueError("times of a day must rise, such as 08:00-12:00 then 13:00-17:00")
    return spans


Spans = Annotated[tuple[tuple[time, time], ...], AfterValidator(_in_order)]


class WeeklyHours(BaseModel):
    """The spans of each day in the office's own time; a day without spans is closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monday: Spans = ((time(8), time(17)),)
    tuesday: Spans = ((time(8), time(17)),)
    wednesday: Spans = ((time(8), time(17)),)
    thursday: Spans = ((time(8), time(17)),)
    friday: Spans = ((time(8), time(17)),)
    saturday: Spans = ()
    sunday: Spans = ()

    def of(self, day: str) -> tuple[tuple[time, time], ...]:
        """The spans of a day, by its English name in lower case."""
        spans: tuple[tuple[time, time], ...] = getattr(self, day)
        return spans

    def open_at(self, local: datetime) -> bool:
        """Whether the office is open at a time given in the office's own zone."""
        now = local.time().replace(tzinfo=None)
        return any(start <= now < end for start, end in self.of(DAYS[local.weekday()]))

    def said(self) -> str:
        """The week in words, neighbouring days with the same hours together."""
        groups: list[tuple[list[str], tuple[tuple[time, time], ...]]] = []
        for day in DAYS:
            if groups and groups[-1][1] == self.of(day):
                groups[-1][0].append(day)
            else:
                groups.append(([day], self.of(day)))
        opened = [f"{_days_said(days)} {_spans_said(spans)}" for days, spans in groups if spans]
        said = f"We are open {', and '.join(opened)}." if opened else "We are closed at the moment."
        return said.replace("..", ".")


def _days_said(days: list[str]) -> str:
    names = [day.capitalize() for day in days]
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _spans_said(spans: tuple[tuple[time, time], ...]) -> str:
    return " and ".join(f"from {time_said(start)} to {time_said(end)}" for start, end in spans)


def time_said(at: time) -> str:
    """A time as it is spoken in US English, such as `8 a.m.` or `5:30 p.m.`."""
    hour = at.hour % 12 or 12
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{hour}{minutes} {'a.m.' if at.hour < 12 else 'p.m.'}"
