"""What a caller said last is heard to the end by the local assistant when the call is over; not for long."""

import asyncio

import pytest

from appliance.core.events import Heard, MessageRecorded, Overheard, UtteranceTaken
from appliance.core.story import Speaker, Turn
from models.local.speech_client import Recognised
from tests.models.test_local_brain import QUIET, hears, listening


class Slow:
    """Recognises when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may = asyncio.Event()

    async def __call__(self, _ulaw_8k: bytes, language: str) -> Recognised:
        self.asked.set()
        await self.may.wait()
        return Recognised("I cannot breathe", 0.9, language, speech=True)


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "on the way out"])
@pytest.mark.parametrize("begun", [True, False], ids=["under way", "waiting"])
async def test_what_was_said_last_is_heard_to_the_end(answered: bool, begun: bool) -> None:
    slow = Slow()
    async with listening(recognise=slow) as (brain, call):
        brain.hear(QUIET * 200)
        if not begun:
            brain.overhear(500, 1000, "en")
            await slow.asked.wait()
        if answered:
            brain.take_utterance(1500, 2500)
        else:
            brain.take_so_far(1500, 2500, whole=True)
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            finish = tasks.create_task(brain.finish(), name="finish")
            await slow.asked.wait()
            assert not finish.done()
            slow.may.set()
        assert Heard("heard-1500", "I cannot breathe") in call.reported


async def test_a_voice_without_words_is_told_of_when_it_is_over() -> None:
    """Whoever waits for the words waits no longer."""
    async with listening(recognise=hears("")) as (brain, call):
        brain.hear(QUIET * 200)
        brain.take_so_far(500, 1000)
        brain.overhear(500, 1000, "en")
        await call.count(Overheard, 1)
        assert not await call.count(UtteranceTaken, 0)
        brain.take_so_far(500, 1500, whole=True)
        assert await call.count(Heard, 1) == [Heard("heard-500", "")]


async def test_a_message_that_waits_is_kept() -> None:
    slow = Slow()
    async with listening(recognise=slow) as (brain, call):
        brain.hear(QUIET * 100)
        brain.overhear(500, 1000, "en")
        await slow.asked.wait()
        brain.start_recording()
        brain.hear(b"\x10" * 8000)
        brain.stop_recording()
        slow.may.set()
        await brain.finish()
        (kept,) = await call.count(MessageRecorded, 1)
        assert kept.recording == "message-1.wav"


async def test_nobody_waits_long_for_it_nor_for_anything_else() -> None:
    slow = Slow()
    async with listening(recognise=slow) as (brain, call):
        brain.hear(QUIET * 200)
        await brain.finish()
        brain.take_so_far(500, 1000)
        await slow.asked.wait()
        brain.recall((Turn("u1", Speaker.CALLER, "opening hours"),))
        await brain.finish()
        brain.take_utterance(1500, 2500)
        await brain.finish(within_s=0)
        assert not await call.count(Heard, 0)
