"""What a caller of the box takes back, what stands all the same, and what is said of either."""

from pathlib import Path

import pytest

from appliance.core.events import CallerHungUp, MessageRecorded, VoiceBegan
from tests.service.booking.box import RECORDING, Box, booked
from tests.service.booking.clinic import Clinic, clinic


@pytest.mark.parametrize(("language", "words"), [("en", "oh, never mind"), ("es", "no, olvídelo, gracias")])
async def test_what_the_caller_takes_back_is_neither_booked_nor_left(
    tmp_path: Path, language: str, words: str
) -> None:
    """As far as the number it was told, and then it is nothing."""
    async with clinic(tmp_path) as office:
        box = Box(office, language)
        await box.begin()
        await box.says("Tuesday at two" if language == "en" else "el martes a las dos de la tarde", "book")
        await box.key("1")
        await box.names("Ana Ruiz")
        await box.says(words, "goodbye")
        kept = {"en": "All right, I have kept nothing of it.", "es": "Está bien, no he guardado nada."}
        assert kept[language] in box.said
        assert box.left is None
        await box.happens(CallerHungUp())
        assert (box.kept, office.rows(), office.notes()) == ([], [], [])


async def test_who_says_goodbye_before_the_end_leaves_what_was_told(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("3")
        await box.names("Please call me about my refill")
        await box.says("okay bye", "goodbye")
        assert [note.body for note in box.kept] == ["Please call me about my refill"]


async def asked_whether_to_cancel(office: Clinic, language: str = "en") -> Box:
    """A call in which an appointment was found that is to be cancelled."""
    await booked(office)
    box = Box(office, language)
    await box.begin()
    await box.key("6")
    await box.keys("19800309")
    await box.key("2")
    return box


@pytest.mark.parametrize(
    ("language", "words", "intent"),
    [
        ("en", "Yes, I don't need it anymore.", "no"),
        ("en", "okay, I changed my mind", "none"),
        ("es", "Sí, ya no la quiero.", "no"),
    ],
)
async def test_who_says_yes_and_why_has_it_cancelled(
    tmp_path: Path, language: str, words: str, intent: str
) -> None:
    async with clinic(tmp_path) as office:
        box = await asked_whether_to_cancel(office, language)
        await box.says(words, intent)
        assert office.events() == []


@pytest.mark.parametrize(
    ("words", "intent", "said"),
    [
        ("never mind", "cancel", "I have changed nothing."),
        ("no, I changed my mind", "no", "I have changed nothing."),
        ("yes, never mind", "yes", "Shall I cancel"),
        ("I don't need it anymore", "cancel", "Shall I cancel"),
    ],
)
async def test_what_is_no_clear_yes_cancels_nothing(
    tmp_path: Path, words: str, intent: str, said: str
) -> None:
    async with clinic(tmp_path) as office:
        box = await asked_whether_to_cancel(office)
        before = len(box.said)
        await box.says(words, intent)
        assert any(each.startswith(said) for each in box.said[before:])
        assert len(office.events()) == 1


async def test_of_an_appointment_that_was_found_it_says_what_is_wanted(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = Box(office)
        await box.begin()
        await box.key("6")
        await box.keys("19800309")
        await box.says("I don't need it anymore", "none")
        assert box.said[-1].startswith("Shall I cancel")
        await box.says("never mind", "none")
        await box.says("never mind", "none")
        assert "I have changed nothing." in box.said
        assert not box.heard("I have kept nothing")
        assert len(office.events()) == 1


async def test_nothing_is_said_to_be_gone_that_stands(tmp_path: Path) -> None:
    """Behind a booking "delete that" is not understood, nor behind a message and something else."""
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("1")
        await box.names("Ana Ruiz")
        await box.key("1", "1")
        assert box.heard("You are booked")
        await box.says("delete that", "no")
        assert box.left is None
        await box.key("3")
        await box.names("Please call me about my refill")
        await box.key("1", "1", "1", "2")
        await box.says("are you open on Friday", "hours")
        await box.says("delete the message", "no")
        assert not box.heard("I have kept nothing")
        assert (len(office.events()), len(box.kept)) == (1, 1)


@pytest.mark.parametrize("ends", ["by pound", "by hanging up"])
async def test_a_message_that_takes_itself_back_is_none(tmp_path: Path, ends: str) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("3")
        if ends == "by pound":
            await box.names("Never mind.")
            assert "All right, I have kept nothing of it." in box.said
            await box.happens(CallerHungUp())
        else:
            await box.happens(
                VoiceBegan(2000), CallerHungUp(), MessageRecorded(RECORDING, "Never mind.", 3000)
            )
        assert box.kept == []


@pytest.mark.parametrize(
    "spoken",
    [
        "I need a refill. Oh, never mind. Bye.",
        "Please cancel my appointment on Friday. I don't need it anymore.",
    ],
)
async def test_who_says_more_than_that_leaves_a_message(tmp_path: Path, spoken: str) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("3")
        await box.happens(VoiceBegan(2000), CallerHungUp(), MessageRecorded(RECORDING, spoken, 3000))
        assert [(note.body, note.unfinished) for note in box.kept] == [(spoken, True)]


async def test_who_has_a_message_deleted_that_was_kept_is_understood(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office)
        await box.begin()
        await box.key("3")
        await box.names("Please call me about my refill")
        await box.key("1", "1", "1", "2")
        assert len(box.kept) == 1
        await box.says("no, delete the message please")
        assert "All right, I have kept nothing of it." in box.said
        await box.says("never mind", "goodbye")
        assert box.said[-1] == "Thank you for calling. Goodbye."
