"""What Today shows, gathered from rows.

May import: the standard library, admin.today, admin.words, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from admin.today import callbacks
from admin.words import local
from appliance.core.dispositions import Outcome
from appliance.core.staff import Office
from appliance.store import callback_rows, calls, messages, requests, times, transcripts, usage
from appliance.store.callback_rows import Entry
from appliance.store.calls import Call
from appliance.store.database import Connection
from appliance.store.requests import Request
from appliance.store.transcripts import TurnRow

TURNS = 4
"""So many of the last sentences of a live call are shown."""

HEAD = 6
"""So many of the callback list are shown."""

MISSED = (Outcome.UNANSWERED, Outcome.VOICEMAIL, Outcome.ABANDONED, Outcome.BUSY, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that is going on, the last that was said in it, and what staff asked for."""

    call: Call
    turns: list[TurnRow]
    asked: list[Request]


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody who is to be called back, why, whether it is overdue, and the call that it is about."""

    entry: Entry
    why: list[str]
    overdue: bool
    due_at: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Today:
    """The day until now."""

    live: list[LiveCall]
    calls: int
    missed: int
    open_callbacks: int
    overdue_callbacks: int
    new_messages: int
    cost_usd: float
    to_call: list[ToCall]


def today(db: Connection, office: Office, now: str) -> Today:
    """The day until now, as the office counts days."""
    zone = ZoneInfo(office.staff.time_zone)
    begins_at = times.written(datetime.combine(local(now, office).date(), time(), zone))
    ended = calls.outcomes(db, begins_at)
    listed = callback_rows.counts(db, times.read(now))
    head = callback_rows.open_page(db, limit=HEAD)
    live = calls.live(db)
    return Today(
        live=[_live(db, call) for call in live],
        calls=sum(ended.values()) + len(live),
        missed=sum(ended.get(outcome, 0) for outcome in MISSED),
        open_callbacks=listed.open,
        overdue_callbacks=listed.overdue,
        new_messages=messages.waiting(db),
        cost_usd=usage.cost_since(db, begins_at),
        to_call=[_to_call(entry, now) for entry in head],
    )


def _live(db: Connection, call: Call) -> LiveCall:
    return LiveCall(call, transcripts.of_call(db, call.id)[-TURNS:], requests.of_call(db, call.id))


def _to_call(entry: Entry, now: str) -> ToCall:
    return ToCall(
        entry,
        callbacks.why(entry),
        entry.overdue(times.read(now)),
        times.written(entry.due_at),
        callbacks.call_of(entry),
    )
