"""Whole numbers as words: counted, ordered, spelled digit by digit, as a year.

How that is done each language's own module says. Pure. May import: models.local.wording.
"""

from models.local.wording.grammar import Form, Language, grammar

MOST = 999_999_999
"""The largest number that is read as one; what is longer is read digit by digit."""


def counted(number: int, language: Language, form: Form = "") -> str:
    """A number from 0 to MOST in words."""
    return grammar(language).counted(number, form)


def spelled(digits: str, language: Language) -> str:
    """Digits one by one."""
    names = grammar(language).DIGITS
    return " ".join(names[int(digit)] for digit in digits)


def year(number: int, language: Language) -> str:
    """A year as it is said."""
    return grammar(language).year(number)


def ordered(number: int, language: Language, *, feminine: bool = False) -> str:
    """The number of a place in a row."""
    return grammar(language).ordered(number, feminine=feminine)
