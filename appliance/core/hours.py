"""Opening hours of a week: when it is open, and how that is said.

The words of a language are data (its `opening.toml`). May import: the standard library, pydantic,
appliance.languages.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from appliance.languages.tables import table

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

    def said(self, language: str = "en") -> str:
        """The week in words, neighbouring days with the same hours together."""
        told = words(language)
        groups: list[tuple[list[str], tuple[tuple[time, time], ...]]] = []
        for day in DAYS:
            if groups and groups[-1][1] == self.of(day):
                groups[-1][0].append(day)
            else:
                groups.append(([day], self.of(day)))
        opened = [told.span(days, spans) for days, spans in groups if spans]
        return told.opened(opened) if opened else told.closed


@dataclass(frozen=True, slots=True)
class Words:
    """How a language says opening hours."""

    days: tuple[str, ...]
    one_day: str
    some_days: str
    joined: str
    sentence: str
    between: str
    closed: str
    clock: Callable[[time], str]
    hours: str

    def span(self, days: list[str], spans: tuple[tuple[time, time], ...]) -> str:
        """Some days with their hours."""
        names = [self.days[DAYS.index(day)] for day in days]
        said = self.some_days.format(names[0], names[-1]) if names[1:] else self.one_day.format(names[0])
        hours = [self.hours.format(self.clock(start), self.clock(end)) for start, end in spans]
        return f"{said} {self.joined.join(hours)}"

    def opened(self, opened: list[str]) -> str:
        """The whole week."""
        return self.sentence.format(self.between.join(opened)).replace("..", ".")


@dataclass(frozen=True, slots=True)
class Clock:
    """How a language says a time of day."""

    hours: int
    """On the dial: 12 or 24."""
    whole: str
    broken: str
    """A time with minutes."""
    said: str
    said_at_one: str
    """`la 1`, not `las 1`."""
    parts: tuple[tuple[int, str], ...]
    """Parts of the day, each with the hour that is not its own any more."""

    def __call__(self, at: time) -> str:
        """Such as `8 a.m.`, or `las 8 de la mañana`."""
        hour = at.hour if self.hours == 24 else at.hour % 12 or 12
        shown = (self.broken if at.minute else self.whole).format(hour=hour, minutes=f"{at.minute:02d}")
        part = next((name for until, name in self.parts if at.hour < until), "")
        return (self.said_at_one if hour == 1 else self.said).format(time=shown, part=part)


@cache
def words(language: str) -> Words:
    """The words of a language such as `es`, by its `opening.toml`. Raises LanguageProblem."""
    told = table(language, "opening")
    week, clock = told["week"], dict(told["clock"])
    clock["parts"] = tuple((part["until"], part["said"]) for part in clock["parts"])
    return Words(**{**week, "days": tuple(week["days"])}, clock=Clock(**clock))


def time_said(at: time, language: str = "en") -> str:
    """A time as it is spoken, such as `8 a.m.` or `5:30 p.m.`."""
    return words(language).clock(at)
