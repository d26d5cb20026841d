"""Whether a day of birth that a model writes is in the caller's own words or keys. Pure.

May import: the standard library, appliance.core, appliance.tools.
"""

from collections.abc import Iterator
from datetime import date

from appliance.core.booking.birthday import BREAK, WHOLE_YEAR, figure, months
from appliance.core.menu import plain
from appliance.core.numbers import runs
from appliance.core.story import Speaker
from appliance.tools.heard import Turns

TURNS_MOST = 3
"""It may come in so many turns: "March ninth", "and the year?", "nineteen eighty"."""


def born_said(born: str, turns: Turns) -> bool:
    """Whether the caller has told this day (1980-03-09), with its month by name or in figures."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return False
    return any(_tells(words, day) for words in _stretches(turns))


def _stretches(turns: Turns) -> Iterator[list[str]]:
    """The words of up to so many turns of the caller in a row, the newest first."""
    texts = [turn.text for turn in turns if turn.speaker in (Speaker.CALLER, Speaker.KEYPAD) and turn.text]
    for last in range(len(texts), 0, -1):
        for first in range(last - 1, max(last - 1 - TURNS_MOST, -1), -1):
            yield plain(" ".join(texts[first:last])).split()


def _tells(words: list[str], day: date) -> bool:
    figures = [figure(word) for word in words]
    named = {months()[word] for word in figures if word in months()}
    told = {*runs(" ".join(BREAK if word in months() else word for word in figures))}
    days, years = {f"{day.day}", f"{day.day:02}"}, {f"{day.year}", f"{day.year % 100:02}"}
    if day.month in named:
        joined = {d + y for d in days for y in years if not WHOLE_YEAR.fullmatch(d + y)}
        return bool((told & days and told & years) or told & joined)
    numbers = {f"{day.month}", f"{day.month:02}"}
    forms = {form for y in years for m in numbers for d in days for form in (m + d + y, d + m + y)}
    return bool(told & (forms | {f"{day.year}{m}{d}" for m in numbers for d in days}))
