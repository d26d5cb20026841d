"""The way through the pages: which there are, in which groups, for which role.

May import: the standard library, admin.permits, admin.tongue, appliance.store.accounts.
"""

from dataclasses import dataclass

from admin.permits import may
from admin.tongue import later
from appliance.store.accounts import Role


@dataclass(frozen=True, slots=True)
class Way:
    """One page of the navigation; its picture is in `icons.svg`."""

    endpoint: str
    name: str
    picture: str

    @property
    def subject(self) -> str:
        """The blueprint whose pages belong to it."""
        return self.endpoint.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    name: str
    ways: tuple[Way, ...]


GROUPS = (
    Group(
        later("Every day"),
        (
            Way("today.index", later("Today"), "today"),
            Way("callbacks.index", later("Callbacks"), "callbacks"),
            Way("calls.index", later("Calls"), "calls"),
            Way("messages.index", later("Messages"), "messages"),
            Way("bookings.index", later("Bookings"), "bookings"),
            Way("analytics.index", later("Analytics"), "analytics"),
        ),
    ),
    Group(
        later("What callers are told"),
        (
            Way("knowledge.index", later("Knowledge"), "knowledge"),
            Way("menu.index", later("Menu and greetings"), "greetings"),
            Way("citations.index", later("Citations"), "citations"),
            Way("rehearse.index", later("Rehearse"), "rehearse"),
            Way("languages.index", later("Languages"), "languages"),
        ),
    ),
    Group(
        later("The office"),
        (
            Way("hours.index", later("Hours"), "hours"),
            Way("departments.index", later("Departments"), "departments"),
            Way("on_call.index", later("On call"), "on-call"),
        ),
    ),
    Group(
        later("The box"),
        (
            Way("jobs.index", later("Jobs"), "jobs"),
            Way("devices.index", later("Devices"), "devices"),
            Way("system.index", later("System"), "system"),
            Way("settings.index", later("Settings"), "settings"),
            Way("people.index", later("Users"), "people"),
            Way("audit.index", later("Audit"), "audit"),
        ),
    ),
)
ACCOUNT = Way("account.index", later("My account"), "account")


def groups(role: Role) -> list[Group]:
    """What a role sees; a group without pages is left out."""
    seen = [
        Group(group.name, tuple(way for way in group.ways if may(role, way.endpoint))) for group in GROUPS
    ]
    return [group for group in seen if group.ways]


def home(role: Role) -> str:
    """The first page of a role: that of IT is the box's, not the office's."""
    if role is Role.IT:
        return "system.index"
    return next((way.endpoint for group in groups(role) for way in group.ways), ACCOUNT.endpoint)
