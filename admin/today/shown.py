"""What Today shows, gathered from rows.

May import: the standard library, admin.words, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from admin.words import local
from appliance.core.dispositions import Outcome
from appliance.core.staff import Office
from appliance.store import callback_rows, calls, messages, times, transcripts
from appliance.store.calls import Call
from appliance.store.database import Connection
from appliance.store.transcripts import TurnRow

TURNS = 4
"""So many of the last sentences of a live call are shown."""

MISSED = (Outcome.UNANSWERED, Outcome.VOICEMAIL, Outcome.ABANDONED, Outcome.BUSY, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that is going on, and the last that was said in it."""

    call: Call
    turns: list[TurnRow]


@dataclass(frozen=True, slots=True)
class Today:
    """The day until now."""

    live: list[LiveCall]
    calls: int
    missed: int
    open_callbacks: int
    overdue_callbacks: int
    new_messages: int


def today(db: Connection, office: Office, now: str) -> Today:
    """The day until now, as the office counts days."""
    zone = ZoneInfo(office.staff.time_zone)
    begins_at = times.written(datetime.combine(local(now, office).date(), time(), zone))
    ended = calls.outcomes(db, begins_at)
    listed = callback_rows.counts(db, times.read(now))
    live = calls.live(db)
    return Today(
        live=[LiveCall(call, transcripts.of_call(db, call.id)[-TURNS:]) for call in live],
        calls=sum(ended.values()) + len(live),
        missed=sum(ended.get(outcome, 0) for outcome in MISSED),
        open_callbacks=listed.open,
        overdue_callbacks=listed.overdue,
        new_messages=messages.waiting(db),
    )
