"""How a call was filed: the [transcript] and [outcome] sections, from the database.

May import: the standard library, appliance.store, this package.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.core import telephone
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.dialogue.facts import Facts
from appliance.core.dispositions import Outcome
from appliance.core.events import Event, UsageReported
from appliance.core.hours import DAYS, WeeklyHours
from appliance.core.other_languages import spoken_in
from appliance.core.steps import CallOffered
from appliance.languages.folders import code_of
from appliance.store import bookings, calls, events, messages, office, usage
from appliance.store.bookings import Booking
from appliance.store.citations import CitationRow
from appliance.store.database import connect, connect_readonly, immediate
from appliance.store.times import utc_now
from appliance.store.transcripts import TurnRow
from tests.golden import booked


@dataclass(frozen=True, slots=True)
class Filed:
    """A finished call as it is kept."""

    whole: calls.WholeCall
    happened: list[Event]
    facts: Facts
    bookings: list[Booking]
    before: list[str]
    """What became of the appointments from before the call."""
    language: str
    """That in which our part of it began."""

    @property
    def call(self) -> calls.Call:
        """Its row in the call log."""
        return self.whole.call

    @property
    def turns(self) -> list[TurnRow]:
        """Its transcript."""
        return self.whole.turns

    def transcript(self) -> list[str]:
        """The turns as lines."""
        return [_turn(turn) for turn in self.turns]

    def outcome(self) -> list[str]:
        """How it was filed, as lines."""
        call = self.call
        left = "nothing" if call.disposition is None else str(call.disposition) or "people"
        return [
            f"outcome: {call.outcome}",
            f"reason: {call.reason}",
            f"left: {left}",
            f"menu: {' '.join(call.menu_path) or '-'}",
            *(_cited(row) for row in self.whole.citations),
            *(_message(message) for message in self.whole.messages),
            *(_booking(booking) for booking in self.bookings),
            *self.before,
        ]


def _turn(turn: TurnRow) -> str:
    words = f" {turn.text}" if turn.text else ""
    final = "" if turn.final else " (not final)"
    return f"{turn.speaker}:{words}{' -- cut short' if turn.cut else ''}{final}"


def _cited(row: CitationRow) -> str:
    """A question to the documents, and what became of it."""
    if row.verified:
        known = next(str(each["slug"]) for each in row.sources if each["passage"] == row.passage)
        return f'answered: "{row.question}" -- {row.named} ({known}, version {row.sources[0]["version"]})'
    if row.answered:
        return f'answered with a source that is none: "{row.question}" -- {row.named}'
    found = " though something was found" if row.sources else ""
    return f'not answered{found}: "{row.question}"'


def _message(message: messages.Message) -> str:
    if message.kind == "voicemail":
        return f"voicemail: {message.seconds} s from {message.caller or 'nobody'}"
    recorded = " (recorded)" if message.recording_path else ""
    gone = " (taken back)" if message.handled_by == messages.CALLER else ""
    told = message.told
    marks = "".join(
        mark
        for mark, counts in (
            (" (urgent)", told.urgent),
            (" (name not heard)", not told.name_heard),
            (" (caller ID, not confirmed)", told.number_from is NumberFrom.CALLER_ID),
            (f" (not heard: {told.unheard})", told.unheard),
        )
        if counts
    )
    who = f" -- {' '.join(filter(None, (told.name, told.number)))}{marks}".rstrip()
    return f"message{recorded}{gone}: {message.subject}: {message.body}{'' if who == ' --' else who}"


def _booking(booking: Booking) -> str:
    start = booking.span.start.astimezone(ZoneInfo(booking.zone))
    return f"appointment: {booking.state}, {booking.visit} at {start:%H:%M} for {booking.patient or 'nobody'}"


def filed(database: Path, call_sid: str) -> Filed | None:
    """The call once it is filed, with the carrier's word on it, and its voicemail is fetched; None before."""
    db = connect_readonly(database)
    try:
        call = calls.by_sid(db, call_sid)
        if call is None or call.ended_at is None or call.ask_at is not None:
            return None
        whole = calls.whole(db, call.id)
        if whole is None or any(m.recording_sid and not m.recording_path for m in whole.messages):
            return None
        happened = [event for _, event in events.replay(db, call.id)]
        whole_office, chosen = office.load(db), [step.rpartition(":")[2] for step in call.menu_path]
        language = next((each for each in reversed(chosen) if each in whole_office.staff.languages), "")
        spoken = spoken_in(whole_office, language) if language else whole_office
        mobile = call.from_number if telephone.takes_texts(call.from_number) else ""
        link = mobile if spoken.bookable.offered else None
        facts = Facts.of(spoken, call.from_number, link=link, page=mobile if spoken.staff.clinic_url else "")
        made = [each for each in bookings.to_come(db, datetime.now(UTC)) if each.call_sid == call_sid]
        return Filed(whole, happened, facts, made, booked.before(db), code_of(spoken.staff.language))
    finally:
        db.close()


def spend(database: Path, cost_usd: float) -> None:
    """Keep a call of just now that has cost so much."""
    db = connect(database)
    try:
        with immediate(db):
            calls.begin(db, "before", CallOffered("CAbefore", "", "", "twilio"), utc_now())
            usage.add(db, "before", 0, UsageReported("gpt-realtime", 0, 0, 0, 0, 0, 0, cost_usd))
            calls.end(db, "before", utc_now(), Outcome.HANDLED, "before")
    finally:
        db.close()


def shut(database: Path, slugs: list[str]) -> None:
    """Close departments, so that they never open."""
    never = WeeklyHours.model_validate(dict.fromkeys(DAYS, ())).model_dump(mode="json")
    db = connect(database)
    try:
        with immediate(db):
            for slug in slugs:
                office.set_department_hours(db, slug, never)
    finally:
        db.close()


def count(database: Path) -> int:
    """How many calls there are."""
    db = connect_readonly(database)
    try:
        return int(db.execute("SELECT COUNT(*) FROM call_log").fetchone()[0])
    finally:
        db.close()
