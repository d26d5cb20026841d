"""The form of what callers hear first: the sentences, and a row for each key of the menu.

May import: the standard library, pydantic, admin, appliance.core.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from admin.forms import NOT_PLAIN, Field, Form, parts
from admin.settings import mistakes
from admin.tongue import Tongue, later
from appliance.core import known_settings
from appliance.core.menu import Choice, MenuEntry
from appliance.core.staff import StaffSettings

ROWS_MOST = 10
SPARE = 2
"""Rows to be filled in behind those that are there."""
FIELDS = (
    Field(
        "greeting",
        later("Greeting"),
        later("The first sentence. {business_name} becomes the clinic's name."),
        kind="lines",
        most=300,
        needed=False,
    ),
    Field(
        "greeting_closed",
        later("Greeting while closed"),
        later("Left empty, it is the usual one."),
        kind="lines",
        most=300,
        needed=False,
    ),
    Field(
        "emergency_notice",
        later("Emergency notice"),
        later("It follows the greeting. {emergency_number} becomes the number to call."),
        kind="lines",
        most=200,
        needed=False,
    ),
    Field("voicemail_prompt", later("Before a message"), kind="lines", most=400, needed=False),
    Field(
        "voicemail_prompt_closed",
        later("Before a message while closed"),
        later("Left empty, it is the usual one."),
        kind="lines",
        most=400,
        needed=False,
    ),
)
LEADS: Mapping[Choice, str] = {
    Choice.HOURS: later("The opening hours"),
    Choice.DEPARTMENTS: later("The departments"),
    Choice.VOICEMAIL: later("A message"),
    Choice.ASSISTANT: later("The assistant"),
    Choice.PEOPLE: later("A person"),
}
KEYS = "1234567890*"
NOT_WHOLE = later("A key needs where it leads and what is said of it.")


@dataclass(slots=True)
class Row:
    """One key as it is typed."""

    digit: str = ""
    choice: str = ""
    words: str = ""
    said: str = ""
    error: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is in it: such a row goes."""
        return not (self.digit or self.words or self.said)


@dataclass(slots=True)
class Typed:
    """What was typed."""

    form: Form
    rows: list[Row] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return self.form.fine and not any(row.error for row in self.rows)

    @property
    def values(self) -> dict[str, Any]:
        """The settings that this makes."""
        menu = [
            {"digit": row.digit, "choice": row.choice, "words": parts(row.words), "said": row.said}
            for row in self.rows
            if not row.empty
        ]
        return {**self.form.values, "menu": menu}


def filled(staff: StaffSettings) -> Typed:
    """The form as things stand."""
    form = Form(FIELDS, {each.name: str(getattr(staff, each.name)) for each in FIELDS})
    return Typed(form, [*map(_row, staff.menu), *_spare(len(staff.menu))])


def read(sent: Mapping[str, str], staff: StaffSettings, tongue: Tongue) -> Typed:
    """The form as it was sent, held against what the settings allow."""
    form = Form(FIELDS, {each.name: " ".join(sent.get(each.name, "").split()) for each in FIELDS})
    rows = [
        Row(
            *(
                " ".join(sent.get(f"{name}-{place}", "").split())
                for name in ("digit", "choice", "words", "said")
            )
        )
        for place in range(ROWS_MOST)
    ]
    typed = Typed(form, [row for row in rows if not row.empty])
    for row in typed.rows:
        if not (row.digit and row.choice and row.said):
            row.error = NOT_WHOLE
    for name, text in form.values.items():
        if not text.isprintable():
            form.errors[name] = NOT_PLAIN
    if typed.fine:
        _check(typed, staff, tongue)
    typed.rows += _spare(len(typed.rows))
    return typed


def _check(typed: Typed, staff: StaffSettings, tongue: Tongue) -> None:
    try:
        StaffSettings.model_validate({"language": staff.language, **typed.values})
    except ValidationError as exc:
        for mistake in known_settings.mistakes(exc):
            name, _, within = mistake.name.partition(".")
            place, told = within.partition(".")[0], mistakes.sentence(mistake, tongue)
            if name == "menu" and place.isdecimal():
                typed.rows[int(place)].error = told
            else:
                typed.form.errors["" if name == "menu" else name] = told


def _row(entry: MenuEntry) -> Row:
    return Row(entry.digit, entry.choice.value, ", ".join(entry.words), entry.said)


def _spare(there: int) -> Iterator[Row]:
    return (Row() for _ in range(min(SPARE, ROWS_MOST - there)))
