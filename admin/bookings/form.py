"""The forms of a provider and of a visit type, and what was typed into them as the store takes it.

May import: the standard library, admin.forms, admin.hours.grid, admin.tongue, appliance.core.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin import forms
from admin.forms import Field, Form
from admin.hours import grid
from admin.hours.grid import Grid
from admin.tongue import later
from appliance.core import slugs
from appliance.core.booking.visits import OWN, Provider, VisitType
from appliance.core.staff import Office

SLUG_MOST = 40
NAME_MOST = 60
CALENDAR = re.compile(r"own|(google|microsoft):[^\s:]{1,200}", re.IGNORECASE)
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

PROVIDER = (
    Field("name", later("Name"), hint=later("As callers hear it, such as Dr. Lee."), most=NAME_MOST),
    Field(
        "calendar",
        later("Calendar"),
        hint=later(
            "Where its appointments are kept: own for the box itself, or google: or microsoft: and the"
            " address of the calendar there, such as google:lee@clinic.example. No two may have the same."
        ),
        most=220,
    ),
    Field(
        "busy_too",
        later("Busy by these calendars, too"),
        hint=later("One a line, written in the same way. What stands in one of them is not offered."),
        kind="lines",
        most=1200,
        needed=False,
    ),
    Field(
        "away",
        later("Days off"),
        hint=later("One a line, as year-month-day, such as 2026-12-24."),
        kind="lines",
        most=3000,
        needed=False,
    ),
    Field(
        "hours",
        later("When patients are seen"),
        kind="choice",
        choices=(("clinic", later("When the clinic is open")), ("own", later("In hours of its own"))),
        meanings=(
            later("In all hours of the clinic."),
            later("Those of the week below; on days on which the clinic is closed there are none, too."),
        ),
    ),
)
WHO = (
    ("anyone", later("Anyone")),
    ("known", later("Patients who were here before")),
    ("staff", later("Nobody but staff")),
)
VISIT = (
    Field("name", later("Name"), hint=later("As callers hear it, such as Check-up."), most=NAME_MOST),
    Field(
        "aliases",
        later("Also called"),
        hint=later("What callers may say instead, in any language, with commas between."),
        most=1200,
        needed=False,
    ),
    Field("minutes", later("Minutes that the patient is there"), most=3),
    Field(
        "buffer_minutes",
        later("Minutes behind it"),
        hint=later("In these its provider is not free yet."),
        most=3,
    ),
    Field("notice_hours", later("Hours before its start by which it has to be booked"), most=3),
    Field("ahead_days", later("Days ahead for which it can be booked"), most=3),
    Field(
        "step_minutes",
        later("Minutes between two starts"),
        kind="choice",
        choices=tuple((str(each), str(each)) for each in (5, 10, 15, 20, 30, 60)),
    ),
    Field(
        "who",
        later("Who may book it by telephone"),
        kind="choice",
        choices=WHO,
    ),
    Field(
        "colour",
        later("Colour in calendars"),
        hint=later("Such as #0b8043; left empty, the calendar's own."),
        most=7,
        needed=False,
    ),
)
RANGES = {
    "minutes": (5, 480), "buffer_minutes": (0, 240), "notice_hours": (0, 720), "ahead_days": (1, 366),
}  # fmt: skip
NO_CALENDAR = later("Write own, or google: or microsoft: and the address of a calendar.")
NO_DAYS = later("Write each day as year-month-day, one a line.")
NO_COLOUR = later("Write a colour such as #0b8043.")
THERE_ALREADY = later("There is one of this name already.")
TOO_LONG = later("One of these is too long.")
TOO_MANY = later("These are too many.")
IN_RANGE = {
    "minutes": later("Write a number from 5 to 480."),
    "buffer_minutes": later("Write a number from 0 to 240."),
    "notice_hours": later("Write a number from 0 to 720."),
    "ahead_days": later("Write a number from 1 to 366."),
}


@dataclass(slots=True)
class TypedProvider:
    """A provider as it was typed."""

    form: Form
    week: Grid

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return self.form.fine and not (self.form.values.get("hours") == "own" and self.week.week is None)

    def row(self, slug: str) -> dict[str, Any]:
        """It, as the store takes it."""
        week = self.week.week if self.form["hours"] == "own" else None
        return {
            "slug": slug,
            "name": self.form["name"],
            "calendar": _calendar(self.form["calendar"]),
            "busy_too": [_calendar(each) for each in _lines(self.form["busy_too"])],
            "away": _lines(self.form["away"]),
            "hours": None if week is None else week.model_dump(mode="json"),
        }


@dataclass(slots=True)
class TypedVisit:
    """A visit type as it was typed; no `providers` are all of them."""

    form: Form
    providers: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return self.form.fine

    def row(self, slug: str) -> dict[str, Any]:
        """It, as the store takes it."""
        numbers = {name: int(self.form[name]) for name in (*RANGES, "step_minutes")}
        return {
            "slug": slug,
            "name": self.form["name"],
            "aliases": _parts(self.form["aliases"]),
            "who": self.form["who"],
            "colour": self.form["colour"].lower(),
            "providers": list(self.providers),
            **numbers,
        }


def empty_provider(office: Office) -> TypedProvider:
    """The form of a provider that is to be added."""
    return TypedProvider(forms.empty(PROVIDER, calendar=OWN, hours="clinic"), grid.of(office.staff.hours))


def filled_provider(provider: Provider, office: Office) -> TypedProvider:
    """The form of one that is there."""
    form = forms.empty(
        PROVIDER,
        name=provider.name,
        calendar=provider.calendar,
        busy_too="\n".join(provider.busy_too),
        away="\n".join(day.isoformat() for day in provider.away),
        hours="clinic" if provider.hours is None else "own",
    )
    return TypedProvider(form, grid.of(provider.hours or office.staff.hours))


def read_provider(sent: Mapping[str, str], others: Sequence[Provider]) -> TypedProvider:
    """One that was sent, among others."""
    form = forms.read(PROVIDER, sent)
    _see_the_name(form, [other.name for other in others])
    calendars = [form["calendar"], *_lines(form["busy_too"])]
    for name, told in (("calendar", calendars[:1]), ("busy_too", calendars[1:])):
        if not all(CALENDAR.fullmatch(each) for each in told):
            form.errors.setdefault(name, NO_CALENDAR)
    if len(calendars) > 6:
        form.errors.setdefault("busy_too", TOO_MANY)
    days = _lines(form["away"])
    if not all(map(forms.is_day, days)):
        form.errors.setdefault("away", NO_DAYS)
    elif len(days) > 200:
        form.errors.setdefault("away", TOO_MANY)
    return TypedProvider(form, grid.read(sent))


def empty_visit() -> TypedVisit:
    """The form of a visit type that is to be added."""
    return filled_visit(VisitType(slug="new", name=" "))


def filled_visit(visit: VisitType) -> TypedVisit:
    """The form of one that is there."""
    numbers = {name: str(getattr(visit, name)) for name in (*RANGES, "step_minutes")}
    form = forms.empty(
        VISIT,
        name=visit.name.strip(),
        aliases=", ".join(visit.aliases),
        who=visit.who,
        colour=visit.colour,
        **numbers,
    )
    return TypedVisit(form, visit.providers)


def read_visit(sent: Mapping[str, str], ticked: Iterable[str], others: Sequence[VisitType]) -> TypedVisit:
    """One that was sent, among others."""
    form = forms.read(VISIT, sent)
    _see_the_name(form, [other.name for other in others])
    aliases = _parts(form["aliases"])
    if any(len(each) > NAME_MOST for each in aliases):
        form.errors.setdefault("aliases", TOO_LONG)
    elif len(aliases) > 20:
        form.errors.setdefault("aliases", TOO_MANY)
    for name, (least, most) in RANGES.items():
        typed = form[name]
        if not (typed.isascii() and typed.isdecimal() and least <= int(typed) <= most):
            form.errors.setdefault(name, IN_RANGE[name])
    if form["colour"] and not COLOUR.fullmatch(form["colour"]):
        form.errors.setdefault("colour", NO_COLOUR)
    return TypedVisit(form, tuple(dict.fromkeys(ticked)))


def slug_of(name: str, taken: Iterable[str]) -> str:
    """The name that it has for ever: small letters, digits and dashes; another than those there are."""
    return slugs.free(slugs.slug(name, SLUG_MOST - 4) or "other", set(taken))


def _see_the_name(form: Form, others: Iterable[str]) -> None:
    if "name" in form.errors:
        return
    if not forms.can_be_said(form["name"]):
        form.errors["name"] = forms.NO_LETTERS
    elif form["name"].casefold() in {other.casefold() for other in others}:
        form.errors["name"] = THERE_ALREADY


def _calendar(typed: str) -> str:
    """A calendar as the store takes it: its service in small letters."""
    service, colon, named = typed.partition(":")
    return f"{service.lower()}{colon}{named}"


def _lines(typed: str) -> list[str]:
    return [line for line in typed.splitlines() if line]


def _parts(typed: str) -> list[str]:
    return list(dict.fromkeys(forms.parts(typed)))
