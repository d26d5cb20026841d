"""The box books by itself, by keys and by voice, in both languages: the real conversation, tools and desk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.core.dispositions import PEOPLE
from appliance.core.events import CallerHungUp, MessageRecorded, TimerFired
from appliance.store.bookings import State
from tests.service.booking.box import RECORDING, Box, booked
from tests.service.booking.clinic import CALLER, ONE_DOCTOR, TUESDAY_AT_TWO, clinic, fails

VISITS: dict[str, Any] = {
    "provider": ONE_DOCTOR["provider"],
    "visit": [
        *ONE_DOCTOR["visit"],
        {"slug": "cleaning", "name": "Cleaning", "aliases": ["limpieza"], "minutes": 60},
    ],
}


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
            "For another time, say when. For later times, press 9.",
        ]
        await box.key("2")
        assert box.said[-1].startswith("Shall I book Thursday, November 26th at noon?")
        await box.key("1")
        assert office.events() == []
        # Nobody recognises the name: it is recorded, for the staff to hear.
        await box.names("")
        assert box.said[-1].startswith("Shall we call you back at")
        await box.key("1")
        # A recorded name finds nothing later.
        assert box.said[-1].startswith("Please enter the patient's day of birth")
        await box.keys("19800309")
        assert box.heard("You are booked: Cleaning, Thursday, November 26th at noon.")
        (row,) = office.rows()
        assert (row.state, row.visit, row.phone, row.patient) == (State.BOOKED, "cleaning", CALLER, "")
        assert row.born == "1980-03-09"
        assert len(office.events()) == 1
        assert [subject for subject, _ in office.notes()] == ["Who has an appointment"]


async def test_what_was_booked_by_keys_is_cancelled_by_keys(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.names("")
        await box.key("1")
        await box.keys("19800309")
        again = Box(office)
        await again.begin()
        await again.key("6")
        await again.keys("19800309")
        await again.key("2", "1")
        assert again.heard("Your appointment is cancelled")
        assert office.events() == []


async def test_by_keys_alone_without_a_word(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.keeps_silent()
        assert box.said[-1].startswith("To say a name, press 1.")
        await box.keys("1980030")
        assert box.said[-1].startswith("To say a name, press 1.")
        await box.keys("19800309")
        assert box.said[-1].startswith("Shall we call you back at")
        assert office.events() == []
        await box.key("1")
        assert box.heard("You are booked: Thursday, November 26th at 11 a.m.")
        (row,) = office.rows()
        assert (row.state, row.patient, row.phone, row.born) == (State.BOOKED, "", CALLER, "1980-03-09")
        (note,) = office.notes()
        assert note[0] == "Who has an appointment"
        assert "Patient: not named" in note[1]
        assert "The day of birth is 1980-03-09." in note[1]
        # With number and day of birth it is found again.
        again = Box(office)
        await again.begin()
        await again.key("6")
        await again.keys("19800309")
        assert again.heard("You have an appointment: Thursday, November 26th at 11 a.m.")


async def test_who_was_here_before_is_known_by_keys_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office, "Tuesday 2pm")
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.keeps_silent()
        await box.keys("19800309")
        await box.key("1")
        assert [row.patient for row in office.rows()] == ["Ana Ruiz", "Ana Ruiz"]
        assert "By keys alone: the name is that of earlier appointments" in office.notes()[-1][1]


async def test_another_day_of_birth_has_no_name_on_record(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office, "Tuesday 2pm")
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.keeps_silent()
        await box.keys("19810309")
        await box.key("1")
        assert sorted(row.patient for row in office.rows()) == ["", "Ana Ruiz"]


async def test_who_did_not_speak_at_first_may_say_the_name_after_all(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.keeps_silent()
        await box.keys("1")
        assert box.said[-1].startswith("Please say the first and last name of the patient.")
        await box.names("")
        await box.key("1")
        assert box.said[-1].startswith("Please enter the patient's day of birth")
        await box.keys("19800309")
        assert box.heard("You are booked")
        assert [row.recording for row in office.rows()] == [RECORDING]


async def test_who_keys_a_day_of_birth_and_hangs_up_leaves_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.keeps_silent()
        await box.keys("19800309")
        await box.happens(CallerHungUp())
        (note,) = box.kept
        assert (note.subject, note.number) == ("Appointment wanted", CALLER)
        assert note.body == "Thursday, November 26th at 11 a.m.. By keys alone: born 1980-03-09."
        assert office.rows() == []


async def test_who_only_keeps_silent_books_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.happens(TimerFired("message_pause"), MessageRecorded("", "", 0))
        for _ in range(4):
            await box.happens(TimerFired("no_input"))
        assert box.left is not None
        assert office.rows() == []
        assert box.kept == []


@pytest.mark.parametrize("keys", [("4", "1", "1"), ("4", "2", "1", "2", "1")])
async def test_a_key_that_comes_before_the_question_books_nothing(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with clinic(tmp_path, ONE_DOCTOR if len(keys) == 3 else VISITS) as office:
        box = Box(office)
        await box.begin()
        # Whoever knows the menu may run ahead of it, but for the yes.
        box.sounds = False
        await box.key(*keys)
        assert not box.records
        asked = box.said[-1]
        assert "Shall I book" in asked
        await box.key("1")
        assert box.said[-1] == asked
        assert not box.records
        box.sounds = True
        await box.key("1")
        assert box.said[-1] == asked
        await box.key("1")
        assert box.records


async def test_a_key_that_comes_before_the_question_cancels_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = Box(office)
        await box.begin()
        await box.key("6")
        await box.keys("19800309")
        box.sounds = False
        await box.key("2", "1", "1")
        assert box.said[-1].startswith("Shall I cancel")
        assert len(office.events()) == 1
        box.sounds = True
        await box.key("1", "1")
        assert office.events() == []


@pytest.mark.parametrize(
    ("answer", "born"),
    [
        (lambda box: box.keys("1"), ""),
        (lambda box: box.says("March ninth nineteen eighty"), "1980-03-09"),
        (lambda box: box.keys("12251980"), "1980-12-25"),
    ],
)
async def test_the_day_of_birth_can_be_left_out_said_and_keyed(
    tmp_path: Path, answer: Callable[[Box], Any], born: str
) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("4", "1", "1", "1")
        await box.names("")
        await box.key("1")
        await box.keys("3")
        assert box.said[-1].startswith("Please enter the patient's day of birth")
        await answer(box)
        if born:
            assert "Is that right?" in box.said[-1]
            await box.key("2")
            await answer(box)
            await box.says("yes", "yes")
        assert box.heard("You are booked")
        assert [row.born for row in office.rows()] == [born]


@pytest.mark.parametrize(
    ("language", "wish", "yes", "booked"),
    [
        (
            "en",
            "Book me Tuesday 2pm for a check-up",
            "yes",
            "You are booked: Check-up, Tuesday, December 1st at 2 p.m.",
        ),
        (
            "es",
            "una revisión el martes a las dos de la tarde",
            "sí",
            "Su cita está hecha: Check-up, el martes primero",
        ),
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
        assert "Which date do you mean?" in box.said[-2]
        await box.says("some day")
        assert box.said[-1] == "Please say your name, and which day and time you would like."
        await box.names("Ana Ruiz, some Friday")
        await box.says("yes", "yes")
        await box.says("yes", "yes")
        assert box.kept[0].subject == "Appointment wanted"
        assert office.rows() == []


@pytest.mark.parametrize(("language", "words"), [("en", "tomorrow at ten"), ("es", "mañana por la mañana")])
@pytest.mark.parametrize("intent", ["yes", "goodbye", "none"])
async def test_a_time_is_one_whatever_it_is_taken_for(
    tmp_path: Path, language: str, words: str, intent: str
) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office, language)
        await box.begin()
        await box.key("4")
        await box.says(words, intent)
        assert "27" in box.said[-1] or "27" in box.said[-2]
        assert office.events() == []


async def test_another_time_and_no(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.says("no", "no")
        assert box.said[-3:] == [
            "Which day and time would you like?",
            "For the first free times, press 1.",
            "For later times, press 9.",
        ]
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
        assert box.said[-3] == "I am sorry, that time has just been taken."
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
        # It is right, without a name, to this number, and can wait.
        await box.key("1", "1", "1", "2")
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
