"""Forms: fields declared once, read with plain errors, shown by the macros of `forms.html`.

May import: the standard library, admin.tongue.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from admin.tongue import later

NEEDED = later("This is needed.")
TOO_LONG = later("This is too long.")
NO_CHOICE = later("Choose one of these.")
NOT_PLAIN = later("This holds characters that cannot be typed.")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, and what the reader sees."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    """The type of the input: text, password, one-time-code, date; or choice."""
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
        value = typed if each.kind == "password" else " ".join(typed.split())
        form.values[each.name] = value
        if problem := _problem(each, value):
            form.errors[each.name] = problem
    return form


def _problem(each: Field, value: str) -> str:
    if not value:
        return NEEDED if each.needed else ""
    if len(value) > each.most:
        return TOO_LONG
    if not value.isprintable():
        return NOT_PLAIN
    if each.choices and value not in dict(each.choices):
        return NO_CHOICE
    return ""
