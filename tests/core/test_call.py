"""A call between a leg and a brain that only note what they are asked: orderings that sockets rarely give."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from appliance.core import phrases
from appliance.core.call import CLEAR_S, WORDS_S, Call, CallParts, Late
from appliance.core.cleared import PATIENCE_MS
from appliance.core.commands import EndCall
from appliance.core.conversation import Conversation
from appliance.core.dispositions import PEOPLE, Disposition, transfer
from appliance.core.errors import StoreRefused
from appliance.core.events import (
    BrainLost,
    BrainReady,
    CallerHungUp,
    DigitPressed,
    Heard,
    HeardPart,
    ReplyBegan,
    ReplyEnded,
    ReplyStalled,
    ReplyWorded,
    SpeechStarted,
    SpeechStopped,
    TimerFired,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
    UsageMissed,
    UsageReported,
    UtteranceTaken,
)
from appliance.core.gaps import STARVED_S
from appliance.core.phase import Patience
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
    over: asyncio.Event
    """The caller's side is let go."""
    call: Call

    def played(self) -> list[tuple[bytes, str]]:
        return [what for verb, what in self.leg.noted if verb == "play" and isinstance(what, tuple)]

    def told(self, *verbs: str) -> list[tuple[str, object]]:
        return [noted for noted in self.brain.noted if noted[0] in verbs]


class SlowBrain(NotingBrain):
    """Takes a moment to be told something: every timer that runs out at once rings meanwhile."""

    async def tell(self, text: str) -> None:
        moment = asyncio.Event()
        asyncio.get_running_loop().call_later(0, moment.set)
        await moment.wait()
        await super().tell(text)


class AttentiveBrain(NotingBrain):
    """Notes of the caller's audio how long it is and whether it can hold speech."""

    async def hear(self, audio: bytes, *, loud: bool = True) -> None:
        self.noted.append(("hear", (len(audio), loud)))


class ToBilling(NoTools):
    """A toolbox with which every call ends at a department."""

    async def run(self, call_id: str, call: ToolCall) -> ToolAnswered:
        return ToolAnswered(call.tool_call_id, '{"ok":true}', leave=transfer("billing"))


class LogOnFullDisk(MemoryLog):
    """A call log that keeps no disposition."""

    async def leave(self, call_id: str, disposition: Disposition) -> None:
        raise StoreRefused("no room")


@asynccontextmanager
async def held(
    prompts: dict[str, bytes] | None = None,
    brain: NotingBrain | None = None,
    patience: Patience | None = None,
    tools: NoTools | None = None,
    log: MemoryLog | None = None,
    late: Late | None = None,
) -> AsyncIterator[Held]:
    leg, brain, log, pulse = NotingLeg(), brain or NotingBrain(), log or MemoryLog(), Pulse()
    pulse.start()
    conversation = Conversation(patience or Patience())
    parts = CallParts("c1", leg, brain, conversation, tools or NoTools(), log, pulse, {"en": prompts or {}})
    call = Call(parts)
    async with asyncio.TaskGroup() as tasks:
        over = asyncio.Event()
        running = tasks.create_task(call.run(lambda _: over.set(), late), name="call")
        await leg.connected.wait()
        await brain.connected.wait()
        assert leg.ears is not None
        assert brain.ears is not None
        brain.ears.happened(BrainReady())
        if patience is None:
            await brain.ears.settled()
        yield Held(leg, brain, log, leg.ears, brain.ears, running, over, call)
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
        cleared = stage.leg.noted.index(("clear", None))
        after = [what for verb, what in stage.leg.noted[cleared + 1 :] if isinstance(what, tuple)]
        assert b"".join(audio for audio, _ in after) == b"\x02" * 1600
        assert [mark for _, mark in after] == ["1-160", "1-800", "1-1600"]


async def test_the_brain_hears_of_a_cut_what_the_carrier_told_of_it() -> None:
    """It played on while the clear was on its way: two more frames left it before the marks came back."""
    async with held() as stage:
        await _answer(stage, "r1", "i1", b"\x01" * 24000)
        assert [mark for _, mark in stage.played()] == ["0-160", "0-800", "0-1600"]
        for _ in range(2):
            await stage.carrier.caller_audio(QUIET)
        stage.carrier.mark_reached("0-160")
        stage.cloud.happened(SpeechStarted())
        await stage.cloud.settled()
        assert stage.told("cancel", "truncate", "delete") == [("cancel", None)]
        for _ in range(2):
            await stage.carrier.caller_audio(QUIET)
        stage.carrier.mark_reached("0-800")
        stage.carrier.mark_reached("0-1600")
        await stage.cloud.settled()
        assert stage.told("truncate", "delete") == [("truncate", ("i1", 60))]


async def test_what_was_cut_is_told_before_anything_else_that_the_brain_is_told() -> None:
    async with held() as stage:
        await _answer(stage, "r1", "i1", b"\x01" * 24000)
        await stage.carrier.caller_audio(QUIET)
        stage.carrier.mark_reached("0-160")
        stage.carrier.happened(DigitPressed("5"))
        stage.carrier.happened(DigitPressed("#"))
        await stage.cloud.settled()
        verbs = [verb for verb, _ in stage.brain.noted]
        assert verbs == ["greet", "cancel", "truncate", "tell"]


async def test_a_carrier_that_returns_no_marks_holds_the_brain_up_for_a_while_only() -> None:
    async with held() as stage:
        await _answer(stage, "r1", "i1", b"\x01" * 24000)
        stage.cloud.happened(SpeechStarted())
        await stage.cloud.settled()
        assert stage.told("truncate", "delete") == []
        for _ in range(PATIENCE_MS // 20):
            await stage.carrier.caller_audio(QUIET)
        await stage.cloud.settled()
        assert len(stage.told("truncate", "delete")) == 1


async def test_a_carrier_that_falls_silent_at_the_clear_holds_the_brain_up_for_a_while_only() -> None:
    async with held() as stage:
        await _answer(stage, "r1", "i1", b"\x01" * 24000)
        stage.cloud.happened(SpeechStarted())
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while not stage.told("truncate", "delete"):
            assert loop.time() - begun < CLEAR_S + 5
            await asyncio.sleep(0)


async def test_an_answer_that_stops_half_way_ends_at_people() -> None:
    sentence = b"\x05" * 800
    async with held({"cloud_lost": sentence}) as stage:
        stage.cloud.happened(ReplyBegan("r1"))
        await stage.cloud.reply_audio("r1", "i1", b"\x01" * 800)
        stage.carrier.mark_reached(stage.played()[-1][1])
        there = len(stage.played())
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while len(stage.played()) == there:
            assert loop.time() - begun < STARVED_S + 5
            await stage.carrier.caller_audio(QUIET)
            await asyncio.sleep(0)
        assert b"".join(audio for audio, _ in stage.played()[there:]) == sentence
        assert ReplyStalled("i1") in stage.log.events
        stage.carrier.mark_reached(stage.played()[-1][1])
        assert (await stage.running).disposition == PEOPLE


async def test_an_answer_that_comes_in_crumbs_is_given_up() -> None:
    """100 ms of sound every 400 ms: there is always a next crumb, and no caller can follow."""
    async with held() as stage:
        stage.cloud.happened(ReplyBegan("r1"))
        loop, begun, crumbs, marked = asyncio.get_running_loop(), asyncio.get_running_loop().time(), 0, 0
        while ReplyStalled("i1") not in stage.log.events:
            passed_s = loop.time() - begun
            assert passed_s < 4 * STARVED_S
            if passed_s >= 0.4 * crumbs:
                await stage.cloud.reply_audio("r1", "i1", b"\x01" * 800)
                crumbs += 1
            if passed_s >= 0.4 * (crumbs - 1) + 0.15:
                for _, mark in stage.played()[marked:]:
                    stage.carrier.mark_reached(mark)
                    marked += 1
            await stage.carrier.caller_audio(QUIET)
            await asyncio.sleep(0)
        assert crumbs > STARVED_S / 0.4


async def test_a_prompt_that_is_missing_holds_nobody_up() -> None:
    async with held() as stage:
        stage.cloud.happened(BrainLost("refused"))
        end = await stage.running
        assert (end.disposition, end.reason) == (PEOPLE, "the brain was lost: refused")
        assert stage.leg.noted[-1] == ("end", PEOPLE)


async def test_the_end_of_speech_is_told_by_the_clock_of_our_own_ear() -> None:
    async with held() as stage:
        for _ in range(10):
            await stage.carrier.caller_audio(QUIET)
        stage.cloud.happened(SpeechStopped())
        await stage.cloud.settled()
        assert stage.log.events[-1] == SpeechStopped(at_ms=200)


async def test_a_timer_that_was_stopped_while_its_ring_was_on_the_way_has_not_fired() -> None:
    """The greeting's deadline runs out at once; behind it in the inbox nothing waits for it any more."""
    async with held(brain=SlowBrain(), patience=Patience(first_audio_ms=0)) as stage:
        for digit in "5#":
            stage.carrier.happened(DigitPressed(digit))
        stage.cloud.happened(SpeechStarted())
        await stage.cloud.settled()
        assert [noted[0] for noted in stage.brain.noted] == ["greet", "tell"]
        assert TimerFired("first_audio") not in stage.log.events


async def test_a_timer_that_nobody_stopped_fires_once() -> None:
    async with held(patience=Patience(first_audio_ms=0)) as stage:
        assert (await stage.running).reason == "the brain was lost: mute"
        assert stage.log.events.count(TimerFired("first_audio")) == 1


async def test_when_run_returns_nothing_of_the_call_is_left() -> None:
    before = asyncio.all_tasks()
    async with held() as stage:
        stage.carrier.happened(CallerHungUp())
        assert (await stage.running).reason == "the caller hung up"
    assert asyncio.all_tasks() == before


class LateWords(NotingBrain):
    """Has words for what was said last when the call is over."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    async def finish(self) -> None:
        assert self.ears is not None
        self.ears.happened(Heard("u1", self.text))


@pytest.mark.parametrize(
    ("text", "late"), [("my chest hurts and I cannot breathe", 1), ("a person please", 0), ("thank you", 0)]
)
async def test_danger_in_words_that_come_behind_the_end_is_told(text: str, late: int) -> None:
    brain, told = LateWords(text), list[str]()

    async def danger() -> None:
        told.append("danger")

    async with held(brain=brain, late=danger) as stage:
        stage.call._conversation.watch = phrases.Watcher(phrases.load())
        stage.cloud.happened(UtteranceTaken("u1"))
        await stage.cloud.settled()
        stage.carrier.happened(CallerHungUp())
        await stage.running
    assert len(told) == late
    assert [what for what, _ in stage.log.wishes] == ["emergency"] * late


USED = UsageReported("m", 1, 0, 1, 0, 1, 1, 0.01)


class Teller(NotingBrain):
    """Has more to tell when the call is over, and takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.told = asyncio.Event(), asyncio.Event()

    async def finish(self) -> None:
        self.asked.set()
        await self.told.wait()
        if self.ears is not None:
            for event in (UsageMissed("r9"), Heard("u1", "thank you"), SpeechStarted(), USED):
                self.ears.happened(event)
            await self.ears.settled()
            self.ears.happened(ReplyWorded("i1", "We are open until five in the afternoon today.", 3000))
            self.ears.happened(ReplyWorded("i2", "Nobody ever heard a word of this.", 3000))
            await self.ears.reply_audio("r1", "i1", b"\x01" * 160)


async def test_the_last_of_a_brain_is_kept_and_holds_nobody_up() -> None:
    brain = Teller()
    async with held(brain=brain) as stage:
        stage.cloud.happened(UtteranceTaken("u1"))
        stage.cloud.happened(ReplyBegan("r1"))
        await stage.cloud.reply_audio("r1", "i1", b"\x01" * 8000)
        await stage.cloud.settled()
        for _, mark in stage.played():
            stage.carrier.mark_reached(mark)
        await stage.cloud.settled()
        played = len(stage.played())
        stage.carrier.happened(CallerHungUp())
        async with asyncio.timeout(5):
            await brain.asked.wait()
            await stage.over.wait()
        assert stage.log.left == [PEOPLE]
        assert not stage.running.done()
        stage.cloud.happened(HeardPart("u1", "thank"))
        brain.told.set()
        assert (await stage.running).reason == "the caller hung up"
    kept = [event for event in stage.log.events if isinstance(event, UsageMissed | UsageReported | Heard)]
    assert kept == [UsageMissed("r9"), Heard("u1", "thank you"), USED]
    assert SpeechStarted() not in stage.log.events
    assert stage.log.turns[0] == (Speaker.CALLER, "thank you", False)
    speaker, words, cut = stage.log.turns[1]
    assert (speaker, cut) == (Speaker.ATTENDANT, True)
    assert "We are open until five in the afternoon today.".startswith(words)
    assert 0 < len(words) < 20
    assert set(stage.log.turns) == {0, 1}
    assert len(stage.played()) == played


async def test_what_a_cancelled_call_had_heard_of_its_cost_is_kept() -> None:
    async with held() as stage:
        await stage.cloud.settled()
        stage.cloud.happened(USED)
        stage.running.cancel()
        await asyncio.wait([stage.running])
    assert USED in stage.log.events


async def test_the_brain_is_told_whether_what_it_hears_can_hold_speech() -> None:
    async with held(brain=AttentiveBrain()) as stage:
        for frame in (QUIET, QUIET, QUIET, b"\x10\x90" * 80):
            await stage.carrier.caller_audio(frame)
        assert stage.told("hear") == [("hear", (480, False)), ("hear", (160, True))]


async def test_who_asks_what_was_said_waits_for_the_callers_last_words() -> None:
    async with held() as stage, asyncio.TaskGroup() as tasks:
        stage.cloud.happened(UtteranceTaken("u1"))
        await stage.cloud.settled()
        asked = tasks.create_task(stage.call.said(), name="asked")
        stage.cloud.happened(DigitPressed("1"))
        await stage.cloud.settled()
        assert not asked.done()
        # The first of them is not all of them.
        stage.cloud.happened(HeardPart("u1", "this"))
        await stage.cloud.settled()
        assert not asked.done()
        stage.cloud.happened(Heard("u1", "this is Ana"))
        said = await asked
        assert ("u1", "this is Ana") in [(turn.turn_id, turn.text) for turn in said]
        # Nothing is on its way any more.
        assert await stage.call.said() == said


async def test_words_that_never_come_are_not_waited_for_long() -> None:
    async with held() as stage:
        stage.cloud.happened(UtteranceTaken("u1"))
        await stage.cloud.settled()
        loop = asyncio.get_running_loop()
        began = loop.time()
        (turn,) = await stage.call.said()
        assert turn.text == ""
        assert WORDS_S - 0.1 < loop.time() - began < WORDS_S + 2.0
        # Nor are they twice.
        assert not stage.call.story[0].text
        began = loop.time()
        await stage.call.said()
        assert loop.time() - began < WORDS_S


async def test_a_disk_that_is_full_sends_nobody_elsewhere_than_they_were_told() -> None:
    hurried = Patience(leave_ms=1)
    async with held(patience=hurried, tools=ToBilling(), log=LogOnFullDisk()) as stage:
        stage.cloud.happened(ToolsAsked("r1", (ToolCall("t1", "transfer_to_department", "{}"),)))
        async with asyncio.timeout(5):
            await stage.running
        assert stage.leg.noted[-1] == ("end", transfer("billing"))
        assert stage.call.left == transfer("billing")
