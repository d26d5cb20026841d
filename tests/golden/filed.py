"""How a call was filed: the [transcript] and [outcome] sections, from the database.

May import: the standard library, appliance.store, this package.
"""

from dataclasses import dataclass
from pathlib import Path

from appliance.core.dialogue.facts import Facts
from appliance.core.events import Event
from appliance.store import calls, events, messages, office
from appliance.store.database import connect_readonly
from appliance.store.transcripts import TurnRow


@dataclass(frozen=True, slots=True)
class Filed:
    """A finished call as it is kept."""

    call: calls.Call
    turns: list[TurnRow]
    happened: list[Event]
    messages: list[messages.Message]
    facts: Facts

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
            *(_message(message) for message in self.messages),
        ]


def _turn(turn: TurnRow) -> str:
    words = f" {turn.text}" if turn.text else ""
    final = "" if turn.final else " (not final)"
    return f"{turn.speaker}:{words}{' -- cut short' if turn.cut else ''}{final}"


def _message(message: messages.Message) -> str:
    if message.kind == "voicemail":
        return f"voicemail: {message.seconds} s from {message.caller or 'nobody'}"
    recorded = " (recorded)" if message.recording_path else ""
    return f"message{recorded}: {message.subject}: {message.body}"


def filed(database: Path, call_sid: str) -> Filed | None:
    """The call once it is filed and its voicemail is fetched; None before."""
    db = connect_readonly(database)
    try:
        call = calls.by_sid(db, call_sid)
        if call is None or call.ended_at is None:
            return None
        whole = calls.whole(db, call.id)
        if whole is None or any(m.recording_sid and not m.recording_path for m in whole.messages):
            return None
        happened = [event for _, event in events.replay(db, call.id)]
        facts = Facts.of(office.load(db), call.from_number)
        return Filed(call, whole.turns, happened, whole.messages, facts)
    finally:
        db.close()


def count(database: Path) -> int:
    """How many calls there are."""
    db = connect_readonly(database)
    try:
        return int(db.execute("SELECT COUNT(*) FROM call_log").fetchone()[0])
    finally:
        db.close()
