"""How far documents are, in words and colours.

Pure. May import: the standard library, admin, appliance.core, appliance.store, kb.answer.
"""

from dataclasses import dataclass
from datetime import date

from admin.knowledge import problems
from admin.tongue import Tongue, later
from appliance.core.staff import StaffSettings
from appliance.store.documents import Entry, Overview, Source, State
from kb.answer import DAYS_A_MONTH

QUEUED = later("Waits to be read")
FAILED = later("Cannot be read")
INDEXED = later("Being indexed: {done} of {all}")
READY = later("Callers are answered from it")
KINDS = {
    Source.FILE: later("File"),
    Source.PAGE: later("Page of a website"),
    Source.TEXT: later("Written here"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A document and how far it is."""

    entry: Entry
    passages: int
    tone: str
    state: str
    progress: float | None
    """Which share of its passages is indexed, while that is not all of them."""
    reviewed: date | None
    problem: str
    """Why it cannot be read, or empty."""
    old: bool
    """Whether nobody has said for long that it is right: callers are told so."""

    @property
    def kind(self) -> str:
        """Where it comes from."""
        return KINDS[self.entry.source]


def standing(each: Overview, staff: StaffSettings, today: date, tongue: Tongue) -> Standing:
    """A document as it is shown."""
    entry = each.entry
    tone, state, progress = "good", tongue(READY), None
    if entry.state is State.QUEUED:
        tone, state = "live", tongue(QUEUED)
    elif entry.state is State.FAILED:
        tone, state = "bad", tongue(FAILED)
    elif each.embedded < each.passages:
        tone, state = "live", tongue(INDEXED, done=each.embedded, all=each.passages)
        progress = each.embedded / each.passages
    day = entry.given_reviewed or entry.reviewed_on
    reviewed = date.fromisoformat(day) if day else None
    problem = problems.said(entry.problem, tongue)
    old = _old(reviewed, staff, today)
    return Standing(entry, each.passages, tone, state, progress, reviewed, problem, old)


def _old(reviewed: date | None, staff: StaffSettings, today: date) -> bool:
    """The same rule by which callers hear the month of a review."""
    if reviewed is None or not staff.kb_old_after_months:
        return False
    return (today - reviewed).days / DAYS_A_MONTH > staff.kb_old_after_months
