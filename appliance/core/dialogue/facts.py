"""What the local assistant knows of the office and the caller, taken once when the call begins.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.menu import Choice, DepartmentLine
from appliance.core.staff import Office

KEYS_MOST = 9


@dataclass(frozen=True, slots=True)
class Facts:
    """The office as the dialogue sees it. `keys` are those of the clinic's own menu."""

    business_name: str = "the clinic"
    caller: str = ""
    departments: tuple[DepartmentLine, ...] = ()
    keys: tuple[tuple[str, Choice], ...] = ()
    languages: tuple[str, ...] = ("en",)
    emergency_number: str = "911"
    emergency_line: bool = False

    @classmethod
    def of(cls, office: Office, caller: str) -> "Facts":
        """The facts of an office, for a caller (E.164, or empty when withheld)."""
        staff = office.staff
        return cls(
            staff.business_name,
            caller,
            tuple(line for line in office.departments if line.numbers)[:KEYS_MOST],
            tuple((entry.digit, entry.choice) for entry in staff.menu),
            tuple(dict.fromkeys((staff.language.partition("-")[0], "en", "es"))),
            staff.emergency_number,
            staff.emergency_line is not None,
        )

    def choice(self, digit: str) -> Choice | None:
        """What a key of the main menu chooses."""
        return dict(self.keys).get(digit)

    def department(self, name: str) -> DepartmentLine | None:
        """The department of this name or slug."""
        return next((line for line in self.departments if name in (line.name, line.slug)), None)
