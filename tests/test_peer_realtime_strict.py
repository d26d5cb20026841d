"""What the realtime peer refuses, field by field, and how it bears a client that does not read.

May import: tests.peers.realtime, aiohttp.
"""

import socket
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from tests.peers.realtime import RealtimePeer
from tests.peers.realtime.client import LOUD, QUIET, RealtimeClient
from tests.peers.realtime.client_events import check_event
from tests.peers.realtime.refusals import Refused

SCRIPT = """
speedup = 4
[[turn]]
on = "any"
say = "Thank you for calling Riverside Family Clinic."
calls = [{ name = "book" }]
repeat = true
"""


def user(content: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": content, **fields}


MISSHAPEN = [
    ("response.create", {"response": {"metadata": {"k" * 65: ""}}}, "invalid_value", "response.metadata"),
    ("response.create", {"response": {"metadata": []}}, "invalid_type", "response.metadata"),
    (
        "response.create",
        {"response": {"tool_choice": {}}},
        "missing_required_parameter",
        "response.tool_choice.type",
    ),
    ("response.create", {"response": {"input": ["x"]}}, "invalid_type", "response.input[0]"),
    ("response.create", {"response": {"temperature": 1}}, "unknown_parameter", "response.temperature"),
    (
        "response.create",
        {"response": {"output_modalities": ["audio"] * 3}},
        "array_above_max_length",
        "response.output_modalities",
    ),
    ("response.create", {"event_id": "e" * 513}, "string_above_max_length", "event_id"),
    ("conversation.item.create", {"item": user([], id="i" * 33)}, "string_above_max_length", "item.id"),
    ("conversation.item.create", {"item": user("hello")}, "invalid_type", "item.content"),
    (
        "conversation.item.create",
        {"item": user([{"type": "text", "text": "x"}])},
        "invalid_value",
        "item.content[0].type",
    ),
    ("conversation.item.create", {"item": "x"}, "invalid_type", "item"),
    ("conversation.item.delete", {}, "missing_required_parameter", "item_id"),
    (
        "conversation.item.truncate",
        {"item_id": "a", "content_index": 0, "audio_end_ms": 1.5},
        "invalid_type",
        "audio_end_ms",
    ),
]


@pytest.mark.parametrize(("kind", "fields", "code", "param"), MISSHAPEN)
def test_a_misshapen_event_is_refused(kind: str, fields: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(Refused) as refused:
        check_event({"type": kind, **fields})
    assert (refused.value.code, refused.value.param) == (code, param)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"tools": [{"type": "function", "name": "no blanks"}]}, "invalid_value", "tools[0].name"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "invalid_value", "tools[0].type"),
        ({"tools": {}}, "invalid_type", "tools"),
        ({"parallel_tool_calls": "yes"}, "invalid_type", "parallel_tool_calls"),
        ({"audio": "pcmu"}, "invalid_type", "audio"),
        ({"audio": {"output": {"speed": "fast"}}}, "invalid_type", "audio.output.speed"),
        ({"audio": {"output": {"speed": 2.0}}}, "decimal_above_max_value", "audio.output.speed"),
        ({"audio": {"output": {"voice": "nobody"}}}, "invalid_value", "audio.output.voice"),
        ({"audio": {"input": {"format": "g711_ulaw"}}}, "invalid_type", "audio.input.format"),
        ({"max_output_tokens": 1.5}, "invalid_type", "max_output_tokens"),
        ({"tool_choice": 5}, "invalid_type", "tool_choice"),
        ({"truncation": "sometimes"}, "invalid_value", "truncation"),
    ],
)
def test_a_misshapen_session_is_refused(change: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(Refused) as refused:
        check_event({"type": "session.update", "session": {"type": "realtime", **change}})
    assert (refused.value.code, refused.value.param) == (code, f"session.{param}")


@pytest.fixture
async def peer() -> AsyncIterator[RealtimePeer]:
    async with RealtimePeer(SCRIPT) as peer:
        yield peer


@pytest.fixture
async def client(peer: RealtimePeer) -> AsyncIterator[RealtimeClient]:
    async with RealtimeClient(peer.url) as client:
        yield client


async def refused(client: RealtimeClient, **session: Any) -> str:
    await client.send("session.update", session={"type": "realtime", **session})
    param: str = (await client.error())["param"]
    return param


async def test_formats_and_tracing_are_settled_once_in_use(client: RealtimeClient) -> None:
    await client.greeted()
    await client.append(QUIET)
    pcm = {"format": {"type": "audio/pcm", "rate": 24_000}}
    assert await refused(client, audio={"input": pcm}) == "session.audio.input.format"
    assert await refused(client, audio={"output": pcm}) == "session.audio.output.format"
    await client.configure(tracing="auto")
    assert await refused(client, tracing=None) == "session.tracing"
    foreign = {"transcription": {"model": "sphinx"}}
    assert await refused(client, audio={"input": foreign}) == "session.audio.input.transcription.model"


async def test_the_speed_stays_while_it_speaks(client: RealtimeClient) -> None:
    await client.telephone()
    await client.send("response.create")
    await client.until("response.output_audio.delta")
    assert await refused(client, audio={"output": {"speed": 1.2}}) == "session.audio.output.speed"
    await client.response()
    assert await client.configure(audio={"output": {"speed": 1.2}})


async def test_a_response_is_either_audio_or_text_and_calls_no_tools_where_told(
    client: RealtimeClient,
) -> None:
    await client.send("response.create", response={"output_modalities": ["audio", "text"]})
    assert (await client.error())["param"] == "response.output_modalities"
    await client.send("response.create", response={"tool_choice": "none"})
    assert [item["type"] for item in (await client.response())["output"]] == ["message"]


async def test_audio_may_be_put_in_as_an_item(client: RealtimeClient) -> None:
    await client.telephone()
    part = {"type": "input_audio", "audio": "/////w==", "transcript": "hello"}
    await client.send("conversation.item.create", item=user([part]))
    item = (await client.until("conversation.item.added"))["item"]
    assert item["content"] == [{"type": "input_audio", "transcript": "hello"}]
    await client.send("conversation.item.create", item=user([]))
    assert (await client.error())["param"] == "item.content"
    await client.send("conversation.item.create", item=user([part | {"audio": "?"}]))
    assert (await client.error())["param"] == "item.content[0].audio"


async def test_rate_limits_may_come_last() -> None:
    async with RealtimePeer("late_rate_limits = true") as peer, RealtimeClient(peer.url) as client:
        await client.send("response.create")
        await client.response()
        await client.until("rate_limits.updated")
        assert len(client.of("rate_limits.updated")) == 1


async def test_a_fault_may_strike_the_running_response(peer: RealtimePeer, client: RealtimeClient) -> None:
    await client.telephone()
    await client.send("response.create")
    await client.until("response.output_audio.delta")
    peer.fault_now("fail", code="server_error")
    assert (await client.response())["status"] == "failed"


async def test_faults_can_wait_for_sessions_to_come(peer: RealtimePeer) -> None:
    peer.fault_at("connect", "refuse", times=2)
    peer.fault_at("connect", "silence")
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with RealtimeClient(peer.url):
                pass
    async with RealtimeClient(peer.url) as client:
        await client.append(LOUD)
        await peer.received("input_audio_buffer.append")
        assert client.events == []
        peer.fault_now("close", code=1013)
        assert await client.closed() == 1013
    await peer.wait_for(lambda: peer.sessions[0].closed)
    peer.fault_at("created", "close", code=1012)
    async with RealtimeClient(peer.url) as client:
        assert await client.closed() == 1012
        session = await peer.session(2)
        assert [event["type"] for _, event in session.sent] == ["session.created"]


async def test_waiting_in_vain_tells_what_there_was(peer: RealtimePeer, client: RealtimeClient) -> None:
    await client.until("session.created")
    with pytest.raises(TimeoutError, match=r"1 connections.*session\.created"):
        await peer.wait_for(lambda: False, timeout_s=0.01)
    with pytest.raises(TimeoutError, match=r"no response\.done in"):
        await client.until("response.done", timeout_s=0.01)


async def test_a_fault_of_the_peer_itself_does_not_stay_hidden() -> None:
    peer = await RealtimePeer(SCRIPT).__aenter__()
    async with RealtimeClient(peer.url) as client:
        await client.until("session.created")
        peer.fault_now("error", message=object(), after_ms=1)
        await client.closed()
    with pytest.raises(TypeError):
        await peer.__aexit__(None, None, None)


async def test_a_file_that_is_not_there_is_missed_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        async with RealtimePeer('[[turn]]\non = "any"\naudio = "nowhere.wav"'):
            pass


async def test_only_so_much_is_remembered() -> None:
    async with RealtimePeer(SCRIPT, record=10) as peer, RealtimeClient(peer.url) as client:
        await client.telephone()
        for _ in range(25):
            await client.append(QUIET)
        await client.configure()
        assert len(peer.sessions[0].received) <= 10
        assert len(peer.sessions[0].audio_in) == 25 * 160


def narrow(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket that takes in little before it is read."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return made


async def test_a_client_that_does_not_read_gets_all_of_it_later() -> None:
    script = 'speedup = 100000\n[[turn]]\non = "any"\ntone_ms = 100000'
    headers = {"Authorization": "Bearer sk-test"}
    connector = aiohttp.TCPConnector(socket_factory=narrow)
    async with RealtimePeer(script) as peer, aiohttp.ClientSession(connector=connector) as http:
        url = f"{peer.url}/realtime?model=gpt-realtime-2"
        async with http.ws_connect(url, headers=headers, decode_text=False) as ws:
            await ws.send_str('{"type": "response.create"}')
            session = await peer.session()
            await peer.wait_for(lambda: len(session.sent_of("response.output_audio.delta")) > 150)
            audio = b""
            while (event := orjson.loads((await ws.receive()).data))["type"] != "response.done":
                if event["type"] == "response.output_audio.delta":
                    audio += b64decode(event["delta"])
            assert len(audio) == 100_000 * 48
