"""What the local assistant knows of the office and the caller, taken once when the call begins.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.menu import Choice, DepartmentLine
from appliance.core.staff import Office

KEYS_MOST = 9


OFFERED = {
    Choice.HOURS: "offer_hours",
    Choice.DEPARTMENTS: "offer_department",
    Choice.VOICEMAIL: "offer_leave_message",
}
"""Offers that have the key of the clinic's own menu."""
OURS = (("offer_book", "4"), ("offer_language", "8"), ("offer_person", "0"))
"""Further ones, with their keys where the clinic's menu leaves them free."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The office as the dialogue sees it. `offers` are names of sentences with their keys."""

    business_name: str = "the clinic"
    greeting: str = ""
    caller: str = ""
    departments: tuple[DepartmentLine, ...] = ()
    offers: tuple[tuple[str, str], ...] = OURS
    languages: tuple[str, ...] = ("en",)
    emergency_number: str = "911"
    emergency_line: bool = False

    @classmethod
    def of(cls, office: Office, caller: str) -> "Facts":
        """The facts of an office, for a caller (E.164, or empty when withheld)."""
        staff = office.staff
        return cls(
            business_name=staff.business_name,
            greeting=staff.greeting_said(),
            caller=caller,
            departments=tuple(line for line in office.departments if line.numbers)[:KEYS_MOST],
            offers=offers(office),
            languages=tuple(dict.fromkeys((staff.language.partition("-")[0], "en", "es"))),
            emergency_number=staff.emergency_number,
            emergency_line=staff.emergency_line is not None,
        )

    def department(self, name: str) -> DepartmentLine | None:
        """The department of this name or slug."""
        return next((line for line in self.departments if name in (line.name, line.slug)), None)


def offers(office: Office) -> tuple[tuple[str, str], ...]:
    """What the local assistant offers, each with its key."""
    menu = office.staff.menu
    own = [(OFFERED[entry.choice], entry.digit) for entry in menu if entry.choice in OFFERED]
    taken = {entry.digit for entry in menu if entry.choice in OFFERED}
    return (*own, *((name, key) for name, key in OURS if key not in taken))
