"""Who may do what: one line for each endpoint. What is not in the table may be done by nobody.

May import: appliance.store.accounts.
"""

from collections.abc import Mapping

from appliance.store.accounts import Role

Roles = frozenset[Role]

OWNER: Roles = frozenset({Role.OWNER})
EVERYONE: Roles = frozenset(Role)
DESK: Roles = frozenset({Role.OWNER, Role.FRONT_DESK})
"""Who does the day's work."""
READERS: Roles = DESK | {Role.READ_ONLY}
"""Who sees what patients said."""
BOX: Roles = frozenset({Role.OWNER, Role.IT})
"""Who looks after the box."""

OPEN = frozenset(
    {"static", "door.sign_in", "door.enter", "door.first", "door.link", "door.accept", "door.closed"}
)
"""Endpoints that need no session."""

AT_THE_CODE = frozenset({"door.code", "door.check_code", "door.leave"})
"""Endpoints that a session reaches while it waits for its second step."""

UNNOTED = frozenset({"today.live", "calls.live"})
"""Endpoints that a page asks by itself: they do not count as use of a session."""

PERMITS: Mapping[str, Roles] = {
    "home": EVERYONE,
    "door.code": EVERYONE,
    "door.check_code": EVERYONE,
    "door.leave": EVERYONE,
    "today.index": READERS,
    "today.live": READERS,
    "today.take": DESK,
    "today.give_back": DESK,
    "today.done": DESK,
    "today.undo": DESK,
    "calls.index": READERS,
    "calls.one": READERS,
    "calls.live": READERS,
    "messages.index": READERS,
    "messages.recording": READERS,
    "account.index": EVERYONE,
    "account.choose_language": EVERYONE,
    "account.password": EVERYONE,
    "account.set_password": EVERYONE,
    "account.two_step": EVERYONE,
    "account.two_step_on": EVERYONE,
    "account.two_step_off": EVERYONE,
    "account.new_codes": EVERYONE,
    "account.leave_everywhere": EVERYONE,
    "people.index": OWNER,
    "people.new": OWNER,
    "people.add": OWNER,
    "people.one": OWNER,
    "people.set_role": OWNER,
    "people.reset": OWNER,
    "people.two_step_off": OWNER,
    "people.end": OWNER,
    "people.resume": OWNER,
    "audit.index": BOX,
}


def may(role: Role, endpoint: str) -> bool:
    """Whether a role may use an endpoint that is behind the guard."""
    return role in PERMITS.get(endpoint, frozenset())
