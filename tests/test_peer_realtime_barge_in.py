"""Interrupting the realtime peer: cancellation, and truncation as strict as the service's.

May import: tests.peers.realtime.
"""

from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.peers.realtime import RealtimePeer
from tests.peers.realtime.client import LOUD, RealtimeClient

SCRIPT = """
speedup = 4

[[turn]]
on = "greeting"
say = "Thank you for calling Riverside Family Clinic. How can I help you today? Please tell me slowly."

[[turn]]
on = "utterance"
say = "Yes."
"""

SLOW_CALL = """
[[turn]]
on = "greeting"
call_pause_ms = 3000
calls = [{ name = "book", arguments = '{"slot":"09:30"}' }]
"""


@pytest.fixture
async def peer() -> AsyncIterator[RealtimePeer]:
    async with RealtimePeer(SCRIPT) as peer:
        yield peer


@pytest.fixture
async def client(peer: RealtimePeer) -> AsyncIterator[RealtimeClient]:
    async with RealtimeClient(peer.url) as client:
        yield client


async def speaking(client: RealtimeClient, **turn_detection: Any) -> str:
    """Start the greeting; return the item being spoken."""
    await client.telephone(**turn_detection)
    await client.send("response.create")
    item_id: str = (await client.until("response.output_audio.delta"))["item_id"]
    return item_id


async def truncate(client: RealtimeClient, item_id: str, audio_end_ms: int, content_index: int = 0) -> None:
    await client.send(
        "conversation.item.truncate", item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms
    )


async def test_speech_cancels_a_response_and_closes_what_was_open(client: RealtimeClient) -> None:
    await speaking(client)
    await client.append(LOUD * 10)
    done = await client.response()
    start = client.types().index("input_audio_buffer.speech_started")
    assert client.types()[start + 1 :] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    assert done["status"] == "cancelled"
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert done["output"][0]["status"] == "incomplete"
    assert done["usage"]["output_tokens"] > 0


async def test_without_interruption_the_response_goes_on_and_bars_the_next(client: RealtimeClient) -> None:
    await speaking(client, interrupt_response=False)
    await client.speak()
    assert (await client.error())["code"] == "conversation_already_has_active_response"
    assert (await client.response())["status"] == "completed"


async def test_a_client_may_cancel_what_runs_and_nothing_else(client: RealtimeClient) -> None:
    await client.send("response.cancel", event_id="early")
    error = await client.error()
    assert (error["code"], error["event_id"]) == ("response_cancel_not_active", "early")
    await speaking(client)
    await client.send("response.cancel", response_id="resp_of_another")
    assert (await client.error())["code"] == "response_cancel_not_active"
    await client.send("response.cancel")
    details = (await client.response())["status_details"]
    assert details["reason"] == "client_cancelled"


async def test_a_cancelled_call_still_says_its_arguments_are_done() -> None:
    async with RealtimePeer(SLOW_CALL) as peer, RealtimeClient(peer.url) as client:
        await client.send("response.create")
        await client.until("response.function_call_arguments.delta")
        await client.send("response.cancel")
        done = await client.until("response.function_call_arguments.done")
        call = (await client.response())["output"][0]
        assert done["arguments"] == call["arguments"] == "{"
        assert call["status"] == "incomplete"


async def test_truncating_keeps_what_was_heard_and_forgets_the_words(
    peer: RealtimePeer, client: RealtimeClient
) -> None:
    item_id = await speaking(client)
    await client.append(LOUD * 10)
    await client.until("response.done")
    await truncate(client, item_id, 120)
    assert (await client.until("conversation.item.truncated"))["audio_end_ms"] == 120
    item = peer.sessions[0].conversation.find(item_id)
    assert item
    assert (item.audio_ms, len(item.audio), item.text, item.truncated) == (120, 960, None, True)
    await client.send("conversation.item.retrieve", item_id=item_id)
    content = (await client.until("conversation.item.retrieved"))["item"]["content"][0]
    assert content["transcript"] is None
    assert b64decode(content["audio"]) == bytes(peer.sessions[0].audio_out[item_id][:960])


async def test_truncating_beyond_the_audio_is_refused(client: RealtimeClient) -> None:
    item_id = await speaking(client)
    await client.append(LOUD * 10)
    await client.until("response.done")
    deltas = client.of("response.output_audio.delta")
    generated_ms = sum(len(b64decode(delta["delta"])) for delta in deltas) // 8
    await truncate(client, item_id, generated_ms + 1)
    error = await client.error()
    assert error["code"] == "invalid_value"
    assert (
        error["message"] == f"Audio content of {generated_ms}ms is already shorter than {generated_ms + 1}ms"
    )
    await truncate(client, item_id, generated_ms)
    await client.until("conversation.item.truncated")


async def test_only_audio_of_the_service_can_be_truncated(client: RealtimeClient) -> None:
    item_id = await speaking(client)
    await truncate(client, "item_of_another", 100)
    assert (await client.error())["code"] == "item_truncate_invalid_item_id"
    await truncate(client, item_id, 0)
    assert (await client.error())["message"] == "Only model output audio messages can be truncated"
    await truncate(client, item_id, 20, content_index=1)
    assert (await client.error())["param"] == "content_index"
    await truncate(client, item_id, -1)
    assert (await client.error())["code"] == "integer_below_min_value"
    await client.append(LOUD * 10)
    await client.send("input_audio_buffer.commit")
    committed = await client.until("input_audio_buffer.committed")
    text = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}
    await client.send("conversation.item.create", item=text | {"id": "written"})
    for other in (committed["item_id"], "written"):
        await truncate(client, other, 20)
        assert (await client.error())["code"] == "unsupported_content_type"


async def test_an_item_cancelled_before_its_audio_can_only_be_deleted(
    peer: RealtimePeer, client: RealtimeClient
) -> None:
    await client.telephone()
    peer.fault_now("hang", after=0)
    await client.send("response.create")
    await client.until("response.created")
    await client.append(LOUD * 10)
    done = await client.response()
    assert (done["status"], done["output"]) == ("cancelled", [])


async def test_changing_the_past_loses_the_cache(client: RealtimeClient) -> None:
    item_id = await speaking(client)
    await client.until("response.done")
    await truncate(client, item_id, 1000)
    await client.speak()
    usage = (await client.response())["usage"]
    assert usage["input_token_details"]["cached_tokens"] == 0
    assert usage["input_token_details"]["audio_tokens"] == 1000 // 50 + 9
