"""The form of a shift: its days, its times, and who is rung, one after the other.

May import: the standard library, werkzeug, admin, appliance.core.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from admin.departments.form import NOT_A_NUMBER
from admin.hours import grid
from admin.tongue import later
from appliance.core import telephone
from appliance.core.escalation import OnCall, Shift
from appliance.core.hours import DAYS

PEOPLE_MOST, PEOPLE_SHOWN = 10, 3
NAME_MOST = 60
NO_DAYS = later("Choose at least one day on which it begins.")
NO_TIMES = later("Write when it begins and when it ends, such as 17:00 and 8:00.")
NOBODY = later("Write down at least one person with a number.")
HALF = later("Each person needs a name and a number.")


@dataclass(slots=True)
class ShiftForm:
    """A shift in fields, and what is wrong with it."""

    days: list[str]
    begins: str
    ends: str
    people: list[tuple[str, str]]
    errors: dict[str, str] = field(default_factory=dict)
    shift: Shift | None = None
    """The shift that they make, when nothing is wrong with them."""

    def __post_init__(self) -> None:
        shown = min(PEOPLE_MOST, max(PEOPLE_SHOWN, len(self.people) + 1))
        self.people += [("", "")] * (shown - len(self.people))


def empty() -> ShiftForm:
    """A shift that is to be added: every night."""
    return ShiftForm([*DAYS], "17:00", "08:00", [])


def filled(shift: Shift) -> ShiftForm:
    """One that is there."""
    people = [(each.name, telephone.shown(each.number)) for each in shift.people]
    return ShiftForm([*shift.days], f"{shift.begins:%H:%M}", f"{shift.ends:%H:%M}", people)


def read(sent: "MultiDict[str, str]", region: str) -> ShiftForm:
    """One that was sent."""
    form = ShiftForm(
        [day for day in DAYS if day in sent.getlist("days")],
        sent.get("begins", "").strip()[:8],
        sent.get("ends", "").strip()[:8],
        [
            pair
            for place in range(PEOPLE_MOST)
            if any(pair := (_typed(sent, f"name-{place}"), _typed(sent, f"number-{place}")))
        ],
    )
    begins, ends = grid.time_of(form.begins), grid.time_of(form.ends)
    if not form.days:
        form.errors["days"] = NO_DAYS
    if begins is None or ends is None:
        form.errors["times"] = NO_TIMES
    people = _people(form, region)
    if begins is not None and ends is not None and not form.errors:
        form.shift = Shift.model_validate(
            {"days": form.days, "begins": begins, "ends": ends, "people": people}
        )
    return form


def _people(form: ShiftForm, region: str) -> Sequence[OnCall]:
    people = []
    for name, typed in form.people:
        if not name and not typed:
            continue
        number = telephone.e164(typed, region)
        if not name or not typed or not name.isprintable():
            form.errors["people"] = HALF
        elif not number:
            form.errors["people"] = NOT_A_NUMBER
        else:
            people.append(OnCall(name=name, number=number))
    if not people and "people" not in form.errors:
        form.errors["people"] = NOBODY
    return people


def _typed(sent: "MultiDict[str, str]", name: str) -> str:
    return " ".join(sent.get(name, "").split())[:NAME_MOST]
