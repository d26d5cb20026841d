"""The cloud brain against the peer: lost, broken, renewed, silent; nothing of the caller gets lost."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from appliance.core.events import (
    BrainAlive,
    BrainErred,
    BrainLost,
    BrainReady,
    BrainRenewed,
    Heard,
    RenewalFailed,
    ReplyEnded,
    SessionExpiring,
    SpeechStarted,
    ToolsAsked,
)
from appliance.core.pulse import Pulse
from appliance.core.settings import Cloud
from appliance.core.story import Speaker, Turn
from models.realtime import prices
from models.realtime.brain import KEPT_MS, RealtimeBrain
from models.realtime.dial import Dialer
from tests.models.ears import PLAN, Ears, listening
from tests.peers.realtime import Fault, RealtimePeer, Script

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


async def test_the_caller_is_heard_from_the_first_moment() -> None:
    """What is said before the session stands is kept and given to it."""
    async with RealtimePeer(script()) as peer, listening(peer.url) as line:
        spoken = b"".join(bytes([number]) * 160 for number in range(50))
        for at in range(0, len(spoken), 160):
            await line.brain.hear(spoken[at : at + 160])
        session = await peer.session()
        await peer.wait_for(lambda: len(session.audio_in) >= len(spoken))
        assert bytes(session.audio_in) == spoken


async def test_only_the_last_five_seconds_are_kept() -> None:
    faults = (Fault("stall", at="connect"),)
    async with RealtimePeer(script(connect=faults)) as peer, listening(peer.url, connect_ms=200) as line:
        for _ in range(KEPT_MS // 20 + 50):
            await line.brain.hear(LOUD)
        assert line.brain.dropped_ms == 1000
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
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with (
        RealtimePeer(script(connect=(fault,)), rejects="event") as peer,
        listening(peer.url, connect_ms=300) as line,
    ):
        await line.ears.wait_for(lambda: line.ears.of(BrainLost))
        assert line.ears.of(BrainLost) == [BrainLost(reason)]
        assert loop.time() - began < 2.5


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
