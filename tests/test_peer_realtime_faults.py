"""What the realtime peer can do wrong, and whom it lets in at all.

May import: tests.peers.realtime, aiohttp.
"""

import asyncio
import ssl
import sys
from base64 import b64decode
from binascii import Error as Base64Error
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import trustme

from tests.peers.realtime import SCRIPTS, Fault, RealtimePeer, Script
from tests.peers.realtime.client import LOUD, RealtimeClient

GREETING = """
speedup = 50
[[turn]]
on = "any"
say = "Thank you for calling Riverside Family Clinic."
repeat = true
"""


async def status_of(url: str, query: str = "model=gpt-realtime-2.1", **headers: str) -> tuple[int, Any]:
    """Knock without a protocol; return the status and the error."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    address = url.replace("ws://", "http://") + f"/realtime?{query}"
    async with aiohttp.ClientSession() as http, http.get(address, headers=upgrade | headers) as answer:
        return answer.status, orjson.loads(await answer.read())["error"]


KEY = {"Authorization": "Bearer sk-test"}


async def test_a_wrong_bearer_is_turned_away() -> None:
    async with RealtimePeer(GREETING) as peer:
        assert (await status_of(peer.url))[0] == 401
        status, error = await status_of(peer.url, Authorization="Bearer sk-wrong")
        assert (status, error["code"], error["type"]) == (401, "invalid_api_key", "invalid_request_error")
        assert "sk-wrong" not in error["message"]
        assert (peer.refused, peer.sessions) == ([401, 401], [])


async def test_an_unknown_model_and_the_retired_header_are_turned_away() -> None:
    async with RealtimePeer(GREETING) as peer:
        status, error = await status_of(peer.url, "model=gpt-4o-realtime-preview", **KEY)
        assert (status, error["code"]) == (404, "model_not_found")
        assert (await status_of(peer.url, "", **KEY))[1]["code"] == "missing_model"
        beta = KEY | {"OpenAI-Beta": "realtime=v1"}
        assert (await status_of(peer.url, **beta))[1]["code"] == "beta_api_shape_disabled"


async def test_a_refusal_may_come_after_the_handshake() -> None:
    async with RealtimePeer(GREETING, rejects="event") as peer:
        async with RealtimeClient(peer.url, Authorization="Bearer sk-wrong") as client:
            assert (await client.error())["code"] == "invalid_api_key"
            assert await client.closed() == 3000
        async with RealtimeClient(peer.url, model="gpt-nope") as client:
            assert (await client.error())["code"] == "model_not_found"
            assert await client.closed() == 4000


async def test_it_can_be_reached_in_secret() -> None:
    authority = trustme.CA()
    served, trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.configure_trust(trusted)
    async with RealtimePeer(GREETING, tls=served) as peer, RealtimeClient(peer.url, tls=trusted) as client:
        assert peer.url.startswith("wss://")
        await client.until("session.created")
        peer.fault_now("reset")
        assert await client.closed() == 1006


async def test_what_is_not_remembered_is_not_kept() -> None:
    async with RealtimePeer(GREETING, record=0) as peer:
        async with RealtimeClient(peer.url) as client:
            await client.greeted()
            session = peer.sessions[0]
            assert (session.sent, session.received, session.audio_out) == ([], [], {})
        await peer.wait_for(lambda: not peer.sessions)
        assert session.closed


async def test_a_connection_may_be_refused_and_the_next_served() -> None:
    async with RealtimePeer(GREETING) as peer:
        peer.fault_at("connect", "refuse", status=429, code="insufficient_quota")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with RealtimeClient(peer.url):
                pass
        assert refused.value.status == 429
        async with RealtimeClient(peer.url) as client:
            await client.until("session.created")


async def test_it_may_be_shut_and_listen_again_while_a_session_goes_on() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await client.until("session.created")
        await peer.shut()
        with pytest.raises(aiohttp.ClientConnectorError):
            async with RealtimeClient(peer.url):
                pass
        await client.greeted()
        await peer.listen()
        async with RealtimeClient(peer.url) as other:
            await other.until("session.created")


async def test_what_was_to_go_wrong_at_the_door_is_forgiven() -> None:
    async with RealtimePeer(GREETING) as peer:
        peer.fault_at("connect", "refuse", times=0)
        assert (await status_of(peer.url, **KEY))[0] == 503
        peer.forgive()
        async with RealtimeClient(peer.url) as client:
            await client.until("session.created")


async def test_a_connection_may_end_without_a_close_frame() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await client.until("session.created")
        assert peer.sessions[0].client_port > 0
        peer.fault_now("drop")
        assert await client.closed() == 1006


async def test_a_flood_of_events_does_not_end() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await client.until("session.created")
        peer.fault_now("flood")
        for _ in range(500):
            await client.until("rate_limits.updated")


async def test_a_handshake_may_stall() -> None:
    stalling = RealtimePeer('[[connect]]\nkind = "stall"')
    async with stalling as peer, aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(http.ws_connect(f"{peer.url}/realtime"), name="dial")
        await peer.wait_for(lambda: peer.connections == 1)
        assert not waiting.done()
        waiting.cancel()


async def test_a_handshake_may_be_reset() -> None:
    async with RealtimePeer(GREETING) as peer:
        peer.fault_at("connect", "reset", times=0)
        with pytest.raises(aiohttp.ClientError):
            async with RealtimeClient(peer.url):
                pass


async def run(fault: dict[str, Any], client: RealtimeClient, peer: RealtimePeer) -> None:
    """Arm the fault, greet, and speak."""
    await client.telephone()
    peer.fault_at(**fault)
    await client.send("response.create")


@pytest.mark.parametrize(
    ("point", "after", "last"),
    [
        ("reply", 0, "session.updated"),
        ("delta", 3, "response.output_audio.delta"),
        ("done", 0, "conversation.item.done"),
        ("after", 0, "response.done"),
    ],
)
async def test_the_line_may_close_at_any_point(point: str, after: int, last: str) -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": point, "kind": "close", "code": 1011, "after": after}, client, peer)
        assert await client.closed() == 1011
        assert client.types()[-1] == last
        assert len(client.of("response.output_audio.delta")) == after or point in ("done", "after")
        session = peer.sessions[0]
        await peer.wait_for(lambda: session.closed)
        assert client.events == [event for _, event in session.sent]


async def test_the_line_may_be_cut_when_the_caller_stops_speaking() -> None:
    script = GREETING + 'fault = { kind = "reset", at = "speech_stopped" }'
    async with RealtimePeer(script) as peer, RealtimeClient(peer.url) as client:
        await client.telephone()
        await client.append(LOUD * 10 + bytes([0xFF]) * 8000)
        assert await client.closed() == 1006
        assert client.types()[-1] == "input_audio_buffer.speech_stopped"


async def test_a_fault_may_wait() -> None:
    script = GREETING + '[[fault]]\nkind = "close"\nat = "created"\nafter_ms = 30\ncode = 1001'
    async with RealtimePeer(script) as peer, RealtimeClient(peer.url) as client:
        assert await client.closed() == 1001
        assert client.types() == ["session.created"]


async def test_the_service_may_fall_silent() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "delta", "kind": "silence", "after": 2}, client, peer)
        await client.until("response.output_audio.delta")
        await client.send("session.update", session={"type": "realtime"})
        await peer.received("session.update", count=2)
        assert client.types()[-1] == "response.output_audio.delta"
        assert client.close_code is None


async def test_the_service_may_stop_reading() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await client.until("session.created")
        peer.fault_now("freeze")
        await client.send("session.update", session={"type": "realtime"})
        await client.send("session.update", session={"type": "realtime"})
        peer.sessions[0].do(Fault("error"))
        assert len(peer.sessions[0].received_of("session.update")) < 2
        assert client.types() == ["session.created"]


async def test_errors_of_any_kind_can_be_sent() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await client.until("session.created")
        peer.fault_now("error", type="server_error", code="server_error", message="Oh.")
        error = await client.error()
        assert (error["type"], error["code"], error["message"]) == ("server_error", "server_error", "Oh.")
        assert await client.configure()


async def test_a_response_may_fail_after_some_audio() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        fault = {"kind": "fail", "after": 2, "type": "tokens", "code": "rate_limit_exceeded"}
        await run({"point": "reply", **fault}, client, peer)
        response = await client.response()
        assert response["status"] == "failed"
        assert response["status_details"]["error"]["code"] == "rate_limit_exceeded"
        assert response["usage"] is None
        assert len(client.of("response.output_audio.delta")) == 2


async def test_a_response_may_be_incomplete() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "incomplete", "code": "content_filter"}, client, peer)
        response = await client.response()
        assert response["status_details"] == {"type": "incomplete", "reason": "content_filter"}


async def test_the_first_audio_may_be_late() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "delay", "ms": 120}, client, peer)
        await client.until("response.done")
        when = {event["type"]: at_s for at_s, event in reversed(peer.sessions[0].sent)}
        assert when["response.output_audio.delta"] - when["response.created"] >= 0.115


async def test_audio_may_trickle() -> None:
    async with RealtimePeer(GREETING, chunk_ms=20) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "trickle", "speedup": 0.5}, client, peer)
        for _ in range(4):
            await client.until("response.output_audio.delta")
        sent = [
            at_s for at_s, event in peer.sessions[0].sent if event["type"] == "response.output_audio.delta"
        ]
        assert sent[3] - sent[0] >= 0.11
        assert "trickle" in peer.sessions[0].befallen


async def test_every_reply_from_now_on_may_go_wrong() -> None:
    async with RealtimePeer(GREETING, chunk_ms=20) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "fail", "times": 0}, client, peer)
        for place in range(2):
            if place:
                await client.send("response.create")
            assert (await client.response())["status"] == "failed"
        assert peer.sessions[0].befallen == ["fail", "fail"]


async def test_what_is_done_to_a_line_that_is_silent_does_not_happen() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url):
        session = await peer.session()
        for kind in ("silence", "garbage", "silence", "error"):
            session.do(Fault(kind))
        assert session.befallen == ["silence"]
        session.do(Fault("reset"))
        assert session.befallen == ["silence", "reset"]


async def test_a_reply_may_hang_and_be_cancelled() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "hang", "after": 1}, client, peer)
        await client.until("response.output_audio.delta")
        await client.send("response.cancel")
        assert (await client.response())["status"] == "cancelled"


async def test_audio_of_a_cancelled_response_may_still_come() -> None:
    async with RealtimePeer(GREETING, speedup=4) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "late_deltas"}, client, peer)
        await client.until("response.output_audio.delta")
        await client.append(LOUD * 10)
        response = await client.response()
        late = await client.until("response.output_audio.delta")
        assert (response["status"], late["response_id"]) == ("cancelled", response["id"])


async def test_a_response_may_be_done_that_was_never_created() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "no_created"}, client, peer)
        await client.until("response.done")
        assert "response.created" not in client.types()


async def test_events_may_come_twice() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "duplicate_all"}, client, peer)
        first, second = [await client.until("response.done") for _ in range(2)]
        assert first == second
        peer.fault_now("duplicate")
        assert await client.until("response.done") == first


async def test_audio_may_be_cut_within_its_base64() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await run({"point": "reply", "kind": "bad_audio", "after": 1}, client, peer)
        good, bad = [(await client.until("response.output_audio.delta"))["delta"] for _ in range(2)]
        assert len(b64decode(good)) == 1600
        with pytest.raises(Base64Error):
            b64decode(bad, validate=True)


async def test_things_that_are_no_events_may_come() -> None:
    async with RealtimePeer(GREETING) as peer, RealtimeClient(peer.url) as client:
        await client.until("session.created")
        peer.fault_now("garbage")
        assert isinstance(await client.strangeness(), bytes)
        peer.fault_now("binary")
        await client.configure()
        assert client.strange[-1] == bytes(160)
        peer.fault_now("unknown_event")
        await client.until("response.output_gesture.delta")
        peer.fault_now("huge")
        assert len((await client.until("response.padding"))["padding"]) == 10_000_000


async def test_a_session_ends_at_its_time() -> None:
    async with RealtimePeer("expires_after_s = 0.05") as peer, RealtimeClient(peer.url) as client:
        assert (await client.error())["code"] == "session_expired"
        assert await client.closed() == 1001


async def test_deltas_may_carry_fields_that_nobody_announced() -> None:
    async with RealtimePeer("extra_fields = true") as peer, RealtimeClient(peer.url) as client:
        await client.send("response.create")
        assert (await client.until("response.output_audio.delta"))["obfuscation"]


async def test_the_transcription_may_fail() -> None:
    script = '[[turn]]\non = "utterance"\nsay = "Pardon?"\nheard_error = "audio_unintelligible"'
    async with RealtimePeer(script) as peer, RealtimeClient(peer.url) as client:
        await client.telephone()
        await client.speak()
        failed = await client.until("conversation.item.input_audio_transcription.failed")
        assert failed["error"]["code"] == "audio_unintelligible"


async def test_a_bad_day_is_one_story_over_several_connections() -> None:
    async with RealtimePeer(SCRIPTS / "bad_day.toml", speedup=50) as peer:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with RealtimeClient(peer.url):
                pass
        async with RealtimeClient(peer.url) as client:
            await client.telephone()
            await client.send("response.create")
            assert await client.closed() == 1006
        async with RealtimeClient(peer.url) as client:
            await client.telephone()
            await client.send("response.create")
            said = (await client.response())["output"][0]["content"][0]
            assert said["transcript"].startswith("I am sorry, the line dropped")
            await client.speak()
            assert (await client.response())["status"] == "failed"


async def test_what_the_script_does_not_foresee_is_told() -> None:
    async with RealtimePeer() as peer, RealtimeClient(peer.url) as client:
        await client.send("response.create")
        said = (await client.response())["output"][0]["content"][0]["transcript"]
        assert (said, peer.sessions[0].unscripted) == ("I am sorry, could you say that again?", ["greeting"])


@pytest.mark.parametrize(
    "text",
    [
        "[[turn]]\nsay = 'on is missing'",
        "[[turn]]\non = 'midnight'",
        "[[turn]]\non = 'any'\nsays = 'x'",
        "speed = 2",
        "[[fault]]\nkind = 'earthquake'",
        "[[fault]]\nkind = 'close'\nat = 'midnight'",
        "[[fault]]\nkind = 'close'\nwhen = 'reply'",
    ],
)
def test_a_misspelt_script_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        Script.parse(text)


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_script_can_be_read(path: Path) -> None:
    assert Script.read(path).turns


async def test_it_runs_as_a_program() -> None:
    program = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "tests.peers.realtime",
            "--script",
            str(SCRIPTS / "hello.toml"),
            "--port",
            "0",
        ),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    assert program.stdout
    try:
        async with asyncio.timeout(20):
            url = orjson.loads(await program.stdout.readline())["realtime"]
            async with RealtimeClient(url) as client:
                await client.until("session.created")
    finally:
        program.terminate()
        assert await program.wait() == 0
