"""Every event the realtime peer sends is one of the published types: all fields, no others, strictly.

May import: tests.peers.realtime, openai's types, pydantic.
"""

from typing import Any, get_args

import orjson
import pytest
from openai.types.realtime import RealtimeServerEvent, RealtimeSessionCreateResponse
from pydantic import BaseModel

from tests.peers.realtime import RealtimePeer
from tests.peers.realtime.client import LOUD, QUIET, RealtimeClient

SCRIPT = """
speedup = 100

[[turn]]
on = "greeting"
say = "Thank you for calling. How can I help you?"

[[turn]]
on = "utterance"
heard = "what time is it"
say = "One moment."
then_say = "I am looking."
calls = [{ name = "get_hours", arguments = '{"day":"today"}' }]

[[turn]]
on = "tool_output"
say = "We are open until five."
follow_up = [{ say = "And tomorrow from eight." }]

[[turn]]
on = "utterance"
heard_error = "audio_unintelligible"
say = "Pardon?"
fault = { kind = "fail", after = 1, code = "rate_limit_exceeded" }

[[turn]]
on = "timeout"
say = "Are you still there?"
fault = { kind = "incomplete", after = 1 }

[[turn]]
on = "prompt"
say = "Let me tell you a long story about the clinic by the river."
fault = { kind = "late_deltas" }

[[turn]]
on = "out_of_band"
say = "The caller asked for the time."
"""

MODELS: dict[str, type[BaseModel]] = {
    model.model_fields["type"].annotation.__args__[0]: model
    for model in get_args(get_args(RealtimeServerEvent)[0])
    if "type" in model.model_fields
}

NOT_OURS = (
    "conversation.created",
    "conversation.item.created",
    "conversation.item.input_audio_transcription.segment",
    "input_audio_buffer.dtmf_event_received",
    "mcp_list_tools.",
    "output_audio_buffer.",
    "response.mcp_",
)
"""Retired, of other transports, or of remote tools."""


def strange_fields(model: BaseModel, path: str = "") -> list[str]:
    """What the published type does not have, anywhere in it."""
    found = [f"{path}.{name}" for name in model.model_extra or {}]
    for name, value in model:
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, BaseModel):
                found += strange_fields(part, f"{path}.{name}")
    return found


def check(event: dict[str, Any]) -> None:
    model = MODELS[event["type"]]
    event = dict(event)
    if event["type"] in ("session.created", "session.updated"):
        # The event's own type shows the session as a request has it; the response has id and expiry too.
        whole = RealtimeSessionCreateResponse.model_validate_json(orjson.dumps(event["session"]), strict=True)
        assert strange_fields(whole) == []
        names = ("id", "object", "expires_at")
        event["session"] = {key: value for key, value in event["session"].items() if key not in names}
    parsed = model.model_validate_json(orjson.dumps(event), strict=True)
    assert strange_fields(parsed) == [], event
    assert set(event) <= set(model.model_fields)


async def all_there_is(peer: RealtimePeer, client: RealtimeClient) -> None:
    """A call in which every event occurs at least once."""
    await client.telephone(idle_timeout_ms=5000)
    await client.send("response.create")
    await client.until("response.done")
    await client.speak()
    response = await client.response()
    await client.until("conversation.item.input_audio_transcription.completed")
    output = {"type": "function_call_output", "call_id": response["output"][2]["call_id"], "output": "{}"}
    await client.send("conversation.item.create", item=output)
    await client.send("response.create")
    await client.until("response.done")
    await client.until("response.done")
    await client.speak()
    await client.until("conversation.item.input_audio_transcription.failed")
    await client.configure(audio={"input": {"transcription": {"model": "whisper-1"}}})
    await client.append(QUIET * 2000)
    await client.until("input_audio_buffer.timeout_triggered")
    await client.until("response.done")
    by_time = await client.until("conversation.item.input_audio_transcription.completed")
    assert by_time["usage"]["type"] == "duration"
    await client.send("response.create")
    await client.until("response.output_audio.delta")
    await client.append(LOUD * 10)
    cancelled = await client.response()
    await client.until("response.output_audio.delta")
    await housekeeping(client, cancelled["output"][0]["id"])
    for kind in ("error", "session_expired"):
        peer.fault_now(kind)
        await client.error()


async def housekeeping(client: RealtimeClient, item_id: str) -> None:
    await client.send("response.create", response={"conversation": "none", "output_modalities": ["text"]})
    await client.until("response.output_text.done")
    await client.send("conversation.item.retrieve", item_id=item_id)
    await client.until("conversation.item.retrieved")
    await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=50)
    await client.until("conversation.item.truncated")
    await client.send("conversation.item.delete", item_id=item_id)
    await client.until("conversation.item.deleted")
    await client.send("input_audio_buffer.clear")
    await client.until("input_audio_buffer.cleared")
    await client.send("input_audio_buffer.commit")
    await client.error()


async def test_every_event_is_of_a_published_type() -> None:
    async with RealtimePeer(SCRIPT) as peer, RealtimeClient(peer.url) as client:
        await all_there_is(peer, client)
        for event in client.events:
            check(event)
        missing = {kind for kind in set(MODELS) - set(client.types()) if not kind.startswith(NOT_OURS)}
        assert missing == set()


@pytest.mark.parametrize("coding", ["audio/pcm", "audio/pcma"])
async def test_other_codings_are_of_the_published_types_as_well(coding: str) -> None:
    async with RealtimePeer(SCRIPT) as peer, RealtimeClient(peer.url) as client:
        rate = {"rate": 24_000} if coding == "audio/pcm" else {}
        await client.configure(
            audio={side: {"format": {"type": coding, **rate}} for side in ("input", "output")}
        )
        await client.send("response.create")
        await client.until("response.done")
        for event in client.events:
            check(event)
