"""A clinic's callers of today and of long ago: rows of every kind, recordings, and what may not be deleted.

May import: the standard library, appliance, tests.migrated.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.calendar import Span
from appliance.core.dispositions import Outcome
from appliance.core.events import CallAnswered, DigitPressed, Heard, UsageReported
from appliance.core.settings import Box, Settings
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.core.texts import TextKind, TextState
from appliance.store import (
    bookings,
    callback_rows,
    callbacks,
    calls,
    citations,
    database,
    events,
    intents,
    languages,
    message_texts,
    messages,
    texts,
    times,
    transcripts,
    unanswered,
    usage,
    voicemail,
)  # fmt: skip
from appliance.store.bookings import Patient, Wanted
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText
from appliance.store.message_texts import TextState as MessageState
from appliance.store.messages import Message
from tests.migrated import migrated

NOW = datetime(2026, 11, 27, 8, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Past:
    """The box, its database, and who rang when."""

    folder: Path
    settings: Settings = field(init=False)
    db: Connection = field(init=False)
    callers: int = 0

    def __post_init__(self) -> None:
        self.settings = Settings(box=Box(data_dir=self.folder))
        self.recordings.mkdir(parents=True)
        migrated(self.settings.database)
        self.db = database.connect(self.settings.database)

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    def rang(self, days: float, number: str = "", *, handled: bool = True) -> str:
        """Somebody rang so many days ago, said and left a lot; the number, which all their words hold."""
        self.callers += 1
        number = number or f"+1415555{self.callers:04}"
        name, ago = f"{self.callers:08x}{number[-8:]}", NOW - days * DAY
        at, sid = times.written(ago), f"CA{name}{name}"
        with database.immediate(self.db):
            calls.begin(self.db, name, CallOffered(sid, number, "+14155550199", "twilio"), at, "p1")
            words = f"I am the one of {number} and my secret is {name}"
            transcripts.write(
                self.db, transcripts.TurnRow(name, 0, Speaker.CALLER, f"{words} spoken", True, False, at)
            )
            for event in (CallAnswered(), Heard("u0", f"{words} heard"), DigitPressed("4")):
                events.add(self.db, name, 1000, event)
            used = UsageReported("gpt-realtime-2.1-mini", 900, 0, 410, 0, 60, 240, 0.01)
            usage.add(self.db, name, 1000, used)
            intents.add(self.db, intents.IntentRow(name, "message", {"topic": words}, at))
            languages.add(self.db, name, "es", at)
            citations.add(self.db, citations.CitationRow(name, sid, f"{words} asked", "en", (), at))
            asked = unanswered.Missed(f"{words} wanted", "en", unanswered.Why.BAD_ANSWER, call_id=name)
            unanswered.keep(self.db, asked, ago)
            self._leaves(name, sid, number, at, words)
            calls.end(self.db, name, at, Outcome.VOICEMAIL, "completed")
        for entry in callback_rows.of_number(self.db, number) if handled else ():
            with database.immediate(self.db):
                callbacks.done(self.db, entry.id, "ana", f"called {number}", now=ago)
        return number

    def spoke(self, days: float, *words: str) -> str:
        """Somebody rang so many days ago, said this, a turn each, and left nothing; the call's id."""
        self.callers += 1
        name, at = f"spoken{self.callers}", times.written(NOW - days * DAY)
        offer = CallOffered(f"CA{name}", f"+1415556{self.callers:04}", "+14155550199", "twilio")
        with database.immediate(self.db):
            calls.begin(self.db, name, offer, at, "p1")
            for place, text in enumerate(words):
                turn = transcripts.TurnRow(name, place, Speaker.CALLER, text, True, False, at)
                transcripts.write(self.db, turn)
            calls.end(self.db, name, at, Outcome.HANDLED, "completed")
        return name

    def held_there(self, days: float, number: str) -> str:
        """Somebody left a voicemail that the carrier has still; its name for it."""
        self.callers += 1
        name, ago, recording = f"there{self.callers}", NOW - days * DAY, f"RE{self.callers:032x}"
        at, sid = times.written(ago), f"CA{name}"
        with database.immediate(self.db):
            calls.begin(self.db, name, CallOffered(sid, number, "+14155550199", "twilio"), at, "p1")
            voicemail.taken(self.db, call_sid=sid, recording_sid=recording, seconds=9, at=at, now=ago)
            calls.end(self.db, name, at, Outcome.VOICEMAIL, "completed")
        return recording

    def left_word(self, days: float, number: str = "") -> Message:
        """Somebody who withheld their number spoke a message, and said a number in it, or none."""
        self.callers += 1
        name, ago = f"word{self.callers}", NOW - days * DAY
        at, sid = times.written(ago), f"CA{name}"
        with database.immediate(self.db):
            calls.begin(self.db, name, CallOffered(sid, "", "+14155550199", "twilio"), at, "p1")
            spoken = voicemail.taken_here(
                self.db, call_sid=sid, name=f"{name}.wav", seconds=9, at=at, now=ago
            )
            calls.end(self.db, name, at, Outcome.VOICEMAIL, "completed")
            text = MessageText(
                spoken,
                MessageState.WRITTEN,
                text="This is Maria Lopez, call me back.",
                name="Maria Lopez",
                number=number,
                number_said=bool(number),
                made_by="rules",
            )
            voicemail.written(self.db, self._message(spoken), text, f"{name}.flac", now=ago)
        (self.recordings / f"{name}.flac").write_bytes(b"sound of Maria Lopez")
        return self._message(spoken)

    def _message(self, message_id: int) -> Message:
        found = messages.one(self.db, message_id)
        assert found is not None
        return found

    def _leaves(self, name: str, sid: str, number: str, at: str, words: str) -> None:
        recording = f"RE{name}{name}"
        spoken = messages.add_voicemail(self.db, call_sid=sid, recording_sid=recording, seconds=9, at=at)
        messages.keep_recording(self.db, recording, f"{recording}.wav")
        for suffix in ("wav", "opus"):
            (self.recordings / f"{recording}.{suffix}").write_bytes(b"sound of " + number.encode())
        said = MessageText(spoken, MessageState.WRITTEN, text=f"{words} recorded", made_by="rules")
        message_texts.put(self.db, said, at)
        told = messages.Told(f"Name {name}", number, words=f"{name} beside")
        messages.add(self.db, call_sid=sid, subject="Refill", body=f"{words} written", at=at, caller=told)
        when = times.read(at)
        span = Span(when + DAY, when + DAY + timedelta(minutes=30))
        wanted = Wanted(
            f"key{name}", sid, "check-up", f"doctor{self.callers}", span, span, "America/New_York"
        )
        bookings.take(self.db, wanted, Patient(f"Patient {name}", number, "1980-03-09"), now=when)
        bookings.booked(self.db, f"key{name}", event_id=f"event{name}", link="", now=when)
        owed = texts.Owed(f"t {name}", TextKind.LINK, number, "en", when, when + timedelta(hours=1), sid)
        text = texts.owe(self.db, owed, now=when)
        texts.end(self.db, text.id, TextState.FAILED, "too late", now=when)

    def raw(self) -> bytes:
        """All bytes of the database, of what lies beside it, and of the recordings."""
        found = [*self.folder.glob("attendant.db*"), *self.recordings.iterdir()]
        return b"".join(path.read_bytes() for path in found)

    def close(self) -> None:
        self.db.close()
