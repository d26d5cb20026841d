"""The box finds, cancels and moves appointments by itself: by keys alone, by voice, in both languages.

The real conversation, tools and desk. What stands was booked by an earlier call that told the day of birth.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance.core.booking.desk import NotBooked
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Trouble
from appliance.core.dialogue.asking import Step
from appliance.core.dispositions import PEOPLE
from appliance.core.events import CallerHungUp
from appliance.store.bookings import State
from tests.service.booking.box import Box, booked, box_of
from tests.service.booking.clinic import TUESDAY_AT_TWO, Clinic, clinic, fails

BORN = "19800309"
AT_TWO = "Tuesday, December 1st at 2 p.m."
A_LAS_DOS = "el martes primero de diciembre a las 2 de la tarde"
ELSEWHERE = "+15550109999"


async def test_when_it_is_by_keys_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        assert "For an appointment that you have, say my appointment or press 6." in box.said
        await box.key("6")
        assert box.said[-1].startswith("Please enter the patient's day of birth")
        await box.keys(BORN)
        assert box.said[-2:] == [
            f"You have an appointment: {AT_TWO}",
            "To move it, press 1. To cancel it, press 2. To leave it as it is, press 3.",
        ]
        await box.key("#")
        assert box.said[-2] == f"You have an appointment: {AT_TWO}"
        await box.key("3")
        assert box.said[-2] == "Is there anything else I can do for you?"
        # Who has been found is not asked again.
        await box.key("6")
        assert box.said[-2] == f"You have an appointment: {AT_TWO}"
        assert office.rows()[0].state is State.BOOKED


async def test_cancelled_by_keys_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        await box.key("2")
        assert box.said[-1] == f"Shall I cancel {AT_TWO}? Say yes or press 1, or say no or press 2."
        await box.key("2")
        assert box.said[-3] == "I have changed nothing."
        assert len(office.events()) == 1
        await box.key("2", "1")
        assert box.heard(f"Your appointment is cancelled: {AT_TWO}")
        assert office.events() == []
        assert office.rows() == []
        await box.key("6")
        assert box.said[-3] == "I can find no appointment with what I have."


async def test_moved_by_keys_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        await box.key("1")
        assert box.said[-3:] == [
            f"You have an appointment: {AT_TWO}",
            "Which day and time would you like?",
            "For the first free times, press 1.",
        ]
        await box.key("1")
        assert box.said[-4] == "For Thursday, November 26th at 11 a.m., press 1."
        await box.key("2")
        assert box.said[-1].startswith(
            f"Shall I move it from {AT_TWO} to Thursday, November 26th at noon? Say yes or press 1"
        )
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO]
        await box.key("1")
        assert box.heard("Your appointment is now Thursday, November 26th at noon.")
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO - timedelta(days=5, hours=2)]


@pytest.mark.parametrize(
    ("language", "wish", "intent", "born", "read", "yes", "told"),
    [
        (
            "en",
            "I have to cancel my appointment",
            "cancel",
            "March ninth nineteen eighty",
            "I have March 9th, 1980.",
            "yes",
            f"Your appointment is cancelled: {AT_TWO}",
        ),
        (
            "es",
            "tengo que cancelar mi cita",
            "cancel",
            "nueve de marzo de mil novecientos ochenta",
            "Tengo 9 de marzo de 1980.",
            "sí",
            f"Su cita está cancelada: {A_LAS_DOS}.",
        ),
    ],
)
async def test_cancelled_by_voice(
    tmp_path: Path, language: str, wish: str, intent: str, born: str, read: str, yes: str, told: str
) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office, language)
        await box.says(wish, intent)
        await box.says(born)
        assert box.said[-1].startswith(read)
        await box.says(yes, "yes")
        assert A_LAS_DOS in box.said[-1] if language == "es" else AT_TWO in box.said[-1]
        # None of these is a yes.
        await box.says({"en": "tomorrow at ten", "es": "mañana a las diez"}[language], "yes")
        await box.says({"en": "maybe later", "es": "sí, quizás después"}[language], "yes")
        assert box.said[-3] == {"en": "I have changed nothing.", "es": "No he cambiado nada."}[language]
        await box.says(wish, "cancel")
        await box.says({"en": "maybe later", "es": "quizás después"}[language], "goodbye")
        await box.says(wish, "cancel")
        assert len(office.events()) == 1
        await box.says(yes, "yes")
        assert box.heard(told)
        assert office.events() == []


@pytest.mark.parametrize(
    ("language", "wish", "born", "when", "told"),
    [
        (
            "en",
            "move my appointment",
            "march 9 1980",
            "Wednesday at ten",
            "Your appointment is now Wednesday",
        ),
        (
            "es",
            "quiero cambiar mi cita",
            "9 de marzo de 1980",
            "el miércoles a las diez",
            "Su cita es ahora el miércoles",
        ),
    ],
)
async def test_moved_by_voice(
    tmp_path: Path, language: str, wish: str, born: str, when: str, told: str
) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office, language)
        await box.says(wish, "move")
        await box.says(born)
        await box.says("yes", "yes")
        await box.says(when)
        old = {"en": AT_TWO, "es": A_LAS_DOS}[language]
        assert old in box.said[-1]
        await box.says("yes", "yes")
        assert box.heard(told)
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO + timedelta(hours=20)]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("when is my appointment", "book"),
        ("what time is my appointment", "move"),
        ("my appointment", "cancel"),
        ("do I have an appointment", "question"),
        ("¿cuándo es mi cita?", "book"),
        ("¿a qué hora tengo cita?", "none"),
        ("mi cita", "cancel"),
    ],
)
async def test_asked_in_words_whatever_they_are_taken_for(tmp_path: Path, text: str, intent: str) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.says(text, intent)
        await box.keys(BORN)
        assert AT_TWO in box.said[-2] or A_LAS_DOS in box.said[-2]
        await box.says("that is all", "no")
        assert box.left is None
        assert len(office.events()) == 1


@pytest.mark.parametrize(
    ("text", "intent", "step"),
    [
        ("what should I bring to my appointment", "question", Step.MESSAGE_OFFERED),
        ("I want to make an appointment", "book", Step.WHEN),
        ("leave a message about my appointment", "leave_message", Step.MESSAGE),
    ],
)
async def test_what_only_names_one_is_something_else(
    tmp_path: Path, text: str, intent: str, step: Step
) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office)
        await box.says(text, intent)
        assert box.conversation.dialogue.step is step


async def test_one_of_several_is_chosen_by_key_and_by_words(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office, "Tuesday 2pm", "Wednesday at ten")
        box = await box_of(office)
        await box.says("cancel my appointment", "cancel")
        await box.keys(BORN)
        assert box.said[-3:] == [
            "I find more than one appointment.",
            f"For {AT_TWO}, press 1.",
            "For Wednesday, December 2nd at 10 a.m., press 2.",
        ]
        for words in ("the one on Wednesday", "the second one", "ten", "el segundo", "two"):
            await box.says(words)
            assert box.said[-1].startswith("Shall I cancel Wednesday")
            await box.key("*")
            await box.says("cancel my appointment", "cancel")
        assert box.said[-3] == "I find more than one appointment."
        await box.key("7")
        assert box.said[-3] == "I find more than one appointment."
        await box.key("2", "1")
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO]


async def test_from_another_telephone_the_number_or_the_name_is_asked_for(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office, caller=ELSEWHERE)
        await box.key("6")
        await box.keys(BORN)
        assert box.said[-2] == "I can find no appointment with what I have."
        assert box.said[-1].startswith("Please enter the telephone number that it was made with, or say")
        await box.keys("5550100002")
        assert box.heard(f"You have an appointment: {AT_TWO}")
        other = await box_of(office, caller=ELSEWHERE)
        await other.key("6")
        await other.keys(BORN)
        await other.says("My name is Ana Ruiz", "yes")
        assert other.heard(f"You have an appointment: {AT_TWO}")


async def test_from_a_withheld_number_it_begins_with_that(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office, caller="")
        await box.key("6")
        assert box.said[-1].startswith("Please enter the telephone number that it was made with")
        await box.says("Ana Ruiz")
        assert box.said[-1].startswith("Please enter the patient's day of birth")
        await box.keys(BORN)
        assert box.heard(f"You have an appointment: {AT_TWO}")


async def test_three_wrong_ones_are_a_request_and_no_further_try(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office, caller=ELSEWHERE)
        await box.says("cancel my appointment", "cancel")
        await box.keys("19800310")
        await box.keys("5550100002")
        assert box.said[-1].startswith("Please enter the patient's day of birth")
        await box.keys("19800311")
        assert "Our team will look for it and call you." in box.said
        # The number that was keyed in is read back, as for any message.
        await box.key("1")
        (note,) = box.kept
        assert (note.subject, note.number) == ("Appointment to be cancelled", "+15550100002")
        assert note.body == "Not found by the box. Day of birth 1980-03-11, number 5550100002."
        await box.key("6")
        await box.keys(BORN)
        assert not box.heard("You have an appointment")
        assert box.said[-1].startswith("For your safety I cannot look for any more appointments now.")
        assert box.left == PEOPLE
        assert len(office.events()) == 1


@pytest.mark.parametrize(("language", "said"), [("en", "For your safety"), ("es", "Por su seguridad")])
async def test_who_has_guessed_too_often_today_is_led_to_a_person(
    tmp_path: Path, language: str, said: str
) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        for call in ("CA7", "CA8"):
            stranger = office.caller(call, ELSEWHERE)
            for name in ("Eva Ruiz", "Ida Ruiz", "Uma Ruiz"):
                stranger.tells(Identity(name=name))
                with pytest.raises(NotBooked):
                    await stranger.desk.appointments(Identity(name=name), "en")
        box = await box_of(office, language, caller=ELSEWHERE)
        await box.key("6")
        await box.keys(BORN)
        assert box.said[-1].startswith(said)
        assert box.left == PEOPLE


async def test_a_day_that_is_none_is_asked_again(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        for wrong in ("19801309", "3", "1980"):
            box.said.clear()
            await box.keys(wrong)
            assert box.said[-1].startswith("Please enter the patient's day of birth")
            await box.key("*", "6")
        # In the other order it is clear what is meant, but it is read back.
        await box.keys("39"[::-1] + "1980")
        assert box.said[-1].startswith("I have September 3rd, 1980.")
        await box.key("2")
        await box.keys(BORN)
        assert box.heard(f"You have an appointment: {AT_TWO}")


async def test_what_the_calendar_does_not_say_is_said_so(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        for verb in ("find", "remove"):
            office.own.before[verb] = fails()
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        assert box.said[-2].endswith("as I have it noted; I cannot look into the calendar right now.")
        await box.key("2", "1")
        assert box.heard(f"I have written down that you cancel: {AT_TWO} Our team will confirm it.")
        assert [subject for subject, _ in office.notes()] == ["Appointment to be cancelled"]


async def test_without_a_calendar_a_move_is_a_request_by_keys_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        office.own.before["busy"] = fails()
        await box.key("1", "1")
        assert box.said[-2] == "I cannot look into the calendar right now."
        assert box.said[-1].startswith("Shall we call you back at")
        await box.key("1")
        assert box.heard("Thank you. Our team will confirm your request.")
        (note,) = box.kept
        assert (note.subject, note.number) == ("Appointment to be moved", "+15550100002")
        assert note.body == f"Check-up with Dr. Lee: {AT_TWO} Wanted instead: the first free time."


async def test_who_withholds_the_number_is_called_back_at_the_one_that_was_keyed_in(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office, caller="")
        await box.key("6")
        await box.keys("5550100002")
        await box.keys(BORN)
        office.own.before["busy"] = fails()
        await box.key("1", "1")
        assert box.said[-1].startswith("I have 5550100002. Is that right?")
        await box.key("1")
        assert [(note.subject, note.number) for note in box.kept] == [
            ("Appointment to be moved", "+15550100002")
        ]


@pytest.mark.parametrize("trouble", [Trouble.AWAY, Trouble.REFUSED])
async def test_a_move_that_is_not_confirmed_leaves_the_old_one(tmp_path: Path, trouble: Trouble) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        office.own.before["keep"] = fails(trouble)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        await box.key("1", "1", "1", "1")
        assert box.heard("until our team calls you, the old appointment stands.")
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO]
        assert "Appointment to be moved" in [subject for subject, _ in office.notes()]


async def test_a_time_that_is_lost_meanwhile_is_said_and_another_asked_for(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.says("move my appointment", "move")
        await box.keys(BORN)
        await box.says("Wednesday at ten")
        office.later(minutes=5)
        assert (await office.caller("CA2", "+15550103333").books("Wednesday at ten")).sure
        await box.key("1")
        assert box.said[-3] == "I am sorry, that time has just been taken."
        await box.says("Wednesday at three")
        await box.key("1")
        assert box.heard("Your appointment is now Wednesday, December 2nd at 3 p.m.")


async def test_what_staff_have_removed_is_told_no_more(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        (row,) = office.rows()
        assert row.event_id
        office.own.remove("lee", row.event_id)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        assert not box.heard("You have an appointment")
        assert [subject for subject, _ in office.notes()] == ["Appointment not in the calendar"]


async def test_where_staff_tell_nobody_it_is_a_request_as_before(tmp_path: Path) -> None:
    async with clinic(tmp_path, appointments_told="nobody") as office:
        await booked(office)
        box = await box_of(office)
        assert not box.heard("For an appointment that you have")
        await box.says("cancel my appointment", "cancel")
        assert box.records
        assert box.said[-1] == "Please say your name, and which appointment you would like to cancel."


async def test_a_yes_before_the_question_sounds_is_none(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        box.sounds = False
        await box.key("2")
        asked = box.said[-1]
        box.sounds = True
        await box.says("yes", "yes")
        assert box.said[-1] == asked
        assert len(office.events()) == 1
        await box.says("yes", "yes")
        assert office.events() == []


async def test_who_hangs_up_before_the_yes_has_cancelled_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        await box.key("2")
        await box.happens(CallerHungUp())
        assert len(office.events()) == 1
        assert box.kept == []


async def found_and_to_be_cancelled(office: Clinic) -> Box:
    """The caller is known by number and day of birth, and would like it cancelled."""
    await booked(office)
    box = await box_of(office)
    await box.key("6")
    await box.keys(BORN)
    await box.key("2", "1")
    assert box.said[-2:] == [
        "For that I need the full name, the telephone number and the day of birth.",
        "Please enter the telephone number that it was made with, or say the patient's first and last name.",
    ]
    assert len(office.events()) == 1
    return box


async def test_where_three_things_are_needed_the_third_is_asked_for(tmp_path: Path) -> None:
    async with clinic(tmp_path, appointments_cancelled="three factors") as office:
        box = await found_and_to_be_cancelled(office)
        await box.says("Ana Ruiz")
        assert box.said[-1].startswith("Shall I cancel")
        await box.key("1")
        assert box.heard("Your appointment is cancelled")
        assert office.events() == []


async def test_by_keys_alone_it_is_a_request_then(tmp_path: Path) -> None:
    async with clinic(tmp_path, appointments_cancelled="three factors") as office:
        box = await found_and_to_be_cancelled(office)
        await box.keys("5550100002")
        await box.key("1", "1")
        assert [note.subject for note in box.kept] == ["Appointment to be cancelled"]
        assert len(office.events()) == 1


async def test_what_staff_alone_may_do_is_a_request_at_once(tmp_path: Path) -> None:
    async with clinic(tmp_path, appointments_moved="nobody") as office:
        await booked(office)
        box = await box_of(office)
        await box.key("6")
        await box.keys(BORN)
        await box.key("1", "1", "2", "1", "1")
        assert box.heard("Our team has to do that.")
        assert [note.subject for note in box.kept] == ["Appointment to be moved"]
        assert len(office.events()) == 1
