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

REHEARSING: Roles = DESK | BOX
"""Who may talk with the assistant to see what it says: nothing that anybody said is in it."""

OPEN = frozenset(
    {"static", "door.sign_in", "door.enter", "door.first", "door.link", "door.accept", "door.closed"}
)
"""Endpoints that need no session."""

AT_THE_CODE = frozenset({"door.code", "door.check_code", "door.leave"})
"""Endpoints that a session reaches while it waits for its second step."""

UNNOTED = frozenset(
    {
        "today.live",
        "calls.live",
        "callbacks.live",
        "knowledge.live",
        "knowledge.document_live",
        "jobs.live",
        "system.live",
        "devices.live",
        "menu.live",
        "rehearse.live",
        "rehearse.draft_live",
    }
)
"""Endpoints that a page asks by itself: they do not count as use of a session."""

BODIES: Mapping[str, int] = {"knowledge.add_file": 40_000_000}
"""So many bytes may be sent there: twice the largest document, so that a page says what is too large."""

PERMITS: Mapping[str, Roles] = {
    "home": EVERYONE,
    "door.code": EVERYONE,
    "door.check_code": EVERYONE,
    "door.leave": EVERYONE,
    "today.index": READERS,
    "today.live": READERS,
    "callbacks.index": READERS,
    "callbacks.live": READERS,
    "callbacks.past": READERS,
    "callbacks.one": READERS,
    "callbacks.take": DESK,
    "callbacks.give_back": DESK,
    "callbacks.note": DESK,
    "callbacks.attempt": DESK,
    "callbacks.put_off": DESK,
    "callbacks.done": DESK,
    "callbacks.undo": DESK,
    "today.take": DESK,
    "today.give_back": DESK,
    "today.done": DESK,
    "today.undo": DESK,
    "calls.index": READERS,
    "calls.one": READERS,
    "calls.live": READERS,
    "calls.take_over": DESK,
    "calls.put_through": DESK,
    "calls.hang_up": DESK,
    "messages.index": READERS,
    "messages.one": READERS,
    "messages.recording": READERS,
    "messages.correct": DESK,
    "messages.write_again": DESK,
    "messages.take_back": DESK,
    "messages.done": DESK,
    "messages.open_again": DESK,
    "hours.index": EVERYONE,
    "hours.close": DESK,
    "hours.until": DESK,
    "hours.planned": DESK,
    "hours.week": DESK,
    "hours.set_day": DESK,
    "hours.drop_day": DESK,
    "hours.show_holidays": EVERYONE,
    "hours.keep_holidays": DESK,
    "departments.index": EVERYONE,
    "departments.new": DESK,
    "departments.add": DESK,
    "departments.one": DESK,
    "departments.change": DESK,
    "departments.move": DESK,
    "departments.remove": DESK,
    "on_call.index": EVERYONE,
    "on_call.new": DESK,
    "on_call.add": DESK,
    "on_call.one": DESK,
    "on_call.change": DESK,
    "on_call.first": DESK,
    "on_call.remove": DESK,
    "menu.index": EVERYONE,
    "menu.live": EVERYONE,
    "menu.sound": EVERYONE,
    "menu.save": DESK | BOX,
    "menu.other": DESK | BOX,
    "menu.save_other": DESK | BOX,
    "bookings.index": READERS,
    "analytics.index": EVERYONE,
    "analytics.table": EVERYONE,
    "citations.index": READERS,
    "citations.dislike": DESK,
    "knowledge.index": READERS,
    "knowledge.live": READERS,
    "knowledge.ask": READERS,
    "knowledge.new": DESK,
    "knowledge.add_file": DESK,
    "knowledge.add_page": DESK,
    "knowledge.document": READERS,
    "knowledge.document_live": READERS,
    "knowledge.review": DESK,
    "knowledge.remove": DESK,
    "knowledge.own_answer": DESK,
    "knowledge.write_own_answer": DESK,
    "knowledge.unanswered": READERS,
    "knowledge.question": READERS,
    "knowledge.answer": DESK,
    "knowledge.dismiss": DESK,
    "knowledge.open_again": DESK,
    "languages.index": EVERYONE,
    "languages.on": DESK,
    "languages.off": DESK,
    "jobs.index": BOX,
    "jobs.live": BOX,
    "jobs.one": BOX,
    "jobs.retry": BOX,
    "jobs.retry_all": BOX,
    "jobs.drop": BOX,
    "settings.index": BOX,
    "settings.group": BOX,
    "settings.save": BOX,
    "settings.put_back": BOX,
    "settings.set_secret": BOX,
    "devices.index": BOX,
    "devices.live": BOX,
    "devices.new": BOX,
    "devices.add": BOX,
    "devices.one": BOX,
    "devices.sheet": BOX,
    "devices.change": BOX,
    "devices.remove": BOX,
    "system.index": BOX,
    "system.live": BOX,
    "system.examine": BOX,
    "system.back_up": BOX,
    "system.bundle": BOX,
    "rehearse.index": REHEARSING,
    "rehearse.token": REHEARSING,
    "rehearse.begin": REHEARSING,
    "rehearse.talk": REHEARSING,
    "rehearse.say": REHEARSING,
    "rehearse.keep": DESK,
    "rehearse.one": REHEARSING,
    "rehearse.forget": DESK,
    "rehearse.run": REHEARSING,
    "rehearse.result": REHEARSING,
    "rehearse.live": REHEARSING,
    "rehearse.right": DESK,
    "rehearse.new_draft": DESK,
    "rehearse.keep_draft": DESK,
    "rehearse.draft": REHEARSING,
    "rehearse.draft_live": REHEARSING,
    "rehearse.drop": DESK,
    "rehearse.insist": DESK,
    "rehearse.draft_hours": DESK,
    "rehearse.keep_draft_hours": DESK,
    "rehearse.draft_menu": DESK,
    "rehearse.keep_draft_menu": DESK,
    "rehearse.draft_language": DESK,
    "rehearse.keep_draft_language": DESK,
    "rehearse.draft_departments": DESK,
    "rehearse.draft_department_new": DESK,
    "rehearse.draft_department_add": DESK,
    "rehearse.draft_department": DESK,
    "rehearse.keep_draft_department": DESK,
    "rehearse.draft_documents": DESK,
    "rehearse.draft_document_new": DESK,
    "rehearse.draft_document_add": DESK,
    "rehearse.draft_document": DESK,
    "rehearse.keep_draft_document": DESK,
    "rehearse.draft_remove": DESK,
    "rehearse.decide": DESK,
    "rehearse.forget_draft": DESK,
    "account.index": EVERYONE,
    "account.choose_language": EVERYONE,
    "account.choose_line": DESK,
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
