"""The cloud brain against the peer: lost, broken, renewed, silent; nothing of the caller gets lost."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.events import (
    BrainAlive,
    BrainErred,
    BrainLost,
    BrainReady,
    BrainRenewed,
    Heard,
    RenewalFailed,
    ReplyBegan,
    ReplyEnded,
    SessionExpiring,
    SpeechStarted,
    ToolsAsked,
    UsageMissed,
    UsageReported,
)
from appliance.core.pulse import Pulse
from appliance.core.settings import Cloud
from appliance.core.story import Speaker, Turn
from models.realtime import prices
from models.realtime.brain import KEPT_MS, LAST_S, WAITING_MOST, RealtimeBrain
from models.realtime.dial import Dialer
from models.realtime.input_buffer import QUIET_MS, RUN_UP_MS
from models.transcoding import transcoded
from tests.models.ears import PLAN, Ears, listening
from tests.peers.realtime import Fault, RealtimePeer, Script
from tests.peers.stopwatch import own_s

TONE = """
speedup = 50
[[turn]]
on = "any"
tone_ms = 400
repeat = true
"""
LOUD = b"\x10\x90" * 80
STORY = (Turn("u1", Speaker.CALLER, "Are you open?"), Turn("a1", Speaker.ATTENDANT, "We are."))


def renewed(ears: Ears, times: int) -> bool:
    return len(ears.of(BrainReady)) == 1 and len(ears.of(BrainRenewed)) == times


def script(text: str = TONE, **changed: Any) -> Script:
    return replace(Script.parse(text), **changed)


async def test_a_greeting_is_heard() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.of(ReplyEnded))
        assert len(line.ears.audio) == 400 * 8


async def test_a_service_that_floods_is_given_up() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        peer.fault_now("flood")
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        assert line.ears.of(BrainLost) == [BrainLost("flood")]


async def test_the_caller_is_heard_from_the_first_moment() -> None:
    """What is said before the session stands is kept and given to it."""
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        spoken = b"".join(bytes([number]) * 160 for number in range(50))
        for at in range(0, len(spoken), 160):
            await line.brain.hear(spoken[at : at + 160])
        session = await peer.session()
        await peer.wait_for(lambda: len(session.audio_in) >= len(spoken))
        assert bytes(session.audio_in) == spoken


@pytest.mark.parametrize("leg", ["ulaw_8k", "pcm_16k"])
async def test_only_the_last_five_seconds_are_kept(leg: Coding) -> None:
    plan, frame = replace(PLAN, leg=leg), bytes(20 * BYTES_PER_MS[leg])
    faults = (Fault("stall", at="connect"),)
    async with (
        RealtimePeer(script(connect=faults)) as peer,
        listening(peer.url, plan, connect_ms=200) as line,
    ):
        for _ in range(KEPT_MS // 20 + 50):
            await line.brain.hear(frame)
        assert line.brain.counters.uplink_dropped_ms == 1000
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))


async def test_what_waits_for_a_session_is_bounded_and_counted() -> None:
    faults = (Fault("stall", at="connect"),)
    async with RealtimePeer(script(connect=faults)) as peer, listening(peer.url, connect_ms=200) as line:
        for _ in range(WAITING_MOST + 3):
            await line.brain.cancel()
        assert line.brain.counters.wishes_dropped == 3
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("refuse", at="connect", status=401, times=0), "status_401"),
        (Fault("stall", at="connect", times=0), "timeout"),
        (Fault("reset", at="connect", times=0), "refused"),
        (Fault("silence", at="connect", times=0), "setup_timeout"),
        (Fault("refuse_event", at="connect", times=0, code="insufficient_quota"), "insufficient_quota"),
    ],
)
async def test_a_service_that_cannot_be_had_is_lost_in_time(fault: Fault, reason: str) -> None:
    began = own_s()
    async with (
        RealtimePeer(script(connect=(fault,)), rejects="event") as peer,
        listening(peer.url, connect_ms=300) as line,
    ):
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        assert line.ears.of(BrainLost) == [BrainLost(reason)]
        assert own_s() - began < 5


@pytest.mark.parametrize("code", [1008, 3000, 4000])
async def test_a_close_that_means_no_is_the_end(code: int) -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        peer.fault_now("close", code=code)
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        assert line.ears.of(BrainLost) == [BrainLost(f"closed_{code}")]
        assert peer.connections == 1


@pytest.mark.parametrize(
    "fault", [Fault("close"), Fault("close", code=1001), Fault("reset"), Fault("session_expired")]
)
async def test_a_session_that_broke_is_replaced_and_told_the_story(fault: Fault) -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        line.ears.story = STORY
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        (await peer.session()).do(fault)
        await line.ears.wait_for(lambda: line.ears.of(BrainErred))
        await line.brain.hear(LOUD * 10)
        await line.ears.wait_for(lambda: line.ears.of(BrainRenewed))
        second = await peer.session(2)
        await peer.wait_for(lambda: len(second.audio_in) == len(LOUD) * 10)
        items = [
            event["item"]["content"][0]["text"] for event in second.received_of("conversation.item.create")
        ]
        assert items == ["Are you open?", "We are."]
        await line.brain.ask_for_reply()
        asked = await peer.received("response.create")
        assert "dropped for a moment" in asked["response"]["instructions"]


async def test_a_session_is_replaced_twice_and_not_for_ever() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        for number in range(1, 4):
            await line.ears.wait_for(partial(renewed, line.ears, number - 1))
            (await peer.session(number)).do(Fault("close"))
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        assert line.ears.of(BrainLost) == [BrainLost("closed_1011")]
        assert peer.connections == 3


async def test_a_session_that_cannot_be_replaced_is_lost() -> None:
    connect = (Fault("none", at="connect"), Fault("refuse", at="connect", status=503, times=0))
    async with RealtimePeer(script(connect=connect)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        peer.fault_now("reset")
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        assert line.ears.of(RenewalFailed) == [RenewalFailed("status_503")]


async def test_what_is_asked_while_a_session_is_renewed_reaches_the_new_one() -> None:
    """A key pressed, or a tool that answers, just then."""
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.brain.take_over(STORY), name="renewal")
            await peer.wait_for(lambda: peer.connections == 2)
            await line.brain.tell("The caller pressed 5 on the keypad.")
            await line.brain.hear(LOUD)
        second = await peer.session(2)
        await peer.wait_for(lambda: second.received_of("response.create"))
        told = [
            event["item"]["content"][0]["text"] for event in second.received_of("conversation.item.create")
        ]
        assert told == ["Are you open?", "We are.", "The caller pressed 5 on the keypad."]
        assert bytes(second.audio_in) == LOUD
        await line.ears.wait_for(lambda: line.ears.of(ReplyEnded))


async def test_a_renewal_that_fails_leaves_the_old_session_as_it_was() -> None:
    connect = (Fault("none", at="connect"), Fault("stall", at="connect"))
    async with (
        RealtimePeer(script(connect=connect)) as peer,
        listening(peer.url, connect_ms=300) as line,
    ):
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.brain.take_over(STORY), name="renewal")
            await peer.wait_for(lambda: peer.connections == 2)
            await line.brain.hear(LOUD)
            await line.brain.tell("The caller pressed 5 on the keypad.")
        assert line.ears.of(RenewalFailed) == [RenewalFailed("timeout")]
        first = await peer.session(1)
        await peer.wait_for(lambda: first.received_of("response.create"))
        assert bytes(first.audio_in) == LOUD
        assert line.ears.of(BrainLost) == []


async def test_a_session_that_breaks_while_it_is_renewed_changes_once() -> None:
    """The timer and the fault both ask for a new session; one comes, knows all, and is listened to."""
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        line.ears.story = (*STORY, Turn("u2", Speaker.CALLER, "And on Friday?"))
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        line.dialer.free.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.brain.take_over(STORY), name="renewal")
            await line.dialer.waits.wait()
            (await peer.session(1)).do(Fault("close"))
            await line.ears.wait_for(lambda: line.ears.of(BrainErred))
            line.dialer.free.set()
        await line.ears.wait_for(lambda: line.ears.of(BrainRenewed))
        await line.brain.ask_for_reply()
        await line.ears.wait_for(lambda: line.ears.of(ReplyEnded))
        assert len(line.ears.of(BrainRenewed)) == 1
        assert (peer.connections, line.dialer.asked) == (2, 2)
        second = await peer.session(2)
        assert [
            event["item"]["content"][0]["text"] for event in second.received_of("conversation.item.create")
        ] == ["Are you open?", "We are.", "And on Friday?"]


async def test_who_asks_while_a_renewal_fails_has_an_attempt_of_their_own() -> None:
    connect = (Fault("none", at="connect"), Fault("refuse", at="connect", status=403))
    async with RealtimePeer(script(connect=connect)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        line.dialer.free.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.brain.take_over(STORY), name="renewal")
            await line.dialer.waits.wait()
            (await peer.session(1)).do(Fault("close"))
            await line.ears.wait_for(lambda: line.ears.of(BrainErred))
            line.dialer.free.set()
        await line.ears.wait_for(lambda: line.ears.of(BrainRenewed))
        assert line.ears.of(BrainLost) == []
        assert peer.connections == 3


async def test_a_session_that_comes_after_the_end_is_closed() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        line.dialer.free.clear()
        renewal = asyncio.create_task(line.brain.take_over(STORY), name="renewal")  # noqa: TID251
        (await peer.session(1)).do(Fault("close", code=1008))
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        line.dialer.free.set()
        await renewal
        await peer.wait_for(lambda: len(peer.sessions) == 2 and peer.sessions[1].closed)
        assert line.ears.of(BrainRenewed) == []


async def test_an_old_session_is_renewed_by_itself() -> None:
    """The service says when it ends; a minute before, a new one is asked for."""
    async with RealtimePeer(script(expires_after_s=61.0)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(SessionExpiring))
        await line.ears.wait_for(lambda: line.ears.of(BrainRenewed))
        assert len(line.ears.of(SessionExpiring)) == 1
        assert line.ears.of(BrainLost) == []
        await peer.wait_for(lambda: peer.sessions[0].closed)
        assert not peer.sessions[1].closed


async def test_a_probe_is_answered_and_not_heard() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.probe()
        await line.ears.wait_for(lambda: line.ears.of(BrainAlive))
        assert not line.ears.audio


async def test_manual_turns_are_ended_by_us() -> None:
    async with (
        RealtimePeer(script()) as peer,
        listening(peer.url, replace(PLAN, turn_detection="manual")) as line,
    ):
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        for _ in range(50):
            await line.brain.hear(LOUD)
        await line.brain.take_utterance()
        await line.ears.wait_for(lambda: line.ears.of(ReplyEnded) and line.ears.of(Heard))
        assert line.ears.of(SpeechStarted) == []
        assert len(line.ears.audio) == 400 * 8


@pytest.mark.parametrize("leg", ["ulaw_8k", "pcm_16k"])
async def test_a_manual_turn_holds_what_was_said_and_not_the_silence_before(leg: Coding) -> None:
    """Half a minute of listening is neither paid for nor transcribed; of the words nothing is lost."""
    plan = replace(PLAN, turn_detection="manual", leg=leg)
    quiet, words = transcoded(b"\xff" * 480, "ulaw_8k", leg), transcoded(LOUD, "ulaw_8k", leg)
    async with RealtimePeer(script()) as peer, listening(peer.url, plan) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        session = await peer.session()
        for _ in range(2):
            for _ in range(30_000 // 60):
                await line.brain.hear(quiet, loud=False)
            for _ in range(50):
                await line.brain.hear(words)
            await line.brain.take_utterance()
        await line.ears.wait_for(lambda: len(line.ears.of(Heard)) == 2)
    lengths = [item.audio_ms for item in session.conversation.items if item.role == "user"]
    assert len(lengths) == 2
    assert all(1000 + RUN_UP_MS <= ms <= 1000 + QUIET_MS + PLAN.silence_ms + RUN_UP_MS for ms in lengths)
    assert session.sent_of("error") == []


async def test_the_services_own_turns_are_never_cleared_by_us() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        session = await peer.session()
        for _ in range(30_000 // 60):
            await line.brain.hear(b"\xff" * 480, loud=False)
        await peer.wait_for(lambda: len(session.audio_in) == 240_000)
        assert session.received_of("input_audio_buffer.clear") == []


async def test_all_outputs_of_an_answer_are_given_before_one_answer_is_asked_for() -> None:
    text = """
speedup = 50
[[turn]]
on = "greeting"
calls = [{ name = "get_business_hours" }, { name = "end_call", arguments = "{}" }]
[[turn]]
on = "any"
tone_ms = 200
"""
    async with RealtimePeer(script(text)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.of(ToolsAsked))
        (asked,) = line.ears.of(ToolsAsked)
        assert isinstance(asked, ToolsAsked)
        outputs = tuple((call.tool_call_id, '{"ok":true}') for call in asked.calls)
        await line.brain.answer_tools(outputs, go_on=True)
        await line.ears.wait_for(lambda: len(line.ears.of(ReplyEnded)) == 2)
        session = await peer.session()
        kinds = [event["type"] for _, event in session.received][-3:]
        assert kinds == ["conversation.item.create", "conversation.item.create", "response.create"]
        assert len(line.ears.audio) == 200 * 8


async def test_a_call_that_ends_while_its_session_is_set_up_leaves_none_open() -> None:
    """The service accepts and says nothing yet; the process goes on, only the call is over."""
    begun, over = asyncio.Event(), asyncio.Event()

    async def accept(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        # The answer to a ping shows that the handshake is over and the brain waits for a first word.
        await socket.ping()
        assert (await socket.receive()).type is WSMsgType.PONG
        begun.set()
        while (await socket.receive()).type in (WSMsgType.PING, WSMsgType.PONG):
            await socket.pong()
        over.set()
        return socket

    app = web.Application()
    app.router.add_get("/v1/realtime", accept)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cloud = Cloud(url=f"ws://127.0.0.1:{runner.addresses[0][1]}/v1/realtime")
    async with asyncio.timeout(5), Dialer(cloud, "key") as dialer:
        brain = RealtimeBrain(dialer, PLAN, prices.load(), cloud, Pulse())
        async with brain, asyncio.TaskGroup() as tasks:
            listens = tasks.create_task(brain.listen(Ears()), name="listen")
            await begun.wait()
            listens.cancel()
        await over.wait()
    await runner.cleanup()


LONG = """
speedup = 1
[[turn]]
on = "any"
tone_ms = 60000
repeat = true
"""


async def test_what_an_answer_used_is_told_after_the_call() -> None:
    async with RealtimePeer(script(LONG)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.audio)
        await line.brain.finish()
        assert (await peer.session()).received_of("response.cancel")
        assert [type(event) for event in line.ears.events][-2:] == [UsageReported, ReplyEnded]
        assert line.ears.of(UsageMissed) == line.ears.of(BrainLost) == []


async def test_what_the_caller_said_last_is_told_after_the_call() -> None:
    text = TONE.replace("repeat = true", 'heard = "thank you"\nheard_after_ms = 200')
    async with (
        RealtimePeer(script(text)) as peer,
        listening(peer.url, replace(PLAN, turn_detection="manual")) as line,
    ):
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.hear(LOUD * 50)
        await line.brain.take_utterance()
        await line.ears.wait_for(lambda: line.ears.of(ReplyEnded))
        assert line.ears.of(Heard) == []
        await line.brain.finish()
        assert [event.text for event in line.ears.of(Heard) if isinstance(event, Heard)] == ["thank you"]
        assert len(line.ears.of(UsageReported)) == 2


async def test_who_owes_nothing_is_let_go_at_once() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.of(ReplyEnded))
        async with asyncio.timeout(LAST_S / 2):
            await line.brain.finish()


async def test_a_service_that_does_not_tell_what_was_used_is_not_waited_for_long() -> None:
    async with RealtimePeer(script(LONG)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.audio)
        peer.fault_now("silence")
        began = own_s()
        await line.brain.finish()
        assert own_s() - began < LAST_S + 2
    (begun,) = line.ears.of(ReplyBegan)
    assert isinstance(begun, ReplyBegan)
    assert line.ears.of(UsageMissed) == [UsageMissed(begun.response_id)]
    assert line.ears.of(BrainLost) == []


@pytest.mark.parametrize("fault", [Fault("close"), Fault("reset"), Fault("session_expired")])
async def test_a_session_that_breaks_after_the_call_is_neither_mended_nor_lost(fault: Fault) -> None:
    async with RealtimePeer(script(LONG)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.audio)
        session = await peer.session()
        peer.fault_now("silence")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.brain.finish(), name="finish")
            await peer.received("response.cancel")
            session.do(fault)
        assert len(line.ears.of(UsageMissed)) == 1
        assert line.ears.of(BrainLost) == line.ears.of(BrainErred) == []
        assert peer.connections == 1


async def test_an_answer_that_a_broken_session_took_along_is_missed() -> None:
    async with RealtimePeer(script(LONG)) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.greet()
        await line.ears.wait_for(lambda: line.ears.audio)
        (await peer.session()).do(Fault("reset"))
        await line.ears.wait_for(lambda: line.ears.of(BrainRenewed))
        assert len(line.ears.of(UsageMissed)) == 1
