"""Opening hours of a week: when it is open, and how that is said.

May import: the standard library, pydantic.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
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

    def said(self, language: str = "en") -> str:
        """The week in words, neighbouring days with the same hours together."""
        words = WORDS.get(language.partition("-")[0], WORDS["en"])
        groups: list[tuple[list[str], tuple[tuple[time, time], ...]]] = []
        for day in DAYS:
            if groups and groups[-1][1] == self.of(day):
                groups[-1][0].append(day)
            else:
                groups.append(([day], self.of(day)))
        opened = [words.span(days, spans) for days, spans in groups if spans]
        return words.opened(opened) if opened else words.closed


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


def time_said(at: time) -> str:
    """A time as it is spoken in US English, such as `8 a.m.` or `5:30 p.m.`."""
    return f"{_clock(at)} {'a.m.' if at.hour < 12 else 'p.m.'}"


def time_said_es(at: time) -> str:
    """A time as it is spoken in Spanish, such as `las 8 de la mañana` or `la 1:30 de la tarde`."""
    part = "mañana" if at.hour < 12 else "tarde" if at.hour < 20 else "noche"
    return f"{'la' if at.hour % 12 == 1 else 'las'} {_clock(at)} de la {part}"


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}{f':{at.minute:02d}' if at.minute else ''}"


WORDS = {
    "en": Words(
        tuple(day.capitalize() for day in DAYS),
        "{}",
        "{} to {}",
        " and ",
        "We are open {}.",
        ", and ",
        "We are closed at the moment.",
        time_said,
        "from {} to {}",
    ),
    "es": Words(
        ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        "el {}",
        "de {} a {}",
        " y ",
        "Abrimos {}.",
        ", y ",
        "Por el momento estamos cerrados.",
        time_said_es,
        "de {} a {}",
    ),
}
