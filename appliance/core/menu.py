"""The telephone menu as data, and what a key or a spoken word chooses in it. Pure.

May import: the standard library, pydantic, appliance.core.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from appliance.core.hours import WeeklyHours


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


_SPOKEN = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    # What recognisers make of a digit that is said alone.
    *("zeros", "won", "too", "tree", "for", "fife", "sicks", "sevens", "ate", "nein"),
)
_SPOKEN_DIGITS = {word: str(place % 10) for place, word in enumerate(_SPOKEN)} | {"to": "2"}
_LEAD = "press|number|option|key|say|oprima|marque|presione|numero|opcion|tecla|la|el"
_DIGIT = re.compile(rf"(?:(?:{_LEAD}) )*([0-9]|[a-z]+)(?: please| por favor)?")


def spoken_digit(speech: str) -> str:
    """The digit of `nine`, `press nine`, `opción dos` or `one please`; empty for anything else."""
    found = _DIGIT.fullmatch(plain(speech))
    word = found.group(1) if found else ""
    return word if word.isdigit() else _SPOKEN_DIGITS.get(word, "")


_NAMES_OF_KEYS = {
    "*": "help, back, go back, menu, the menu, main menu, previous menu, options, my options, start over,"
    " what are my options, what can i say, start again, star, asterisk, ayuda, volver, vuelva, atras,"
    " regresar, el menu, menu principal, opciones, cuales son mis opciones, que puedo decir,"
    " empezar de nuevo, asterisco, estrella",
    "#": "pound, pound sign, hash, numeral, gato, almohadilla",
}
_KEYS_BY_NAME = {name.strip(): key for key, names in _NAMES_OF_KEYS.items() for name in names.split(",")}
_NAME = re.compile(r"(?:(?:press|say|oprima|diga) )?(.+?)(?: please| por favor)?")


def spoken_key(speech: str) -> str:
    """The key that words are as good as: a digit, * for help and the way back, # by its name; or empty."""
    found = _NAME.fullmatch(plain(speech))
    return spoken_digit(speech) or (_KEYS_BY_NAME.get(found.group(1), "") if found else "")


def chosen(entries: tuple[MenuEntry, ...], digits: str, speech: str) -> Choice | None:
    """What a key or spoken words choose; the longest named word wins; None when nothing fits."""
    digit = digits[:1] or spoken_digit(speech)
    for entry in entries:
        if digit and entry.digit == digit:
            return entry.choice
    if digit == "0":
        return Choice.PEOPLE
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
