"""The realtime peer speaks the protocol as the service does, and is never kinder.

May import: tests.peers.realtime.
"""

from base64 import b64decode
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from tests.peers.realtime import RealtimePeer
from tests.peers.realtime.client import LOUD, QUIET, RealtimeClient

TRANSCRIPTION = "conversation.item.input_audio_transcription"
SCRIPT = """
speedup = 100

[[turn]]
on = "greeting"
say = "Thank you for calling. How can I help you?"

[[turn]]
on = "utterance"
heard = "what time is it"
say = "One moment, please."

[[turn]]
on = "timeout"
say = "Are you still there?"
"""


@pytest.fixture
async def peer() -> AsyncIterator[RealtimePeer]:
    async with RealtimePeer(SCRIPT) as peer:
        yield peer


@pytest.fixture
async def client(peer: RealtimePeer) -> AsyncIterator[RealtimeClient]:
    async with RealtimeClient(peer.url) as client:
        await client.until("session.created")
        yield client


# The session


async def test_the_service_has_the_first_word(client: RealtimeClient) -> None:
    session = client.events[0]["session"]
    assert client.types() == ["session.created"]
    assert session["object"] == "realtime.session"
    assert session["expires_at"] > 0
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500


async def test_an_update_changes_what_it_names_and_null_is_not_absence(client: RealtimeClient) -> None:
    await client.telephone(silence_duration_ms=300)
    updated = await client.configure(audio={"input": {"turn_detection": None}})
    heard = updated["session"]["audio"]["input"]
    assert heard["turn_detection"] is None
    assert heard["format"] == {"type": "audio/pcmu"}
    assert heard["transcription"]["model"] == "gpt-transcribe"
    updated = await client.configure(audio={"input": {"transcription": None}}, instructions="")
    assert updated["session"]["audio"]["input"]["transcription"] is None
    assert updated["session"]["instructions"] == ""
    assert updated["session"]["audio"]["output"]["voice"] == "marin"


SERVER_VAD = {"type": "server_vad"}


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({}, "missing_required_parameter", "session.type"),
        ({"type": "realtime", "model": "gpt-realtime-2"}, "cannot_update_model", "session.model"),
        ({"type": "realtime", "temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"type": "realtime", "voice": "alloy"}, "unknown_parameter", "session.voice"),
        ({"type": "realtime", "instructions": None}, "invalid_type", "session.instructions"),
        (
            {"type": "realtime", "max_output_tokens": 5000},
            "integer_above_max_value",
            "session.max_output_tokens",
        ),
        (
            {"type": "realtime", "output_modalities": ["audio", "text"]},
            "invalid_value",
            "session.output_modalities",
        ),
        ({"type": "transcription"}, "invalid_parameter", "session.type"),
        (
            {
                "type": "realtime",
                "audio": {"input": {"turn_detection": SERVER_VAD | {"idle_timeout_ms": 4999}}},
            },
            "integer_below_min_value",
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            "integer_below_min_value",
            "session.audio.input.format.rate",
        ),
        (
            {"type": "realtime", "tools": [{"type": "function", "name": "book", "strict": True}]},
            "unknown_parameter",
            "session.tools[0].strict",
        ),
        (
            {
                "type": "realtime",
                "audio": {"input": {"transcription": {"model": "whisper-1", "keywords": ["Okafor"]}}},
            },
            "unsupported_parameter",
            "session.audio.input.transcription.keywords",
        ),
    ],
)
async def test_a_bad_update_is_refused_whole(
    client: RealtimeClient, session: dict[str, Any], code: str, param: str
) -> None:
    await client.send("session.update", event_id="mine", session={**session, "tracing": "auto"})
    error = await client.error()
    assert (error["code"], error["param"], error["event_id"]) == (code, param, "mine")
    assert error["type"] == "invalid_request_error"
    assert (await client.configure())["session"]["tracing"] is None


async def test_the_voice_is_settled_once_it_was_heard(client: RealtimeClient) -> None:
    await client.greeted()
    await client.send("session.update", session={"type": "realtime", "audio": {"output": {"voice": "cedar"}}})
    assert (await client.error())["code"] == "cannot_update_voice"
    assert (await client.configure(audio={"output": {"voice": "marin"}}))["session"]


async def test_reasoning_is_for_the_models_that_reason(peer: RealtimePeer) -> None:
    async with RealtimeClient(peer.url, model="gpt-realtime-2025-08-28") as client:
        await client.send("session.update", session={"type": "realtime", "reasoning": {"effort": "low"}})
        assert (await client.error())["param"] == "session.reasoning"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"not json", "invalid_json"),
        (b"[]", "invalid_event"),
        (b"{}", "invalid_event"),
        (b'{"type": "nope"}', "invalid_value"),
        (b'{"type": 7}', "invalid_value"),
        (b'{"type": "response.create", "event_id": 7}', "invalid_type"),
        (b'{"type": "response.create", "response": {"conversation": "some"}}', "invalid_value"),
        (b'{"type": "input_audio_buffer.append"}', "missing_required_parameter"),
        (b'{"type": "input_audio_buffer.append", "audio": 5}', "invalid_type"),
        (b'{"type": "input_audio_buffer.append", "audio": "not base64"}', "invalid_value"),
        (b'{"type": "input_audio_buffer.append", "audio": "AAA="}', None),
        (b'{"type": "input_audio_buffer.append", "audio": "AA=="}', "invalid_value"),
        (
            b'{"type": "conversation.item.create", "item": {"type": "message", "role": "user"}}',
            "missing_required_parameter",
        ),
    ],
)
async def test_a_bad_event_fails_alone(client: RealtimeClient, frame: bytes, code: str | None) -> None:
    await client.send_text(frame)
    if code:
        assert (await client.error())["code"] == code
    await client.configure()
    assert len(client.of("error")) == (1 if code else 0)


async def test_binary_frames_are_not_spoken(client: RealtimeClient) -> None:
    await client.send_bytes(bytes(64))
    assert (await client.error())["code"] == "invalid_event"


# What is heard


TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


async def test_a_spoken_turn_comes_in_the_order_of_the_service() -> None:
    turn = '[[turn]]\non = "utterance"\nsay = "Yes."\nheard_after_ms = 5000'
    async with RealtimePeer(turn) as peer, RealtimeClient(peer.url) as client:
        await client.telephone()
        await client.append(LOUD * 20 + QUIET * 30)
        await client.until("response.done")
        deltas = len(client.of("response.output_audio.delta"))
        assert deltas == 3
        once = [kind for place, kind in enumerate(client.types()) if kind not in client.types()[:place][-2:]]
        assert once[2:] == TURN


async def test_what_was_heard_may_come_word_by_word() -> None:
    turn = '[[turn]]\non = "utterance"\nheard = "so far so good"\nheard_after_ms = 0\nheard_delta_ms = 30'
    async with RealtimePeer(turn) as peer, RealtimeClient(peer.url) as client:
        await client.telephone(create_response=False)
        await client.append(LOUD * 20 + QUIET * 30)
        await client.until(f"{TRANSCRIPTION}.completed")
        sent = peer.sessions[0].sent
        words = [(at, event["delta"]) for at, event in sent if event["type"] == f"{TRANSCRIPTION}.delta"]
        assert [word for _, word in words] == ["so", " far", " so", " good"]
        assert all(later[0] - before[0] >= 0.025 for before, later in pairwise(words))


async def test_speech_is_timed_by_the_bytes_received(client: RealtimeClient) -> None:
    await client.telephone(prefix_padding_ms=100, silence_duration_ms=400, create_response=False)
    await client.append(QUIET * 50 + LOUD * 20 + QUIET * 30)
    started = await client.until("input_audio_buffer.speech_started")
    stopped = await client.until("input_audio_buffer.speech_stopped")
    assert (started["audio_start_ms"], stopped["audio_end_ms"]) == (900, 1800)
    committed = await client.until("input_audio_buffer.committed")
    assert started["item_id"] == stopped["item_id"] == committed["item_id"]
    await client.send("conversation.item.retrieve", item_id=committed["item_id"])
    item = (await client.until("conversation.item.retrieved"))["item"]
    assert b64decode(item["content"][0]["audio"]) == QUIET * 5 + LOUD * 20 + QUIET * 20


async def test_audio_cut_anywhere_is_heard_alike(peer: RealtimePeer, client: RealtimeClient) -> None:
    await client.telephone(create_response=False)
    audio = QUIET * 20 + LOUD * 20 + QUIET * 40
    for place in range(0, len(audio), 333):
        await client.append(audio[place : place + 333])
    assert (await client.until("input_audio_buffer.speech_started"))["audio_start_ms"] == 100
    assert (await client.until("input_audio_buffer.speech_stopped"))["audio_end_ms"] == 1300
    assert bytes(peer.sessions[0].audio_in) == audio


async def test_a_click_and_a_whisper_are_no_speech(client: RealtimeClient) -> None:
    await client.telephone(threshold=0.7)
    whisper = bytes([0x5F, 0xDF] * 80)
    await client.append(QUIET * 20 + LOUD + QUIET * 20 + whisper * 20)
    await client.configure()
    assert "input_audio_buffer.speech_started" not in client.types()


async def test_wide_band_speech_is_heard_and_answered_in_kind(client: RealtimeClient) -> None:
    loud = (b"\x00\x20\x00\xe0") * 240
    await client.append(loud * 20 + bytes(960) * 30)
    await client.until("input_audio_buffer.speech_stopped")
    done = await client.response()
    item_id = done["output"][0]["id"]
    assert done["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert len(client.audio_of(item_id)) % 48 == 0


async def test_semantic_detection_waits_longer(client: RealtimeClient) -> None:
    detection = {"type": "semantic_vad", "eagerness": "high"}
    await client.configure(audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": detection}})
    await client.append(LOUD * 20 + QUIET * 40)
    assert (await client.until("input_audio_buffer.speech_stopped"))["audio_end_ms"] == 1000


async def test_the_transcript_is_the_one_of_the_script(client: RealtimeClient) -> None:
    await client.telephone(create_response=False)
    await client.speak()
    completed = await client.until("conversation.item.input_audio_transcription.completed")
    deltas = client.of("conversation.item.input_audio_transcription.delta")
    assert completed["transcript"] == "".join(delta["delta"] for delta in deltas) == "what time is it"
    assert "response.created" not in client.types()


@pytest.mark.parametrize(
    ("model", "usage"),
    [("gpt-transcribe", "duration"), ("gpt-realtime-whisper", "duration"), ("gpt-4o-transcribe", "tokens")],
)
async def test_a_transcript_is_billed_as_its_model_is(client: RealtimeClient, model: str, usage: str) -> None:
    await client.telephone(create_response=False)
    await client.configure(audio={"input": {"transcription": {"model": model}}})
    await client.speak()
    completed = await client.until("conversation.item.input_audio_transcription.completed")
    assert completed["usage"]["type"] == usage


async def test_manual_turns_need_a_commit_of_100_ms(client: RealtimeClient) -> None:
    await client.configure(audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}})
    await client.append((LOUD * 5)[:-8])
    await client.send("input_audio_buffer.commit")
    error = await client.error()
    assert error["code"] == "input_audio_buffer_commit_empty"
    assert "99.00ms" in error["message"]
    await client.append(LOUD[:8])
    await client.send("input_audio_buffer.commit")
    await client.until("input_audio_buffer.committed")
    await client.append(LOUD * 10)
    await client.send("input_audio_buffer.clear")
    await client.until("input_audio_buffer.cleared")
    await client.send("input_audio_buffer.commit")
    assert (await client.error())["code"] == "input_audio_buffer_commit_empty"


async def test_a_silent_caller_is_asked_again(client: RealtimeClient) -> None:
    await client.telephone(idle_timeout_ms=5000)
    await client.send("response.create")
    greeting = await client.response()
    spoken_ms = len(client.audio_of(greeting["output"][0]["id"])) // 8
    await client.append(QUIET * ((spoken_ms + 4980) // 20))
    await client.configure()
    assert "input_audio_buffer.timeout_triggered" not in client.types()
    await client.append(QUIET * 2)
    timeout = await client.until("input_audio_buffer.timeout_triggered")
    assert timeout["audio_start_ms"] == spoken_ms
    assert (await client.until("input_audio_buffer.committed"))["item_id"] == timeout["item_id"]
    done = await client.response()
    assert done["output"][0]["content"][0]["transcript"] == "Are you still there?"
