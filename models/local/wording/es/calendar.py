"""Dates in Spanish: months and weekdays, in full or short. Pure.

May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.calendar import NONE_BEFORE
from models.local.wording.es.numbers import counted, year
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

MONTH_FIRST = False
_MONTHS = (
    "ene(?:ro)?|feb(?:rero)?|mar(?:zo)?|abr(?:il)?|may(?:o)?|jun(?:io)?|jul(?:io)?|ago(?:sto)?"
    "|sep(?:t|tiembre|bre)?|oct(?:ubre)?|nov(?:iembre)?|dic(?:iembre)?"
)
_DAYS = "lun(?:es)?|mar(?:tes)?|mi[ée](?:r(?:coles)?)?|jue(?:ves)?|vie(?:rnes)?|s[áa]b(?:ado)?|dom(?:ingo)?"


def dated(words: Vocabulary, day: int, month: int, its_year: int | None) -> str:
    """A date in words."""
    tail = f" de {year(its_year)}" if its_year else ""
    return f"{'primero' if day == 1 else counted(day)} de {words.months[month - 1]}{tail}"


def date_rules(words: Vocabulary) -> list[Rule]:
    """Dates in which the month has its name, and weekdays."""
    months, of = rf"({_MONTHS})\b\.?", r"(?:\sde\s|\s|-)"
    end = r"(?![\w:%]|[.,/-][0-9])"
    pair = rf"\b({_DAYS})\.?\s?(-|a|y)\s?({_DAYS})\b(?:\.(?=\s[a-z0-9]|,))?"
    in_year = rf"(?:(?:\sdel?\s|,?\s|-)([12][0-9]{{3}}){end})?"
    dated = rf"{NONE_BEFORE}([0-3]?[0-9])(?:\.?[º°]|ro\b)?{of}{months}{in_year}"
    return [
        (
            re.compile(r"\b(lun|mar(?=\.,?\s[0-9])|mi[ée]r?|jue|vie|s[áa]b|dom)\.,?(?=\s|$)", re.IGNORECASE),
            lambda m: _day(m[1], words),
        ),
        (re.compile(dated, re.IGNORECASE), partial(_day_month, words)),
        (
            re.compile(rf"\b({_MONTHS})\.?\s(?:del?\s)?([12][0-9]{{3}}){end}", re.IGNORECASE),
            partial(_month_year, words),
        ),
        (
            re.compile(pair, re.IGNORECASE),
            lambda m: f"{_day(m[1], words)} {'a' if m[2] == '-' else m[2]} {_day(m[3], words)}",
        ),
    ]


def _month(short: str, words: Vocabulary) -> str:
    return next(name for name in words.months if name.startswith(short[:3].lower()))


def _day(short: str, words: Vocabulary) -> str:
    plain = short[:3].lower().replace("é", "e").replace("á", "a")
    return next(name for name in words.days if name.replace("é", "e").replace("á", "a").startswith(plain))


def _day_month(words: Vocabulary, found: re.Match[str]) -> str:
    day, month = int(found[1]), _month(found[2], words)
    if not 1 <= day <= 31:
        return found[0]
    tail = f" de {year(int(found[3]))}" if found[3] else ""
    return f"{'primero' if day == 1 else counted(day)} de {month}{tail}"


def _month_year(words: Vocabulary, found: re.Match[str]) -> str:
    return f"{_month(found[1], words)} de {year(int(found[2]))}"
