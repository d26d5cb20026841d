"""The states in which the box asks about an appointment: a person, help, repeat, back and silence in each."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.theirs import STEPS
from appliance.core.dispositions import GOODBYE, PEOPLE
from appliance.core.events import BrainChanged, TimerFired
from tests.service.booking.box import Box, booked, box_of
from tests.service.booking.clinic import ANA, clinic

BORN = "19800309"


async def asked_born(box: Box) -> None:
    await box.key("6")


async def asked_born_again(box: Box) -> None:
    await box.key("6")
    await box.says("march ninth nineteen eighty")


async def asked_whose(box: Box) -> None:
    await box.key("6")
    await box.keys("19810309")


async def told_one(box: Box) -> None:
    await box.says("when is my appointment", "question")
    await box.keys(BORN)
    if box.conversation.dialogue.step is Step.WHICH:
        await box.key("1")


async def told_several(box: Box) -> None:
    await box.key("6")
    await box.keys(BORN)


async def asked_to_cancel(box: Box) -> None:
    await told_one(box)
    await box.key("2")


async def asked_when(box: Box) -> None:
    await told_one(box)
    await box.key("1")


async def offered(box: Box) -> None:
    await asked_when(box)
    await box.key("1")


async def asked_to_move(box: Box) -> None:
    await offered(box)
    await box.key("1")


STATES: dict[str, tuple[Callable[[Box], Awaitable[None]], Step]] = {
    "born": (asked_born, Step.BORN),
    "born check": (asked_born_again, Step.BORN_CHECK),
    "whose": (asked_whose, Step.WHOSE),
    "one": (told_one, Step.THEIRS),
    "several": (told_several, Step.WHICH),
    "cancel check": (asked_to_cancel, Step.CANCEL_CHECK),
    "when": (asked_when, Step.WHEN),
    "offers": (offered, Step.OFFERS),
    "move check": (asked_to_move, Step.BOOK_CHECK),
}
WAYS: dict[str, Callable[[Box], Awaitable[None]]] = {
    "0": lambda box: box.key("0"),
    "a person": lambda box: box.says("a person please", "person"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", WAYS)
async def test_a_person_can_be_had_in_every_state(tmp_path: Path, state: str, way: str) -> None:
    reach, step = STATES[state]
    async with clinic(tmp_path) as office:
        await booked(office, "Tuesday 2pm", "Wednesday at ten")
        box = await box_of(office)
        await reach(box)
        assert box.conversation.dialogue.step is step
        await WAYS[way](box)
        assert box.left == PEOPLE


@pytest.mark.parametrize("state", STATES)
async def test_help_repeat_back_and_silence_in_every_state(tmp_path: Path, state: str) -> None:
    reach, step = STATES[state]
    async with clinic(tmp_path) as office:
        await booked(office, "Tuesday 2pm", "Wednesday at ten")
        box = await box_of(office)
        await reach(box)
        asked = box.said[-1]
        for again_by in (box.key("#"), box.says("say that again", "repeat")):
            box.said.clear()
            await again_by
            assert box.said[-1] == asked
            assert box.conversation.dialogue.step is step
        await box.key("*")
        assert box.conversation.dialogue.step is Step.OFFER
        assert "For an appointment that you have, say my appointment or press 6." in box.said
        again = await box_of(office)
        await reach(again)
        for _ in range(4):
            await again.happens(TimerFired("no_input"))
        assert again.left == GOODBYE
        assert len(office.events()) == 2


async def test_who_goes_on_with_the_cloud_is_asked_nothing_more(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await told_one(box)
        await box.happens(BrainChanged("cloud", "well again"))
        assert box.conversation.dialogue.step is Step.OFFER
        assert len(office.events()) == 1


async def test_what_is_no_name_is_none(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        box = await box_of(office)
        await asked_whose(box)
        for words, intent in (
            ("cancel my appointment please", "question"),
            ("yes please", "yes"),
            ("Ana", "none"),
        ):
            await box.says(words, intent)
            assert box.conversation.dialogue.booking.theirs.name == ""
            if box.conversation.dialogue.step is not Step.WHOSE:
                await box.key("*")
                await asked_whose(box)


async def test_every_state_of_theirs_is_among_these() -> None:
    assert {step for _, step in STATES.values()} >= STEPS
    assert ANA.born.replace("-", "") == BORN
