"""Dates: ISO, with slashes by the language's habit, months and weekdays in full or short.

Pure. May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.numbers import counted, ordered, year
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

_EN_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    "|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_ES_MONTHS = (
    "ene(?:ro)?|feb(?:rero)?|mar(?:zo)?|abr(?:il)?|may(?:o)?|jun(?:io)?|jul(?:io)?|ago(?:sto)?"
    "|sep(?:t|tiembre|bre)?|oct(?:ubre)?|nov(?:iembre)?|dic(?:iembre)?"
)
_EN_DAYS = (
    "Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:r(?:s(?:day)?)?)?|Fri(?:day)?|Sat(?:urday)?"
    "|Sun(?:day)?"
)
_ES_DAYS = (
    "lun(?:es)?|mar(?:tes)?|mi[ée](?:r(?:coles)?)?|jue(?:ves)?|vie(?:rnes)?|s[áa]b(?:ado)?|dom(?:ingo)?"
)
_ORDINAL = "(?:st|nd|rd|th)?"
_NONE_BEFORE, _NONE_AFTER = r"(?<![\w/.,:$€£+-])", r"(?![\w/:$%]|[.,-][0-9])"
_MOMENT = re.compile(
    r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2})(?::[0-9]{2})?(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\b"
)
_FRACTIONS = {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)}


def rules(words: Vocabulary) -> list[Rule]:
    """The rules of a language, in their order."""
    iso = rf"{_NONE_BEFORE}([12][0-9]{{3}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_NONE_AFTER}"
    full = rf"{_NONE_BEFORE}([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2((?:[12][0-9])?[0-9]{{2}}){_NONE_AFTER}"
    short = rf"{_NONE_BEFORE}([0-9]{{1,2}})/([0-9]{{1,2}}){_NONE_AFTER}"
    return [
        (_MOMENT, lambda m: f"{m[1]} {m[2]}"),
        (re.compile(r"(?<![\w/])24\s?/\s?7(?![\w/])"), lambda m: words.always_open),
        (re.compile(iso), partial(_iso, words)),
        (re.compile(full), partial(_full, words)),
        (re.compile(short), partial(_short, words)),
        *(_english(words) if words.language == "en" else _spanish(words)),
    ]


def _english(words: Vocabulary) -> list[Rule]:
    months, day = rf"({_EN_MONTHS})\b\.?", rf"([0-3]?[0-9]){_ORDINAL}"
    end = r"(?![\w:%]|[.,/-][0-9])"
    pair = rf"\b({_EN_DAYS})\.?\s?(-|to|through|thru|&|and)\s?({_EN_DAYS})\b(?:\.(?=\s[a-z0-9]|,))?"
    return [
        (
            re.compile(rf"\b{months}\s{day}\s?-\s?{day},?\s([12][0-9]{{3}}){end}"),
            partial(_month_days_en, words),
        ),
        (re.compile(rf"\b{months}\s{day}\s?-\s?{day}{end}"), partial(_month_days_en, words)),
        (re.compile(rf"\b{months}\s{day}(?:,?\s([12][0-9]{{3}}))?{end}"), partial(_month_day_en, words)),
        (
            re.compile(rf"{_NONE_BEFORE}{day}\s(of\s)?{months}(?:,?\s([12][0-9]{{3}}){end})?"),
            partial(_day_month_en, words),
        ),
        (
            re.compile(rf"\b{months}\s([12][0-9]{{3}}){end}"),
            lambda m: f"{_month_en(m[1], words)} {year(int(m[2]), 'en')}",
        ),
        (re.compile(rf"\b(?!May\b|March\b)({_EN_MONTHS})\.(?=\s[a-z])"), lambda m: _month_en(m[1], words)),
        (re.compile(pair), lambda m: f"{_day_en(m[1], words)} {_joint_en(m[2])} {_day_en(m[3], words)}"),
        (
            re.compile(rf"\b({_EN_DAYS})(?:\.,?|,)?(?=\s(?:[0-9]|{'|'.join(words.months)}))"),
            lambda m: _day_en(m[1], words) + ",",
        ),
        (re.compile(rf"\b({_EN_DAYS})\.(?=\s[a-z]|,)"), lambda m: _day_en(m[1], words)),
    ]


def _spanish(words: Vocabulary) -> list[Rule]:
    months, of = rf"({_ES_MONTHS})\b\.?", r"(?:\sde\s|\s|-)"
    end = r"(?![\w:%]|[.,/-][0-9])"
    pair = rf"\b({_ES_DAYS})\.?\s?(-|a|y)\s?({_ES_DAYS})\b(?:\.(?=\s[a-z0-9]|,))?"
    in_year = rf"(?:(?:\sdel?\s|,?\s|-)([12][0-9]{{3}}){end})?"
    dated = rf"{_NONE_BEFORE}([0-3]?[0-9])(?:\.?[º°]|ro\b)?{of}{months}{in_year}"
    return [
        (
            re.compile(r"\b(lun|mar(?=\.,?\s[0-9])|mi[ée]r?|jue|vie|s[áa]b|dom)\.,?(?=\s|$)", re.IGNORECASE),
            lambda m: _day_es(m[1], words),
        ),
        (re.compile(dated, re.IGNORECASE), partial(_day_month_es, words)),
        (
            re.compile(rf"\b({_ES_MONTHS})\.?\s(?:del?\s)?([12][0-9]{{3}}){end}", re.IGNORECASE),
            partial(_month_year_es, words),
        ),
        (
            re.compile(pair, re.IGNORECASE),
            lambda m: f"{_day_es(m[1], words)} {'a' if m[2] == '-' else m[2]} {_day_es(m[3], words)}",
        ),
    ]


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _dated(words: Vocabulary, day: int, month: int, its_year: int | None) -> str:
    if words.language == "en":
        tail = f", {year(its_year, 'en')}" if its_year else ""
        return f"{words.months[month - 1]} {ordered(day, 'en')}{tail}"
    tail = f" de {year(its_year, 'es')}" if its_year else ""
    return f"{'primero' if day == 1 else counted(day, 'es')} de {words.months[month - 1]}{tail}"


def _possible(day: int, month: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _iso(words: Vocabulary, found: re.Match[str]) -> str:
    month, day = int(found[3]), int(found[4])
    return _dated(words, day, month, int(found[1])) if _possible(day, month) else found[0]


def _full(words: Vocabulary, found: re.Match[str]) -> str:
    month, day = _by_habit(words, int(found[1]), int(found[3]))
    if (found[2] != "/" and len(found[4]) == 2) or not _possible(day, month):
        return found[0]
    return _dated(words, day, month, _year(found[4]))


def _short(words: Vocabulary, found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[2])
    month, day = _by_habit(words, first, second)
    return (
        found[0]
        if (first, second) in _FRACTIONS or not _possible(day, month)
        else _dated(words, day, month, None)
    )


def _by_habit(words: Vocabulary, first: int, second: int) -> tuple[int, int]:
    """Month and day of two numbers: month first in English, day first in Spanish, unless that cannot be."""
    month, day = (first, second) if words.language == "en" else (second, first)
    return (month, day) if _possible(day, month) else (day, month)


def _month_en(short: str, words: Vocabulary) -> str:
    return next(name for name in words.months if name.startswith(short[:3]))


def _day_en(short: str, words: Vocabulary) -> str:
    return next(name for name in words.days if name.startswith(short[:3]))


def _joint_en(joint: str) -> str:
    return {"-": "to", "thru": "through", "&": "and"}.get(joint, joint)


def _month_day_en(words: Vocabulary, found: re.Match[str]) -> str:
    day, month = int(found[2]), _month_en(found[1], words)
    if not 1 <= day <= 31:
        return found[0]
    return f"{month} {ordered(day, 'en')}" + (f", {year(int(found[3]), 'en')}" if found[3] else "")


def _month_days_en(words: Vocabulary, found: re.Match[str]) -> str:
    first, last = int(found[2]), int(found[3])
    if not (1 <= first <= 31 and 1 <= last <= 31):
        return found[0]
    tail = f", {year(int(found[4]), 'en')}" if found.re.groups == 4 else ""
    return f"{_month_en(found[1], words)} {ordered(first, 'en')} to {ordered(last, 'en')}{tail}"


def _day_month_en(words: Vocabulary, found: re.Match[str]) -> str:
    day, month = int(found[1]), _month_en(found[3], words)
    if not 1 <= day <= 31:
        return found[0]
    dated = f"{ordered(day, 'en')} of {month}" if found[2] else f"{month} {ordered(day, 'en')}"
    return dated + (f", {year(int(found[4]), 'en')}" if found[4] else "")


def _month_es(short: str, words: Vocabulary) -> str:
    return next(name for name in words.months if name.startswith(short[:3].lower()))


def _day_es(short: str, words: Vocabulary) -> str:
    plain = short[:3].lower().replace("é", "e").replace("á", "a")
    return next(name for name in words.days if name.replace("é", "e").replace("á", "a").startswith(plain))


def _day_month_es(words: Vocabulary, found: re.Match[str]) -> str:
    day, month = int(found[1]), _month_es(found[2], words)
    if not 1 <= day <= 31:
        return found[0]
    tail = f" de {year(int(found[3]), 'es')}" if found[3] else ""
    return f"{'primero' if day == 1 else counted(day, 'es')} de {month}{tail}"


def _month_year_es(words: Vocabulary, found: re.Match[str]) -> str:
    return f"{_month_es(found[1], words)} de {year(int(found[2]), 'es')}"
