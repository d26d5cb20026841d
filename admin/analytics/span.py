"""A span of days, the steps in which a chart shows it, and the form in which it is chosen.

Pure. May import: the standard library, admin.forms, admin.tongue.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from admin import forms
from admin.forms import Field, Form
from admin.tongue import later

USUAL_DAYS = 28
DAYS_MOST = 731
EARLIEST = date(2000, 1, 1)
"""Before this nobody was called by a box."""
PRESETS: Mapping[int, str] = {
    7: later("7 days"),
    28: later("4 weeks"),
    91: later("13 weeks"),
    365: later("A year"),
}
SINCE = Field("since", later("From day"), kind="day", most=10, needed=False)
UNTIL = Field("until", later("To day"), kind="day", most=10, needed=False)
BACKWARDS = later("This day is before the first one.")
TOO_LONG = later("These are more than two years. Choose fewer days.")


class Step(StrEnum):
    """How many days stand together in a chart."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both among them."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def step(self) -> Step:
        """Few enough columns to be told apart on a telephone."""
        return Step.DAY if self.days <= 45 else Step.WEEK if self.days <= 210 else Step.MONTH

    def places(self, step: Step) -> list[date]:
        """The first day of each column."""
        every = (self.since + timedelta(days=number) for number in range(self.days))
        return list(dict.fromkeys(self.place(day, step) for day in every))

    def place(self, day: date, step: Step) -> date:
        """The column that a day belongs to: weeks begin on Mondays."""
        if step is Step.DAY:
            return day
        first = day.replace(day=1) if step is Step.MONTH else day - timedelta(days=day.weekday())
        return max(first, self.since)


@functools.lru_cache(maxsize=64)
def columns(span: Span, step: Step) -> Mapping[date, int]:
    """The column of each day of a span, by its number."""
    number = {first: each for each, first in enumerate(span.places(step))}
    days = (span.since + timedelta(days=each) for each in range(span.days))
    return {day: number[span.place(day, step)] for day in days}


def last_days(number: int, today: date) -> Span:
    """So many days up to today."""
    return Span(today - timedelta(days=number - 1), today)


def read(sent: Mapping[str, str], today: date) -> tuple[Form, Span]:
    """The form as it was sent, and the days that were chosen; the usual ones where none were, or wrong."""
    usual = last_days(USUAL_DAYS, today)
    form = forms.read((SINCE, UNTIL), sent)
    if not form.fine:
        return form, usual
    until = max(min(_day(form["until"]) or today, today), EARLIEST)
    since = max(_day(form["since"]) or last_days(USUAL_DAYS, until).since, EARLIEST)
    if since > until:
        form.errors["until" if form["until"] else "since"] = BACKWARDS
    elif (until - since).days >= DAYS_MOST:
        form.errors["since"] = TOO_LONG
    if form.errors:
        return form, usual
    form.values |= {"since": since.isoformat(), "until": until.isoformat()}
    return form, Span(since, until)


def preset(chosen: Span, today: date) -> int:
    """Which of the presets these days are; 0 for none."""
    return next((days for days in PRESETS if last_days(days, today) == chosen), 0)


def marks(places: Sequence[str], most: int = 5) -> list[str]:
    """Some of the columns' names, evenly spread: the first and the last among them."""
    if len(places) <= most:
        return [*places]
    return [places[round(number * (len(places) - 1) / (most - 1))] for number in range(most)]


def _day(typed: str) -> date | None:
    return date.fromisoformat(typed) if typed else None
