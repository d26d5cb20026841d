"""Forms: fields declared once, read with plain errors, shown by the macros of `forms.html`.

May import: the standard library, admin.tongue.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from admin.tongue import later

NEEDED = later("This is needed.")
TOO_LONG = later("This is too long.")
NO_CHOICE = later("Choose one of these.")
NOT_A_DAY = later("This is no day.")
NOT_PLAIN = later("This holds characters that cannot be typed.")
NOT_ITS_NAME = later("This is not its name.")
NO_LETTERS = later("Use letters: callers are to say it.")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, and what the reader sees."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    """The type of the input: text, password, one-time-code, time, date, day, lines (of text); or choice."""
    most: int = 200
    needed: bool = True
    fill: str = "off"
    """What browsers may fill in by themselves: the value of `autocomplete`."""
    choices: tuple[tuple[str, str], ...] = ()
    """Values and their labels."""
    meanings: tuple[str, ...] = ()
    """What each choice means; with them all choices are seen at once."""


@dataclass(slots=True)
class Form:
    """Fields with what was typed into them, and what is wrong with it."""

    fields: tuple[Field, ...]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


def empty(fields: Iterable[Field], **values: str) -> Form:
    """A form to be filled in."""
    return Form(tuple(fields), values)


def read(fields: Iterable[Field], sent: Mapping[str, str]) -> Form:
    """A form that was sent."""
    form = Form(tuple(fields))
    for each in form.fields:
        typed = sent.get(each.name, "")
        value = _tidied(each, typed)
        form.values[each.name] = value
        if problem := _problem(each, value):
            form.errors[each.name] = problem
    return form


def parts(typed: str) -> list[str]:
    """What was typed with commas between."""
    return [part for each in typed.split(",") if (part := " ".join(each.split()))]


def is_day(value: str) -> bool:
    """Whether it is a day, as year-month-day."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def can_be_said(name: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return re.search(r"[^\W_]", name) is not None


def is_name(typed: str, name: str) -> bool:
    """Whether a name was typed, to be sure: its capitals do not matter, nor its spaces."""
    return typed.casefold() == " ".join(name.split()).casefold()


def _tidied(each: Field, typed: str) -> str:
    if each.kind == "password":
        return typed
    if each.kind == "lines":
        return "\n".join(" ".join(line.split()) for line in typed.strip().splitlines())
    return " ".join(typed.split())


def _problem(each: Field, value: str) -> str:
    if not value:
        return NEEDED if each.needed else ""
    if len(value) > each.most:
        return TOO_LONG
    if not (value.replace("\n", "") if each.kind == "lines" else value).isprintable():
        return NOT_PLAIN
    if each.kind == "day" and not is_day(value):
        return NOT_A_DAY
    if each.choices and value not in dict(each.choices):
        return NO_CHOICE
    return ""
