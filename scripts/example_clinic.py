"""An invented clinic's morning as rows, for pictures of the pages: nobody in it is anybody.

May import: the standard library, appliance, tests.
"""

import random
import wave
from datetime import timedelta
from pathlib import Path

from appliance.core import ulaw
from appliance.core.calendar import Span
from appliance.core.dispositions import GOODBYE, VOICEMAIL, Outcome, transfer
from appliance.core.settings import Settings
from appliance.core.story import Speaker
from appliance.store import (
    bookings,
    callbacks,
    calls,
    database,
    message_texts,
    messages,
    office,
    times,
    transcripts,
    visits,
)
from appliance.store.bookings import Patient, State
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState, Word
from tests.admin import rows, told
from tests.migrated import migrated
from tests.peers.carrier import speech

WEEKS = 5
MINUTES_OF_A_DAY = 24 * 60
USUAL = {Outcome.HANDLED: 11, Outcome.HOURS: 3, Outcome.TRANSFERRED: 5}
"""How often which end, on days of which nothing waits any more."""
VOICEMAIL_SAID = "Hello, this is Maria Gomez. I need to move my appointment on Friday to next week."
SAID_NOW = (
    (Speaker.ATTENDANT, "Thank you for calling Riverside Family Clinic. How can I help you?"),
    (Speaker.CALLER, "Good morning. Can I get my flu shot without an appointment?"),
    (Speaker.ATTENDANT, "Yes, from Monday to Friday before noon. Please bring your insurance card."),
    (Speaker.CALLER, "And is there parking"),
)


def fill(settings: Settings) -> None:
    """Make the box's database and recordings."""
    recordings = settings.box.data_dir / "recordings"
    recordings.mkdir(mode=0o700, parents=True)
    _recording(recordings / "RE1.wav")
    db = database.connect(migrated(settings.database))
    try:
        with database.immediate(db):
            _office(db)
            _weeks(db, random.Random(7))
            _morning(db)
            _messages(db)
            _appointments(db)
            told.give_documents(db)
            told.ask_questions(db)
            told.look_after(db)
    finally:
        db.close()


def _recording(file: Path) -> None:
    """What somebody said."""
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(ulaw.decode(b"".join(speech.load("brooklyn").frames) * 2).tobytes())


def _office(db: Connection) -> None:
    for name, number, alias in (
        ("Appointments", "+12125550110", "visits"),
        ("Billing", "+12125550111", "accounts"),
        ("Nurses", "+12125550112", "triage"),
    ):
        office.add_department(db, name, [number], [alias])
    people = [
        {"name": "Dr. Lee", "number": "+12125550121"},
        {"name": "Dr. Ruiz", "number": "+12125550122"},
    ]
    decided = {
        "business_name": "Riverside Family Clinic",
        "closed_on": ["2026-11-26"],
        "special_hours": {"2026-12-24": [["08:00", "12:00"]]},
        "on_call_rota": [{"begins": "17:00", "ends": "08:00", "people": people}],
    }
    for key, value in decided.items():
        office.set_value(db, key, value, at=rows.at(9000), by="Ana Ruiz")


def _weeks(db: Connection, chance: random.Random) -> None:
    """What came before today, on weekdays."""
    for day in range(1, 7 * WEEKS):
        if times.read(rows.at(day * MINUTES_OF_A_DAY)).weekday() >= 5:
            continue
        for number in range(chance.randrange(9, 19)):
            ago = day * MINUTES_OF_A_DAY + chance.randrange(-330, 180)
            (outcome,) = chance.choices([*USUAL], [*USUAL.values()])
            name = rows.begin(db, f"d{day}n{number}", f"+1212555{chance.randrange(100, 200):04}", ago)
            left = transfer(chance.choice(["billing", "nurses", "appointments"]))
            rows.end(
                db, name, ago - chance.uniform(0.5, 5), outcome,
                left=left if outcome is Outcome.TRANSFERRED else None,
            )  # fmt: skip


def _morning(db: Connection) -> None:
    for name, caller, ago, lasted, outcome, left in (
        ("early", "+12125550131", 190, 0.8, Outcome.HOURS, None),
        ("billing", "+16465550142", 120, 7, Outcome.TRANSFERRED, transfer("billing")),
        ("nobody", "+19175550155", 95, 1.2, Outcome.UNANSWERED, transfer("nurses")),
        ("voice", "+19175550177", 75, 1.4, Outcome.VOICEMAIL, VOICEMAIL),
        ("refill", "+13475550166", 50, 2.1, Outcome.HANDLED, GOODBYE),
    ):
        rows.end(db, rows.begin(db, name, caller, ago), ago - lasted, outcome, left=left)
    rows.begin(db, "talk", "+12125550188", 20)
    rows.talk(db, "talk", 20)
    rows.end(db, "talk", 19, Outcome.HANDLED, "the caller hung up", left=GOODBYE, steps=("main:assistant",))
    rows.begin(db, "now", "+12125550199", 1.5)
    calls.add_menu_step(db, "CAnow", "main:assistant")
    for place, (speaker, text) in enumerate(SAID_NOW):
        whole = place < len(SAID_NOW) - 1
        turn = transcripts.TurnRow("now", place, speaker, text, whole, False, rows.at(1.4 - place / 3))
        transcripts.write(db, turn)


def _messages(db: Connection) -> None:
    messages.add_voicemail(db, call_sid="CAvoice", recording_sid="RE1", seconds=9, at=rows.at(74))
    messages.keep_recording(db, "RE1", "RE1.wav")
    spoken = VOICEMAIL_SAID.split()
    words = tuple(
        Word(word, 300 + place * 400, 640 + place * 400, 0.3 if word == "Gomez." else 0.9)
        for place, word in enumerate(spoken)
    )
    text = MessageText(
        1, TextState.WRITTEN, text=VOICEMAIL_SAID, language="en", confidence=0.87, words=words,
        summary="Move an appointment from Friday to next week.", name="Maria Gomez", number="+19175550177",
        made_by="rules",
    )  # fmt: skip
    message_texts.put(db, text, rows.at(72))
    refill = messages.Told("Tom Becker", "+13475550166", words="Ask for a refill of the drops, please.")
    messages.add(
        db, call_sid="CArefill", subject="Refill", body="He asks for a refill of his eye drops.",
        at=rows.at(49), caller=refill,
    )  # fmt: skip
    nurse = messages.Told("Dana Novak", "+12125550188", urgent=True)
    messages.add(
        db, call_sid="CAtalk", subject="Call back before three", at=rows.at(19),
        body="Her son has an earache. She wants a nurse to ring before 3 p.m.", caller=nurse,
    )  # fmt: skip
    first, *_ = callbacks.of_messages(db, [2]).values()
    callbacks.take(db, first, "Ben Okafor", now=times.read(rows.at(30)))


def _appointments(db: Connection) -> None:
    """A day that is half booked."""
    bookable = {
        "provider": [{"slug": "lee", "name": "Dr. Lee"}, {"slug": "ruiz", "name": "Dr. Ruiz"}],
        "visit": [
            {"slug": "checkup", "name": "Check-up", "minutes": 30},
            {"slug": "vaccination", "name": "Vaccination", "minutes": 30},
        ],
    }
    now = times.read(rows.NOW)
    visits.replace(db, visits.checked(bookable), now=now)
    for place, (provider, visit, name, half_hours, state) in enumerate(
        (
            ("lee", "checkup", "Maria Gomez", 3, State.BOOKED),
            ("lee", "vaccination", "Tom Becker", 4, State.BOOKED),
            ("lee", "checkup", "", 7, State.HELD),
            ("ruiz", "vaccination", "Dana Novak", 3, State.BOOKED),
            ("ruiz", "checkup", "Luis Ortega", 6, State.PROMISED),
        )
    ):
        key, start = f"b{place}", now + timedelta(minutes=30 * half_hours)
        span = Span(start, start + timedelta(minutes=30))
        wanted = bookings.Wanted(key, "CAtalk", visit, provider, span, span, "America/New_York")
        bookings.hold(db, wanted, now=now, until=now + timedelta(minutes=3))
        if state is not State.HELD:
            bookings.promise(db, key, Patient(name, f"+1212555018{place}"), now=now)
        if state is State.BOOKED:
            bookings.booked(db, key, event_id=key, link="", now=now)
