"""The telephone menu as data, and what a key or a spoken word chooses in it. Pure.

May import: the standard library, pydantic, appliance.core, appliance.languages.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from appliance.core.hours import WeeklyHours
from appliance.languages.folders import codes
from appliance.languages.tables import table

PERSON = "0"
"""The key that leads to a person wherever a caller is; no entry of a menu takes it for anything else."""


class Choice(StrEnum):
    """What a menu entry leads to, and what a caller may say that is no entry of any."""

    HOURS = "hours"
    DEPARTMENTS = "departments"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    PEOPLE = "people"
    DANGER = "danger"


class MenuEntry(BaseModel):
    """One entry: its key, the words that choose it too, and what is said of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digit: str = Field(pattern=r"^[0-9*]?$")
    """Empty: it is chosen by its words alone."""
    choice: Choice
    words: tuple[str, ...]
    said: str = Field(max_length=300)


def misled(digit: object, choice: object) -> bool:
    """Whether an entry has the key of a person, and leads elsewhere."""
    return digit == PERSON and choice != Choice.PEOPLE


def person_kept(stored: object) -> object:
    """A menu as it is stored: where an entry had the key of a person, it keeps its words alone.

    What was said of it goes too, as it names the key.
    """
    if not isinstance(stored, list):
        return stored
    return [
        {**each, "digit": "", "said": ""}
        if isinstance(each, dict) and misled(each.get("digit"), each.get("choice"))
        else each
        for each in stored
    ]


class DepartmentLine(BaseModel):
    """A department as callers can reach it: staff entered every number in it."""

    model_config = ConfigDict(frozen=True)

    slug: str
    name: str
    numbers: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    hours: WeeklyHours | Literal["always"] | None = None
    """When it can be reached: in hours of its own, always, or when the clinic is open."""


def plain(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


def named(words: tuple[str, ...], spoken: str) -> int:
    """How much of what was spoken names one of the words: the longest match in letters, 0 for none."""
    padded = f" {spoken} "
    return max((len(word) for word in map(plain, words) if word and f" {word} " in padded), default=0)


@dataclass(frozen=True, slots=True)
class Keys:
    """What callers say for keys, in all languages together: they mix them."""

    digits: Mapping[str, str]
    names: Mapping[str, str]
    digit: re.Pattern[str]
    name: re.Pattern[str]


@cache
def keys() -> Keys:
    """Made of the languages' tables."""
    told = [table(code, "language")["keys"] for code in codes()]
    before = "|".join(sorted({word for each in told for word in each["before"].split()}))
    behind = "|".join(sorted({each["behind"] for each in told}))
    return Keys(
        digits={word: digit for each in told for digit in "0123456789" for word in each[digit].split()},
        names={" ".join(name.split()): key for each in told for key in "*#" for name in each[key].split(",")},
        digit=re.compile(rf"(?:(?:{before}) )*([0-9]|[a-z]+)(?: (?:{behind}))?"),
        name=re.compile(rf"(?:(?:{before}) )?(.+?)(?: (?:{behind}))?"),
    )


def spoken_digit(speech: str) -> str:
    """The digit of `nine`, `press nine`, `opción dos` or `one please`; empty for anything else."""
    found = keys().digit.fullmatch(plain(speech))
    word = found.group(1) if found else ""
    return word if word.isdigit() else keys().digits.get(word, "")


def spoken_key(speech: str) -> str:
    """The key that words are as good as: a digit, * for help and the way back, # by its name; or empty."""
    said = plain(speech)
    found = keys().name.fullmatch(said)
    return spoken_digit(speech) or keys().names.get(said) or (keys().names.get(found[1], "") if found else "")


def chosen(entries: tuple[MenuEntry, ...], digits: str, speech: str) -> Choice | None:
    """What a key or spoken words choose; the longest named word wins; None when nothing fits."""
    digit = digits[:1] or spoken_digit(speech)
    if digit == PERSON:
        return Choice.PEOPLE
    for entry in entries:
        if digit and entry.digit == digit:
            return entry.choice
    spoken = plain(speech)
    best = max(entries, key=lambda entry: named(entry.words, spoken), default=None)
    return best.choice if best and named(best.words, spoken) else None


def chosen_department(
    departments: tuple[DepartmentLine, ...], digits: str, speech: str
) -> DepartmentLine | None:
    """The department that a key (1 is the first) or spoken words choose; None when nothing fits."""
    digit = digits[:1] or spoken_digit(speech)
    if digit.isdigit() and 1 <= int(digit) <= len(departments):
        return departments[int(digit) - 1]
    spoken = plain(speech)
    best = max(departments, key=lambda line: named((line.name, *line.aliases), spoken), default=None)
    return best if best and named((best.name, *best.aliases), spoken) else None
