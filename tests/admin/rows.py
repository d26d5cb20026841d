"""A clinic's morning as rows: every kind of call and message that the pages know.

May import: appliance, tests.migrated.
"""

import tempfile
import wave
from datetime import timedelta
from functools import cache
from pathlib import Path

from appliance.core.dispositions import GOODBYE, VOICEMAIL, Disposition, Outcome, transfer
from appliance.core.events import (
    CallAnswered,
    CallerHungUp,
    Event,
    Heard,
    ReplyPlayed,
    ReplyQueued,
    SpeechStarted,
    SpeechStopped,
    UsageReported,
)
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import (
    calls,
    database,
    events,
    intents,
    messages,
    office,
    times,
    transcripts,
    usage,
)
from appliance.store.database import Connection
from tests.migrated import migrated

NOW = "2026-11-24T16:30:00.000Z"
HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7*7 }}"
MODEL = "gpt-realtime-2.1-mini"

TALK: tuple[tuple[Speaker, str, bool], ...] = (
    (Speaker.ATTENDANT, "Thank you for calling Riverside Family Clinic. How can I help you?", False),
    (Speaker.CALLER, "Hi, do you take walk-ins on Saturdays? My son has an earache.", False),
    (Speaker.ATTENDANT, "I am sorry to hear that. We are closed on Saturdays, but from Monday to", True),
    (Speaker.CALLER, "Oh — and on Friday afternoon?", False),
    (Speaker.ATTENDANT, "On Friday we are open until 5 p.m. Shall I take a message for the nurses?", False),
    (Speaker.KEYPAD, "1", False),
    (Speaker.CALLER, "Yes please, ask them to ring me back before three.", False),
    (Speaker.ATTENDANT, "Thank you. I have noted it for the nurses. Goodbye.", False),
)  # fmt: skip


def at(minutes_ago: float) -> str:
    """A time before `NOW`."""
    return times.written(times.read(NOW) - timedelta(minutes=minutes_ago))


def begin(db: Connection, name: str, caller: str, minutes_ago: float) -> str:
    """A call that rings."""
    calls.begin(db, name, CallOffered(f"CA{name}", caller, "+12125550100", "twilio"), at(minutes_ago), "p1")
    return name


def talk(db: Connection, call_id: str, minutes_ago: float) -> None:
    """What the assistant and the caller said, how quick it was, and what it used."""
    stream: list[tuple[int, Event]] = [(6200, CallAnswered()), (6900, ReplyQueued("r0"))]
    for place, (speaker, text, cut) in enumerate(TALK):
        ms = 7000 + place * 6500
        said_at = at(minutes_ago - ms / 60000)
        transcripts.write(db, transcripts.TurnRow(call_id, place, speaker, text, True, cut, said_at))
        if speaker is Speaker.CALLER:
            heard = Heard(f"u{place}", text)
            stream += [(ms, SpeechStarted()), (ms + 2600, SpeechStopped()), (ms + 2900, heard)]
            stream.append((ms + 3300 + place * 70, ReplyQueued(f"r{place}")))
            stream.append((ms + 6000, ReplyPlayed(f"r{place}", 2600)))
            stream.append((ms + 6001, UsageReported(MODEL, 900, 600, 410, 200, 60, 240, 0.0031)))
    for at_ms, event in [*stream, (60_000, CallerHungUp())]:
        events.add(db, call_id, at_ms, event)
        if isinstance(event, UsageReported):
            usage.add(db, call_id, at_ms, event)
    intents.add(db, intents.IntentRow(call_id, "message", {}, at(minutes_ago - 1)))


def end(
    db: Connection,
    call_id: str,
    minutes_ago: float,
    outcome: Outcome,
    reason: str = "completed",
    *,
    left: Disposition | None = None,
    steps: tuple[str, ...] = (),
) -> None:
    """A call that is over."""
    for step in steps:
        calls.add_menu_step(db, f"CA{call_id}", step)
    if left is not None:
        calls.leave(db, call_id, left)
    calls.end(db, call_id, at(minutes_ago), outcome, reason)


def fill(path: Path) -> None:
    """Make a database with a clinic's morning in it, and a recording beside it."""
    recordings = path.parent / "recordings"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    recordings.mkdir(mode=0o700, exist_ok=True)
    tone(recordings / "RE1.wav")
    path.touch(mode=0o600)
    path.write_bytes(_morning())


@cache
def _morning() -> bytes:
    """The database; made once for a test run."""
    with tempfile.TemporaryDirectory(prefix="attendant-morning-") as folder:
        path = migrated(Path(folder) / "attendant.db")
        db = database.connect(path)
        try:
            with database.immediate(db):
                _office(db)
                _calls(db)
                _messages(db)
        finally:
            db.close()
        return path.read_bytes()


def tone(path: Path, seconds: int = 1) -> None:
    """So much of a recording."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(i % 251 for i in range(16000)) * seconds)


def _office(db: Connection) -> None:
    office.set_value(db, "business_name", "Riverside Family Clinic", at=at(9000), by="ana")
    office.add_department(db, "Billing", ["+12125550111"], ["accounts"])
    office.add_department(db, "Nurses", ["+12125550112"])


def _calls(db: Connection) -> None:
    begin(db, "old", "", 1600)
    end(db, "old", 1599, Outcome.INTERRUPTED, calls.SWEPT)
    begin(db, "yesterday", "+442071838750", 1500)
    end(db, "yesterday", 1497, Outcome.UNANSWERED, "no-answer", steps=("main:people",))
    begin(db, "hours", "+12125550131", 190)
    end(db, "hours", 189.2, Outcome.HOURS, steps=("main:?", "main:hours"))
    begin(db, "billing", "+16465550142", 120)
    end(
        db, "billing", 113, Outcome.TRANSFERRED, left=transfer("billing"),
        steps=("main:departments", "departments:billing"),
    )  # fmt: skip
    begin(db, "voice", "+19175550177", 75)
    end(db, "voice", 73.6, Outcome.VOICEMAIL, left=VOICEMAIL, steps=("main:voicemail",))
    begin(db, "hostile", "+13475550166", 50)
    turn = transcripts.TurnRow("hostile", 0, Speaker.CALLER, HOSTILE, True, False, at(49))
    transcripts.write(db, turn)
    usage.add(db, "hostile", 9000, UsageReported("some-new-model", 1, 0, 1, 0, 1, 1, None, "7"))
    end(db, "hostile", 48, Outcome.ABANDONED, HOSTILE)
    begin(db, "talk", "+12125550188", 20)
    talk(db, "talk", 20)
    end(db, "talk", 19, Outcome.HANDLED, "the caller hung up", left=GOODBYE, steps=("main:assistant",))
    begin(db, "now", "+12125550199", 1.5)
    first = transcripts.TurnRow("now", 0, Speaker.CALLER, "Hello, I would like", False, False, at(1))
    transcripts.write(db, first)


def _messages(db: Connection) -> None:
    messages.add_voicemail(db, call_sid="CAvoice", recording_sid="RE1", seconds=41, at=at(73))
    messages.keep_recording(db, "RE1", "RE1.wav")
    messages.add_voicemail(db, call_sid="CAhostile", recording_sid="RE2", seconds=7, at=at(48))
    subject, body = (
        "Call back before three",
        "Earache, her son. Wants a nurse to ring back before 3 p.m.\nThe number she rang from is right.",
    )
    handled = messages.add(db, call_sid="CAhostile", subject=HOSTILE, body=HOSTILE, at=at(47))
    messages.mark_handled(db, handled, at(40), "ana")
    messages.add(db, call_sid="CAtalk", subject=subject, body=body, at=at(19.5))


def call_back(db: Connection, told: messages.Told) -> None:
    """A wish to be called, of which this was told."""
    messages.add(db, call_sid="CAtalk", subject="Call back", body="Her bill", at=at(18), caller=told)
