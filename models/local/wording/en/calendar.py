"""Dates in English: months and weekdays, in full or short. Pure.

May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.calendar import NONE_BEFORE
from models.local.wording.en.numbers import ordered, year
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

MONTH_FIRST = True
_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    "|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_DAYS = (
    "Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:r(?:s(?:day)?)?)?|Fri(?:day)?|Sat(?:urday)?"
    "|Sun(?:day)?"
)
_ORDINAL = "(?:st|nd|rd|th)?"


def dated(words: Vocabulary, day: int, month: int, its_year: int | None) -> str:
    """A date in words."""
    tail = f", {year(its_year)}" if its_year else ""
    return f"{words.months[month - 1]} {ordered(day)}{tail}"


def date_rules(words: Vocabulary) -> list[Rule]:
    """Dates in which the month has its name, and weekdays."""
    months, day = rf"({_MONTHS})\b\.?", rf"([0-3]?[0-9]){_ORDINAL}"
    end = r"(?![\w:%]|[.,/-][0-9])"
    pair = rf"\b({_DAYS})\.?\s?(-|to|through|thru|&|and)\s?({_DAYS})\b(?:\.(?=\s[a-z0-9]|,))?"
    return [
        (
            re.compile(rf"\b{months}\s{day}\s?-\s?{day},?\s([12][0-9]{{3}}){end}"),
            partial(_month_days, words),
        ),
        (re.compile(rf"\b{months}\s{day}\s?-\s?{day}{end}"), partial(_month_days, words)),
        (re.compile(rf"\b{months}\s{day}(?:,?\s([12][0-9]{{3}}))?{end}"), partial(_month_day, words)),
        (
            re.compile(rf"{NONE_BEFORE}{day}\s(of\s)?{months}(?:,?\s([12][0-9]{{3}}){end})?"),
            partial(_day_month, words),
        ),
        (
            re.compile(rf"\b{months}\s([12][0-9]{{3}}){end}"),
            lambda m: f"{_month(m[1], words)} {year(int(m[2]))}",
        ),
        (re.compile(rf"\b(?!May\b|March\b)({_MONTHS})\.(?=\s[a-z])"), lambda m: _month(m[1], words)),
        (re.compile(pair), lambda m: f"{_day(m[1], words)} {_joint(m[2])} {_day(m[3], words)}"),
        (
            re.compile(rf"\b({_DAYS})(?:\.,?|,)?(?=\s(?:[0-9]|{'|'.join(words.months)}))"),
            lambda m: _day(m[1], words) + ",",
        ),
        (re.compile(rf"\b({_DAYS})\.(?=\s[a-z]|,)"), lambda m: _day(m[1], words)),
    ]


def _month(short: str, words: Vocabulary) -> str:
    return next(name for name in words.months if name.startswith(short[:3]))


def _day(short: str, words: Vocabulary) -> str:
    return next(name for name in words.days if name.startswith(short[:3]))


def _joint(joint: str) -> str:
    return {"-": "to", "thru": "through", "&": "and"}.get(joint, joint)


def _month_day(words: Vocabulary, found: re.Match[str]) -> str:
    day, month = int(found[2]), _month(found[1], words)
    if not 1 <= day <= 31:
        return found[0]
    return f"{month} {ordered(day)}" + (f", {year(int(found[3]))}" if found[3] else "")


def _month_days(words: Vocabulary, found: re.Match[str]) -> str:
    first, last = int(found[2]), int(found[3])
    if not (1 <= first <= 31 and 1 <= last <= 31):
        return found[0]
    tail = f", {year(int(found[4]))}" if found.re.groups == 4 else ""
    return f"{_month(found[1], words)} {ordered(first)} to {ordered(last)}{tail}"


def _day_month(words: Vocabulary, found: re.Match[str]) -> str:
    day, month = int(found[1]), _month(found[3], words)
    if not 1 <= day <= 31:
        return found[0]
    dated = f"{ordered(day)} of {month}" if found[2] else f"{month} {ordered(day)}"
    return dated + (f", {year(int(found[4]))}" if found[4] else "")
