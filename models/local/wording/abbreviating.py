"""The kinds of abbreviations, by what their full stop does.

Pure. May import: the standard library, models.local.wording.
"""

import re
from collections.abc import Callable

from models.local.wording.rules import Rule

_SENTENCE_GOES_ON = r"(?:\.(?!\s+[A-Z¿¡]|\s*$))?"
"""The full stop of the abbreviation, unless it ends the sentence as well."""


def becomes(words: str) -> Callable[[re.Match[str]], str]:
    """What is said instead, whatever was found."""
    return lambda found: words


def kept(pattern: str, words: str, flags: int = 0) -> Rule:
    """An abbreviation whose full stop may end the sentence too, and then stays."""
    return re.compile(f"(?:{pattern}){_SENTENCE_GOES_ON}", flags), becomes(words)


def title(pattern: str, words: str) -> Rule:
    """One that stands before a name."""
    return re.compile(rf"\b{pattern}\.(?=\s?[A-ZÁÉÍÓÚÑ\"'])|\b{pattern}(?=\s[A-ZÁÉÍÓÚÑ])"), becomes(words)


def prefix(pattern: str, words: str) -> Rule:
    """One that stands before a name or a number always: its full stop ends nothing."""
    return re.compile(rf"\b{pattern}\.|\b{pattern}(?=\s[A-ZÁÉÍÓÚÑ])"), becomes(words)


def dotted(pattern: str, words: str) -> Rule:
    """One that has its full stop always; without it it is another word."""
    return re.compile(rf"\b{pattern}\.(?:(?=\s*$|\s+[A-Z¿¡])|)"), lambda found: words + ends(found)


def introducing(pattern: str, words: str) -> Rule:
    """One that says what the next word is: its full stop ends nothing, and without it it is another word."""
    return re.compile(rf"\b{pattern}\."), becomes(words)


def ends(found: re.Match[str]) -> str:
    """The full stop of an abbreviation, where it ends the sentence as well."""
    rest = found.string[found.end() :]
    return "." if not rest.strip() or re.match(r"\s+[A-Z¿¡]", rest) else ""
