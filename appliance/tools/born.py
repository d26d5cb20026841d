"""Whether a day of birth that a model writes is in the caller's own words or keys. Pure.

May import: the standard library, appliance.core, appliance.languages, appliance.tools.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from appliance.core.menu import plain
from appliance.core.numbers import runs
from appliance.core.story import Speaker
from appliance.languages.prompts import codes
from appliance.languages.tables import table
from appliance.tools.heard import Turns

TURNS_MOST = 3
"""It may come in so many turns: "March ninth", "and the year?", "nineteen eighty"."""
UNITS = range(1, 10)
_SUFFIX = re.compile(r"(\d{1,2})(st|nd|rd|th|o|a)")
_BREAK = "month"
_YEAR = re.compile(r"(19|20)\d\d")
"""What is a year is not the 19th or 20th of a month and a short year."""


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
    figures = [_figure(word) for word in words]
    months = {_months()[word] for word in figures if word in _months()}
    told = {*runs(" ".join(_BREAK if word in _months() else word for word in figures))}
    days, years = {f"{day.day}", f"{day.day:02}"}, {f"{day.year}", f"{day.year % 100:02}"}
    if day.month in months:
        joined = {d + y for d in days for y in years if not _YEAR.fullmatch(d + y)}
        return bool((told & days and told & years) or told & joined)
    numbers = {f"{day.month}", f"{day.month:02}"}
    forms = {form for y in years for m in numbers for d in days for form in (m + d + y, d + m + y)}
    return bool(told & (forms | {f"{day.year}{m}{d}" for m in numbers for d in days}))


def _figure(word: str) -> str:
    """`9th` as 9, `ninth` as nine: numbers as they are counted."""
    found = _SUFFIX.fullmatch(word)
    return found.group(1) if found else _ordinals().get(word, word)


@cache
def _ordinals() -> dict[str, str]:
    """Each ordinal, and the number: a word where one of ten may stand before it, as in `twenty first`."""
    made: dict[str, str] = {}
    for code in codes():
        when = table(code, "when")
        for atom, words in when.get("ordinals", {}).items():
            number = int(atom[1:])
            counted = when["numbers"][str(number)].split(",")[0] if number in UNITS else str(number)
            made |= dict.fromkeys(words.split(", "), counted)
    return made


@cache
def _months() -> dict[str, int]:
    """The months by their names, in all languages."""
    return {
        word: int(atom[2:])
        for code in codes()
        for atom, words in table(code, "when").get("words", {}).items()
        if re.fullmatch(r"mo\d+", atom)
        for word in words.split(", ")
    }
