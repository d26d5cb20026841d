"""A day of birth as callers say it or key it in: one date, or none where it is not clear which. Pure.

What is spoken is read back; eight keys that begin with the year are clear as they are.
May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from appliance.core.menu import plain
from appliance.core.numbers import runs
from appliance.languages.prompts import codes
from appliance.languages.tables import table

UNITS = range(1, 10)
YEARS = range(1900, 2100)
YOUNG = 30
"""A short year up to this one is of the 21st century."""
BREAK = "month"
"""What stands for a month by its name where the numbers around it are read."""
WHOLE_YEAR = re.compile(r"(19|20)\d\d")
"""What is a year is not the 19th or 20th of a month and a short year."""
_SUFFIX = re.compile(r"(\d{1,2})(st|nd|rd|th|o|a)")
_YEAR_FIRST = re.compile(r"(\d{4})(\d\d)(\d\d)")
KEYED = range(6, 9)
"""So many keys may be a day in another order than the year first."""
DIGITS = range(4, 9)
"""So many a day in figures has: 9 3 80, 09031980."""


def keyed(digits: str) -> date | None:
    """The day that eight keys tell, the year first: 19800309."""
    found = _YEAR_FIRST.fullmatch(digits)
    return _day(found[1], found[2], found[3]) if found else None


def told(words: str, language: str) -> date | None:
    """The day that these words or keys tell; None when they tell none, or several."""
    figures = [figure(word) for word in plain(words).split()]
    named = {months()[word] for word in figures if word in months()}
    numbers = runs(" ".join(BREAK if word in months() else word for word in figures), language)
    if len(named) == 1:
        return _only({*_beside(numbers, str(*named))})
    if named or len(numbers) != 1 or len(numbers[0]) not in DIGITS or WHOLE_YEAR.fullmatch(numbers[0]):
        return None
    return keyed(numbers[0]) or _in_figures(numbers[0], language)


def said(day: date, language: str) -> str:
    """The day as it is read back: `March 9th, 1980`."""
    given, form = table(language, "when")["said"], table(language, "booking")["said"]["born"]
    number = given["days"].get(str(day.day)) or given["day"].format(day.day)
    return str(form.format(day=number, month=given["months"][day.month - 1], year=day.year))


def _beside(numbers: list[str], month: str) -> Iterator[date | None]:
    """The days of that month which these numbers may tell: a day and a year, apart or joined."""
    for place, number in enumerate(numbers):
        for year in (*numbers[:place], *numbers[place + 1 :]):
            yield _day(year, month, number)
        if not WHOLE_YEAR.fullmatch(number):
            yield from (_day(number[cut:], month, number[:cut]) for cut in (1, 2))


def _in_figures(digits: str, language: str) -> date | None:
    """A month and a day in the order of the language, else in the other, before the year."""
    month_first = bool(table(language, "booking")["month_first"])
    for whole in (True, False):
        for first in (month_first, not month_first):
            found = {*_splits(digits, whole=whole, month_first=first)} - {None}
            if found:
                return _only(found)
    return None


def _splits(digits: str, *, whole: bool, month_first: bool) -> Iterator[date | None]:
    size = 4 if whole else 2
    rest, year = digits[:-size], digits[-size:]
    for cut in (1, 2):
        one, other = rest[:cut], rest[cut:]
        yield _day(year, one, other) if month_first else _day(year, other, one)


def _only(found: set[date | None]) -> date | None:
    days = found - {None}
    return days.pop() if len(days) == 1 else None


def _day(year: str, month: str, day: str) -> date | None:
    """The day of these figures, if there is one; a short year is one of a living person's."""
    if len(year) not in (2, 4) or not (0 < len(day) <= 2 and 0 < len(month) <= 2):
        return None
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= YOUNG else 1900
    try:
        return date(number, int(month), int(day)) if number in YEARS else None
    except ValueError:
        return None


def figure(word: str) -> str:
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
def months() -> dict[str, int]:
    """The months by their names, in all languages."""
    return {
        word: int(atom[2:])
        for code in codes()
        for atom, words in table(code, "when").get("words", {}).items()
        if re.fullmatch(r"mo\d+", atom)
        for word in words.split(", ")
    }
