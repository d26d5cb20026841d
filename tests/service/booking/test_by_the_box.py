"""The box books by itself, by keys and by voice, in both languages: the real conversation, tools and desk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.core import phrases
from appliance.core.booking.linking import LinkDesk, NotTexted, Texted
from appliance.core.booking.visits import Bookable
from appliance.core.commands import (
    Command,
    EndCall,
    PlayPrompt,
    RunTool,
    Speak,
    StartRecording,
    StopRecording,
)
from appliance.core.conversation import Conversation
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dispositions import PEOPLE
from appliance.core.events import (
    BrainChanged,
    CallAnswered,
    CallerHungUp,
    DigitPressed,
    Event,
    Heard,
    MessageRecorded,
    ReplyPlayed,
    ReplyQueued,
    TimerFired,
    ToolAnswered,
    Understood,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.replies import PROMPT
from appliance.core.story import Turn
from appliance.service.booking.desk import CallDesk
from appliance.service.booking.evidence import Evidence
from appliance.store.bookings import State
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import Clinic as Toolbox
from models.local import sentences
from tests.service.booking.clinic import CALLER, ONE_DOCTOR, TUESDAY_AT_TWO, Clinic, clinic, evidence, fails

RECORDING = "message-0a1b-2c3d.wav"
VISITS: dict[str, Any] = {
    "provider": ONE_DOCTOR["provider"],
    "visit": [
        *ONE_DOCTOR["visit"],
        {"slug": "cleaning", "name": "Cleaning", "aliases": ["limpieza"], "minutes": 60},
    ],
}


class Box:
    """A call with the box alone: `said` is what the caller has heard."""

    def __init__(
        self, office: Clinic, language: str = "en", links: Callable[[Evidence], LinkDesk] | None = None
    ) -> None:
        facts = Facts.of(office.office, CALLER, link=CALLER if links else "")
        self.conversation = Conversation(
            dialogue=Dialogue(facts, language), watch=phrases.Watcher(phrases.load(by_likeness=False))
        )
        told = evidence(CALLER, self._story)
        desk = CallDesk(office.books, office.office, "CA1", told)
        self.kept: list[Note] = []

        async def keep(note: Note) -> None:
            self.kept.append(note)

        self._tools = Toolbox(
            Desk("CA1", CALLER, office.office, keep, desk, links(told) if links else None),
            lambda name, meta: None,
        )
        self.said: list[str] = []
        self.left: object = None
        self.records = False
        self._ms = 1000

    def _story(self) -> tuple[Turn, ...]:
        return tuple(self.conversation.story.turns)

    async def begin(self) -> None:
        await self.happens(CallAnswered(), BrainChanged("local", "no cloud"))

    async def happens(self, *events: Event) -> None:
        """These happen, and all that follows from them: tools answer, sentences are heard."""
        due = [*events]
        while due:
            for command in self.conversation.handle(due.pop(0)):
                due += await self._done(command)

    async def _done(self, command: Command) -> list[Event]:
        match command:
            case RunTool():
                answered: ToolAnswered = await self._tools.run("call", command.call)
                return [answered]
            case Speak():
                text = sentences.text(command.sentence, command.language, command.fields)
                self.said.append(text)
                return [ReplyQueued(command.reply_id), ReplyPlayed(command.reply_id, 1000)]
            case PlayPrompt():
                return [ReplyQueued(PROMPT + command.name), ReplyPlayed(PROMPT + command.name, 1000)]
            case StartRecording():
                self.records = True
            case StopRecording():
                self.records = False
            case EndCall():
                self.left = command.disposition
            case _:
                pass
        return []

    async def key(self, *digits: str) -> None:
        for digit in digits:
            await self.happens(DigitPressed(digit))

    async def says(self, text: str, intent: str = "none") -> None:
        self._ms += 3000
        heard = f"heard-{self._ms}"
        await self.happens(
            VoiceBegan(self._ms),
            VoiceCeased(self._ms + 1000, 1000),
            UtteranceTaken(heard),
            Heard(heard, text),
            Understood(heard, intent, text=text),
        )

    async def names(self, text: str) -> None:
        """Speak into the recording, and press pound."""
        assert self.records
        await self.happens(VoiceBegan(self._ms + 1), VoiceCeased(self._ms + 2000, 1900))
        await self.key("#")
        await self.happens(MessageRecorded(RECORDING, text, 2000))

    def heard(self, words: str) -> bool:
        return any(words in text for text in self.said)


async def test_by_keys_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path, VISITS) as office:
        box = Box(office)
        await box.begin()
        await box.key("4")
        assert box.said[-3:] == [
            "What is the appointment for?",
            "For Check-up, say Check-up or press 1.",
            "For Cleaning, say Cleaning or press 2.",
        ]
        await box.key("2")
        assert box.said[-2:] == [
            "Which day and time would you like?",
            "For the first free times, press 1.",
        ]
        await box.key("1")
        assert box.said[-4:] == [
            "For Thursday, November 26th at 11 a.m., press 1.",
            "For Thursday, November 26th at noon, press 2.",
            "For Thursday, November 26th at 1 p.m., press 3.",
            "For another time, say when, or press 9.",
        ]
        await box.key("2")
        assert box.said[-1].startswith("Shall I book Thursday, November 26th at noon?")
        await box.key("1")
        assert office.events() == []
        # Nobody recognises the name: it is recorded, for the staff to hear.
        await box.names("")
        assert box.said[-1].startswith("Shall we call you back at")
        await box.key("1")
        assert box.heard("You are booked: Thursday, November 26th at noon.")
        (row,) = office.rows()
        assert (row.state, row.visit, row.phone, row.patient) == (State.BOOKED, "cleaning", CALLER, "")
        assert len(office.events()) == 1
        assert [subject for subject, _ in office.notes()] == ["Who has an appointment"]


@pytest.mark.parametrize(
    ("language", "wish", "yes", "booked"),
    [
        (
            "en",
            "Book me Tuesday 2pm for a check-up",
            "yes",
            "You are booked: Tuesday, December 1st at 2 p.m.",
        ),
        ("es", "una revisión el martes a las dos de la tarde", "sí", "Su cita está hecha: el martes primero"),
    ],
)
async def test_by_voice(tmp_path: Path, language: str, wish: str, yes: str, booked: str) -> None:
    async with clinic(tmp_path, VISITS) as office:
        box = Box(office, language)
        await box.begin()
        await box.says(wish, "book")
        assert "2 p.m. is free" in box.said[-1] or "Está libre el martes primero" in box.said[-1]
        await box.says(yes, "yes")
        await box.names({"en": "My name is Ana Ruiz.", "es": "Me llamo Ana Ruiz."}[language])
        assert "Ana Ruiz" in box.said[-1]
        await box.says(yes, "yes")
        await box.says(yes, "yes")
        assert box.heard(booked)
        (row,) = office.rows()
        assert (row.state, row.patient, row.span.start) == (State.BOOKED, "Ana Ruiz", TUESDAY_AT_TWO)
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO]


async def test_what_is_not_clear_is_asked_and_in_the_end_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("I need an appointment", "book")
        assert box.said[-2:] == ["Which day would you like?", "For the first free times, press 1."]
        await box.says("next Friday")
        assert "Which date do you mean?" in box.said[-2]
        await box.says("at two")
        await box.says("some day")
        assert box.said[-1] == "Please say your name, and which day and time you would like."
        await box.names("Ana Ruiz, some Friday")
        await box.says("yes", "yes")
        await box.says("yes", "yes")
        assert box.kept[0].subject == "Appointment wanted"
        assert office.rows() == []


async def test_another_time_and_no(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.says("no", "no")
        assert box.said[-2] == "Which day and time would you like?"
        await box.says("Wednesday morning")
        assert box.said[-4].startswith("For Wednesday, December 2nd at 8 a.m.")
        await box.key("9")
        await box.says("Wednesday at ten")
        assert box.said[-1].startswith("Wednesday, December 2nd at 10 a.m. is free.")
        await box.key("1")
        assert box.records


@pytest.mark.parametrize("verb", ["busy", "keep"])
async def test_without_a_calendar_it_is_a_request(tmp_path: Path, verb: str) -> None:
    async with clinic(tmp_path) as office:
        office.own.before[verb] = fails()
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        if verb == "busy":
            assert box.said[-2:] == [
                "I cannot look into the calendar right now.",
                "Please say your name, and which day and time you would like.",
            ]
            return
        await box.key("1")
        await box.names("Ana Ruiz")
        await box.key("1")
        await box.key("1")
        assert box.heard("not confirmed yet")
        assert not box.heard("You are booked")
        assert [subject for subject, _ in office.notes()] == ["Appointment wanted"]


async def test_a_time_that_is_lost_meanwhile_is_said_and_the_name_is_not_asked_twice(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("1")
        office.later(minutes=5)
        assert (await office.caller("CA2", "+15550103333").books("Tuesday at two")).sure
        await box.names("Ana Ruiz")
        await box.key("1")
        await box.key("1")
        assert box.said[-2] == "I am sorry, that time has just been taken."
        await box.says("Tuesday at three")
        await box.key("1")
        assert box.heard("You are booked: Tuesday, December 1st at 3 p.m.")


async def test_who_hangs_up_before_the_end_leaves_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("1")
        await box.names("Ana Ruiz")
        await box.happens(CallerHungUp())
        (note,) = box.kept
        assert (note.subject, note.recording) == ("Appointment wanted", RECORDING)
        assert "Tuesday, December 1st at 2 p.m." in note.body
        assert office.rows() == []


async def test_who_goes_on_with_something_else_books_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("1", "*", "3")
        await box.names("Please call me")
        await box.key("1")
        await box.key("1")
        assert [note.subject for note in box.kept] == ["Message"]
        assert office.rows() == []


STATES: dict[str, Callable[[Box], Any]] = {
    "what for": lambda box: box.key("4"),
    "when": lambda box: box.says("a check-up", "book"),
    "offers": lambda box: box.says("a check-up as soon as possible", "book"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", ["key", "voice", "silence"])
async def test_a_person_can_be_had_in_every_state(tmp_path: Path, state: str, way: str) -> None:
    async with clinic(tmp_path, VISITS) as office:
        box = Box(office)
        await box.begin()
        await STATES[state](box)
        if way == "key":
            await box.key("0")
        elif way == "voice":
            await box.says("a person please", "person")
        else:
            for _ in range(4):
                await box.happens(TimerFired("no_input"))
            assert box.left is not None
            return
        assert box.left == PEOPLE


class Links:
    """The port for links, with what it was asked; a test says what comes of it."""

    def __init__(self, told: Evidence, sure: bool | None) -> None:
        self.texted: list[str] = []
        self._told = told
        self._sure = sure

    def offer(self) -> str:
        return CALLER

    async def text(self, phone: str, language: str, *, asked: bool = False) -> Texted:
        assert asked
        self.texted.append(await self._told.number(phone))
        if self._sure is None:
            raise NotTexted("It cannot be.", "no_text", "I cannot send a text to that number.")
        return Texted(self._sure, f"{language}: sent" if self._sure else f"{language}: not yet")


def without_calendar(
    office: Clinic, sure: bool | None = True, language: str = "en"
) -> tuple[Box, list[Links]]:
    """A call in which no calendar answers and links are texted."""
    made: list[Links] = []
    office.own.before["busy"] = fails()

    def links(told: Evidence) -> LinkDesk:
        made.append(Links(told, sure))
        return made[0]

    return Box(office, language, links), made


@pytest.mark.parametrize(
    ("language", "wish", "offer", "yes"),
    [
        ("en", "Tuesday at two", "I can text you a link to book by yourself", "yes"),
        ("es", "el martes a las dos de la tarde", "Le puedo enviar por mensaje de texto un enlace", "sí"),
    ],
)
async def test_without_a_calendar_a_link_is_offered(
    tmp_path: Path, language: str, wish: str, offer: str, yes: str
) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, language=language)
        await box.begin()
        await box.says(wish, "book")
        assert box.said[-1].startswith(offer)
        await box.says(yes, "yes")
        assert made[0].texted == [CALLER]
        assert box.heard(f"{language}: sent")
        assert box.kept == []


async def test_a_link_goes_to_a_number_that_is_keyed_in(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, sure=False)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("3")
        assert box.said[-1] == "Please enter your telephone number and press pound, or say it."
        await box.key(*"4155550103#")
        assert "Is that right?" in box.said[-1]
        await box.key("1")
        assert made[0].texted == ["+14155550103"]
        assert box.heard("en: not yet")


async def test_who_wants_no_link_leaves_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("2")
        assert box.said[-1] == "Please say your name, and which day and time you would like."
        assert made[0].texted == []


async def test_a_link_that_cannot_be_sent_ends_as_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, sure=None)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("1")
        assert box.said[-2:] == [
            "I cannot send a text to that number.",
            "Please say your name, and which day and time you would like.",
        ]
        assert len(made[0].texted) == 1


async def test_where_nothing_is_booked_here_the_clinics_own_page_is_offered(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.office = office.office.model_copy(update={"bookable": Bookable()})
        box, made = without_calendar(office)
        await box.begin()
        await box.says("I need an appointment", "book")
        assert box.said[-1].startswith("I can text you a link")
        await box.key("1")
        assert made[0].texted == [CALLER]
        await box.says("cancel my appointment", "cancel")
        assert not box.said[-1].startswith("I can text you a link")
