"""Dates: ISO, and with slashes by the language's habit; months and weekdays are the language's own.

Pure. May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.grammar import grammar
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

NONE_BEFORE, NONE_AFTER = r"(?<![\w/.,:$€£+-])", r"(?![\w/:$%]|[.,-][0-9])"
_MOMENT = re.compile(
    r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2})(?::[0-9]{2})?(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\b"
)
_FRACTIONS = {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)}


def rules(words: Vocabulary) -> list[Rule]:
    """The rules of a language, in their order."""
    iso = rf"{NONE_BEFORE}([12][0-9]{{3}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){NONE_AFTER}"
    full = rf"{NONE_BEFORE}([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2((?:[12][0-9])?[0-9]{{2}}){NONE_AFTER}"
    short = rf"{NONE_BEFORE}([0-9]{{1,2}})/([0-9]{{1,2}}){NONE_AFTER}"
    return [
        (_MOMENT, lambda m: f"{m[1]} {m[2]}"),
        (re.compile(r"(?<![\w/])24\s?/\s?7(?![\w/])"), lambda m: words.always_open),
        (re.compile(iso), partial(_iso, words)),
        (re.compile(full), partial(_full, words)),
        (re.compile(short), partial(_short, words)),
        *grammar(words.language).date_rules(words),
    ]


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _possible(day: int, month: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _iso(words: Vocabulary, found: re.Match[str]) -> str:
    month, day = int(found[3]), int(found[4])
    return (
        grammar(words.language).dated(words, day, month, int(found[1])) if _possible(day, month) else found[0]
    )


def _full(words: Vocabulary, found: re.Match[str]) -> str:
    month, day = _by_habit(words, int(found[1]), int(found[3]))
    if (found[2] != "/" and len(found[4]) == 2) or not _possible(day, month):
        return found[0]
    return grammar(words.language).dated(words, day, month, _year(found[4]))


def _short(words: Vocabulary, found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[2])
    month, day = _by_habit(words, first, second)
    return (
        found[0]
        if (first, second) in _FRACTIONS or not _possible(day, month)
        else grammar(words.language).dated(words, day, month, None)
    )


def _by_habit(words: Vocabulary, first: int, second: int) -> tuple[int, int]:
    """Month and day of two numbers, by the habit of the language unless that cannot be."""
    month, day = (first, second) if grammar(words.language).MONTH_FIRST else (second, first)
    return (month, day) if _possible(day, month) else (day, month)
