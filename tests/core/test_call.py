"""A call between a leg and a brain that only note what they are asked: orderings that sockets rarely give."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from appliance.core.call import STARVED_S, Call, CallParts
from appliance.core.commands import EndCall
from appliance.core.conversation import Conversation
from appliance.core.dispositions import PEOPLE
from appliance.core.events import (
    BrainLost,
    BrainReady,
    CallerHungUp,
    ReplyBegan,
    ReplyEnded,
    ReplyStalled,
    ReplyWorded,
    SpeechStarted,
    SpeechStopped,
)
from appliance.core.ports import BrainEars, LegEars
from appliance.core.pulse import Pulse
from appliance.core.story import Speaker
from appliance.core.testing import MemoryLog, NotingBrain, NotingLeg, NoTools

QUIET = b"\xff" * 160


@dataclass
class Held:
    """A call that is held, with everything it is made of."""

    leg: NotingLeg
    brain: NotingBrain
    log: MemoryLog
    carrier: LegEars
    cloud: BrainEars
    running: asyncio.Task[EndCall]

    def played(self) -> list[tuple[bytes, str]]:
        return [what for verb, what in self.leg.noted if verb == "play" and isinstance(what, tuple)]

    def told(self, *verbs: str) -> list[tuple[str, object]]:
        return [noted for noted in self.brain.noted if noted[0] in verbs]


@asynccontextmanager
async def held(prompts: dict[str, bytes] | None = None) -> AsyncIterator[Held]:
    leg, brain, log, pulse = NotingLeg(), NotingBrain(), MemoryLog(), Pulse()
    pulse.start()
    call = Call(CallParts("c1", leg, brain, Conversation(), NoTools(), log, pulse, prompts or {}))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(call.run(), name="call")
        await leg.connected.wait()
        await brain.connected.wait()
        assert leg.ears is not None
        assert brain.ears is not None
        brain.ears.happened(BrainReady())
        await brain.ears.settled()
        yield Held(leg, brain, log, leg.ears, brain.ears, running)
        leg.ears.happened(CallerHungUp())
    pulse.stop()


async def _answer(stage: Held, response: str, reply: str, audio: bytes, words: str = "") -> None:
    stage.cloud.happened(ReplyBegan(response))
    await stage.cloud.reply_audio(response, reply, audio)
    stage.cloud.reply_complete(reply)
    if words:
        stage.cloud.happened(ReplyWorded(reply, words, len(audio) // 8))
    stage.cloud.happened(ReplyEnded(response, "completed"))
    await stage.cloud.settled()


async def test_a_reply_whose_last_mark_comes_with_the_caller_s_voice_was_heard() -> None:
    async with held() as stage:
        await _answer(stage, "r1", "i1", b"\x01" * 1600, "It was heard to its last word.")
        marks = [mark for _, mark in stage.played()]
        stage.cloud.happened(SpeechStarted())
        for mark in marks:
            stage.carrier.mark_reached(mark)
        await stage.cloud.settled()
        assert stage.told("truncate", "delete") == []
        assert stage.log.turns[0] == (Speaker.ATTENDANT, "It was heard to its last word.", False)


async def test_an_answer_in_one_burst_with_the_barge_in_is_played() -> None:
    async with held() as stage:
        await _answer(stage, "r1", "i1", b"\x01" * 24000)
        stage.cloud.happened(SpeechStarted())
        await stage.cloud.settled()
        stage.cloud.happened(SpeechStopped())
        await _answer(stage, "r2", "i2", b"\x02" * 1600)
        await stage.carrier.caller_audio(QUIET)
        after = stage.leg.noted[stage.leg.noted.index(("clear", None)) + 1 :]
        assert after == [("play", (b"\x02" * 800, "1-800")), ("play", (b"\x02" * 800, "1-1600"))]


async def test_an_answer_that_stops_half_way_ends_at_people() -> None:
    sentence = b"\x05" * 800
    async with held({"cloud_lost": sentence}) as stage:
        stage.cloud.happened(ReplyBegan("r1"))
        await stage.cloud.reply_audio("r1", "i1", b"\x01" * 800)
        stage.carrier.mark_reached(stage.played()[0][1])
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while len(stage.played()) < 2:
            assert loop.time() - begun < STARVED_S + 5
            await stage.carrier.caller_audio(QUIET)
            await asyncio.sleep(0)
        assert stage.played()[1][0] == sentence
        assert ReplyStalled("i1") in stage.log.events
        stage.carrier.mark_reached(stage.played()[1][1])
        assert (await stage.running).disposition == PEOPLE


async def test_a_prompt_that_is_missing_holds_nobody_up() -> None:
    async with held() as stage:
        stage.cloud.happened(BrainLost("refused"))
        end = await stage.running
        assert (end.disposition, end.reason) == (PEOPLE, "the brain was lost: refused")
        assert stage.leg.noted[-1] == ("end", PEOPLE)


async def test_when_run_returns_nothing_of_the_call_is_left() -> None:
    before = asyncio.all_tasks()
    async with held() as stage:
        stage.carrier.happened(CallerHungUp())
        assert (await stage.running).reason == "the caller hung up"
    assert asyncio.all_tasks() == before
