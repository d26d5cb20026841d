"""The hours of a week as a grid of times, typed and read; a day without times is closed.

Pure. May import: the standard library, admin.tongue, appliance.core.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from admin.tongue import later
from appliance.core.hours import DAYS, WeeklyHours
from appliance.core.opening import Spans

NAMES = dict(
    zip(
        DAYS,
        map(later, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")),
        strict=True,
    )
)
SHOWN, MOST = 2, 4
"""Spans of a day: so many are offered at least, and so many are read."""

NO_TIME = later("Write a time such as 8:30 or 17:00.")
HALF = later("Each time at which it opens needs one at which it closes.")
FALLS = later("Times of a day must rise, such as 8:00 to 12:00, then 13:00 to 17:00. Midnight is 23:59.")
TYPED = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?::00)?")


@dataclass(slots=True)
class Row:
    """One day: what stands in its fields (opens, closes), and what is wrong with that."""

    day: str
    pairs: list[tuple[str, str]]
    error: str = ""

    @property
    def name(self) -> str:
        """The day as people call it."""
        return NAMES[self.day]


@dataclass(slots=True)
class Grid:
    """A week in fields."""

    rows: list[Row] = field(default_factory=list)
    week: WeeklyHours | None = None
    """The week that they make, when nothing is wrong with it."""


def of(week: WeeklyHours) -> Grid:
    """The grid of a week."""
    return Grid([Row(day, pairs_of(week.of(day))) for day in DAYS], week)


def read(sent: Mapping[str, str]) -> Grid:
    """A grid that was sent."""
    grid = Grid()
    spans: dict[str, Spans] = {}
    for day in DAYS:
        pairs = read_pairs(day, sent)
        found, error = spans_of(pairs)
        grid.rows.append(Row(day, pairs, error))
        spans[day] = found
    if not any(row.error for row in grid.rows):
        grid.week = WeeklyHours.model_validate(spans)
    return grid


def pairs_of(spans: Spans) -> list[tuple[str, str]]:
    """What stands in the fields of a day that has these hours."""
    filled = [(f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in spans]
    return filled + [("", "")] * (SHOWN - len(filled))


def read_pairs(name: str, sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was typed into the fields of a day; the fields are called by its name."""
    typed = [
        (
            sent.get(f"{name}-{place}-opens", "").strip()[:20],
            sent.get(f"{name}-{place}-closes", "").strip()[:20],
        )
        for place in range(MOST)
    ]
    while len(typed) > SHOWN and typed[-1] == ("", ""):
        typed.pop()
    return typed


def spans_of(pairs: list[tuple[str, str]]) -> tuple[Spans, str]:
    """The hours that were typed, or what is wrong with them."""
    spans = []
    for opens, closes in pairs:
        if not opens and not closes:
            continue
        if not opens or not closes:
            return (), HALF
        start, end = time_of(opens), time_of(closes)
        if start is None or end is None:
            return (), NO_TIME
        spans.append((start, end))
    edges = [edge for span in spans for edge in span]
    if any(after <= before for before, after in itertools.pairwise(edges)):
        return (), FALLS
    return tuple(spans), ""


def time_of(typed: str) -> time | None:
    """A time of day as browsers send it, or as it is typed; None for what is none."""
    found = TYPED.fullmatch(typed)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))
