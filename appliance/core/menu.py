"""The telephone menu as data, and what a key or a spoken word chooses in it. Pure.

May import: the standard library, pydantic.
"""

import re
import unicodedata
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Choice(StrEnum):
    """What a menu entry leads to."""

    HOURS = "hours"
    DEPARTMENTS = "departments"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    PEOPLE = "people"


class MenuEntry(BaseModel):
    """One entry: its key, the words that choose it too, and what is said of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digit: str = Field(pattern=r"^[0-9*]$")
    choice: Choice
    words: tuple[str, ...]
    said: str = Field(max_length=300)


class DepartmentLine(BaseModel):
    """A department as callers can reach it: staff entered every number in it."""

    model_config = ConfigDict(frozen=True)

    slug: str
    name: str
    numbers: tuple[str, ...]
    aliases: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


def _named(words: tuple[str, ...], spoken: str) -> int:
    """How much of what was spoken names one of the words: the longest match in letters, 0 for none."""
    padded = f" {spoken} "
    return max((len(word) for word in map(plain, words) if word and f" {word} " in padded), default=0)


_SPOKEN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SPOKEN_DIGITS = {word: str(digit) for digit, word in enumerate(_SPOKEN)}


def spoken_digit(speech: str) -> str:
    """The digit of `nine`, `press nine`, `number 9` or `option nine`; empty for anything else."""
    found = re.fullmatch(r"(?:press |number |option |key )*([0-9]|[a-z]+)", plain(speech))
    word = found.group(1) if found else ""
    return word if word.isdigit() else _SPOKEN_DIGITS.get(word, "")


def chosen(entries: tuple[MenuEntry, ...], digits: str, speech: str) -> Choice | None:
    """What a key or spoken words choose; the longest named word wins; None when nothing fits."""
    digit = digits[:1] or spoken_digit(speech)
    for entry in entries:
        if digit and entry.digit == digit:
            return entry.choice
    if digit == "0":
        return Choice.PEOPLE
    spoken = plain(speech)
    best = max(entries, key=lambda entry: _named(entry.words, spoken), default=None)
    return best.choice if best and _named(best.words, spoken) else None


def chosen_department(
    departments: tuple[DepartmentLine, ...], digits: str, speech: str
) -> DepartmentLine | None:
    """The department that a key (1 is the first) or spoken words choose; None when nothing fits."""
    digit = digits[:1] or spoken_digit(speech)
    if digit.isdigit() and 1 <= int(digit) <= len(departments):
        return departments[int(digit) - 1]
    spoken = plain(speech)
    best = max(departments, key=lambda line: _named((line.name, *line.aliases), spoken), default=None)
    return best if best and _named((best.name, *best.aliases), spoken) else None
