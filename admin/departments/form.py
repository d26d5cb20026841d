"""The form of a department: its fields, and what was typed into them as the store takes it.

May import: the standard library, admin.forms, admin.hours.grid, admin.tongue, appliance.core.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin import forms
from admin.forms import Field, Form
from admin.hours import grid
from admin.hours.grid import Grid
from admin.tongue import later
from appliance.core import telephone
from appliance.core.hours import WeeklyHours
from appliance.core.menu import DepartmentLine
from appliance.core.phones import EXTENSION, HELP, outside
from appliance.core.staff import Office

NUMBERS_MOST = 10
NUMBERS_SHOWN = 3
NAME = Field(
    "name",
    later("Name"),
    hint=later("As callers hear it, such as Billing."),
    most=60,
)
ALIASES = Field(
    "aliases",
    later("Also called"),
    hint=later("What callers may say instead, with commas between: accounts, invoices."),
    most=400,
    needed=False,
)
HOURS = Field(
    "hours",
    later("When it can be reached"),
    kind="choice",
    choices=(
        ("clinic", later("When the clinic is open")),
        ("always", later("Always")),
        ("own", later("In hours of its own")),
    ),
    meanings=(
        later("Otherwise callers are told when it opens, and can leave a message."),
        later("At night and on holidays, too."),
        later("Those of the week below; on days on which the clinic is closed it is closed, too."),
    ),
)
NUMBERS = tuple(
    Field(f"number-{place}", label, hint, most=30, needed=not place)
    for place, (label, hint) in enumerate(
        zip(
            map(
                later,
                ("First number", "Second number", "Third number", "Fourth number", "Fifth number",
                 "Sixth number", "Seventh number", "Eighth number", "Ninth number", "Tenth number"),
            ),
            (later("Such as (212) 555-0100, or the extension of a desk phone, such as 101."), *[""] * 9),
            strict=True,
        )
    )
)  # fmt: skip
NOT_A_NUMBER = later(
    "This is no number that can be rung. Write it such as (212) 555-0100, or +44 20 7183 8750."
)
FOR_HELP = later("This is dialled for help. Write a number of your own.")
THERE_ALREADY = later("There is a department of this name already.")


@dataclass(slots=True)
class Typed:
    """A department as it was typed."""

    form: Form
    week: Grid
    numbers: list[str]

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        own = self.form.values.get("hours") == "own"
        return self.form.fine and not (own and self.week.week is None)

    @property
    def name(self) -> str:
        """How it is called."""
        return self.form["name"]

    @property
    def aliases(self) -> list[str]:
        """What it is called, too."""
        return forms.parts(self.form["aliases"])

    @property
    def hours(self) -> object:
        """When it can be reached, as the store takes it."""
        if self.form["hours"] == "own" and self.week.week is not None:
            return self.week.week.model_dump(mode="json")
        return "always" if self.form["hours"] == "always" else None


def fields(numbers: int) -> tuple[Field, ...]:
    """The fields for so many numbers and one more."""
    shown = min(NUMBERS_MOST, max(NUMBERS_SHOWN, numbers + 1))
    return (NAME, *NUMBERS[:shown], ALIASES, HOURS)


def empty(office: Office) -> Typed:
    """The form of a department that is to be added."""
    return Typed(forms.empty(fields(0), hours="clinic"), grid.of(office.staff.hours), [])


def filled(line: DepartmentLine, office: Office) -> Typed:
    """The form of one that is there."""
    own = isinstance(line.hours, WeeklyHours)
    values = {f"number-{place}": telephone.shown(each) for place, each in enumerate(line.numbers)}
    form = forms.empty(
        fields(len(line.numbers)),
        name=line.name,
        aliases=", ".join(line.aliases),
        hours="own" if own else "always" if line.hours == "always" else "clinic",
        **values,
    )
    week = line.hours if isinstance(line.hours, WeeklyHours) else office.staff.hours
    return Typed(form, grid.of(week), [*line.numbers])


def read(sent: Mapping[str, str], region: str) -> Typed:
    """One that was sent; `region` is the country whose numbers are written without its code."""
    there = sum(1 for each in NUMBERS if each.name in sent)
    form = forms.read(fields(max(0, there - 1)), sent)
    numbers: list[str] = []
    for each in NUMBERS:
        if typed := form.values.get(each.name, ""):
            number, error = number_of(typed, region)
            if error and each.name not in form.errors:
                form.errors[each.name] = error
            numbers.append(number)
    if "name" not in form.errors and not forms.can_be_said(form["name"]):
        form.errors["name"] = forms.NO_LETTERS
    return Typed(form, grid.read(sent), list(dict.fromkeys(numbers)))


def number_of(typed: str, region: str) -> tuple[str, str]:
    """A number as the box dials it, or what is wrong with it."""
    digits = typed.strip()
    if digits in HELP:
        return "", FOR_HELP
    if re.fullmatch(EXTENSION, digits):
        return digits, ""
    number = telephone.e164(digits, region)
    return number, "" if number else NOT_A_NUMBER


def region_of(office: Office, own: Sequence[str] = ()) -> str:
    """The country of the clinic, by the numbers that are known of it."""
    staff = office.staff
    lines = [number for line in office.departments for number in line.numbers]
    return telephone.region((*own, staff.caller_id or "", *outside(staff.people), *outside(tuple(lines))))
