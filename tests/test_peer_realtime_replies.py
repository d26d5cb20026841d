"""The realtime peer's replies: audio, words, calls, usage, and the items of the conversation.

May import: tests.peers.realtime.
"""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.peers.realtime import SCRIPTS, RealtimePeer
from tests.peers.realtime.client import QUIET, RealtimeClient

SCRIPT = """
speedup = 100

[[turn]]
on = "greeting"
say = "Thank you for calling. How can I help you?"

[[turn]]
on = "utterance"
heard = "what time is it"
say = "One moment, please."
then_say = "I am looking."
calls = [
    { name = "get_hours", arguments = '{"day":"today"}' },
    { name = "get_staff", call_id = "call_staff" },
]

[[turn]]
on = "tool_output"
say = "We are open until five."
follow_up = [{ say = "And tomorrow from eight." }, { say = "Anything else?" }]

[[turn]]
on = "timeout"
say = "Are you still there?"

[[turn]]
on = "out_of_band"
say = "The caller asked for the time."

[[turn]]
on = "utterance"
heard = "goodbye"
say = "Goodbye, and thank you for calling us today."
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


async def test_a_reply_is_the_same_bytes_each_time_and_never_repeats_itself(peer: RealtimePeer) -> None:
    heard = []
    for _ in range(2):
        async with RealtimeClient(peer.url) as client:
            greeting = await client.greeted()
            heard.append(client.audio_of(greeting["output"][0]["id"]))
    assert heard[0] == heard[1] == bytes(next(iter(peer.sessions[0].audio_out.values())))
    assert len(heard[0]) > 8 * 2000
    stretches = [heard[0][place : place + 160] for place in range(0, len(heard[0]) - 160, 80)]
    assert len(set(stretches)) == len(stretches)


async def test_the_transcript_of_a_reply_keeps_up_with_its_audio(client: RealtimeClient) -> None:
    greeting = await client.greeted()
    words = "Thank you for calling. How can I help you?"
    said = "".join(delta["delta"] for delta in client.of("response.output_audio_transcript.delta"))
    assert said == greeting["output"][0]["content"][0]["transcript"] == words
    sounds = [kind for kind in client.types() if kind.startswith("response.output_audio")]
    assert sounds[:4] == ["response.output_audio_transcript.delta", "response.output_audio.delta"] * 2


async def test_calls_come_in_pieces_beside_what_is_said(client: RealtimeClient) -> None:
    await client.greeted()
    await client.speak()
    response = await client.response()
    kinds = [item["type"] for item in response["output"]]
    assert kinds == ["message", "message", "function_call", "function_call"]
    assert response["output"][2]["arguments"] == '{"day":"today"}'
    assert response["output"][3]["call_id"] == "call_staff"
    pieces = [
        delta["delta"]
        for delta in client.of("response.function_call_arguments.delta")
        if delta["item_id"] == response["output"][2]["id"]
    ]
    assert len(pieces) > 1
    assert "".join(pieces) == '{"day":"today"}'


async def test_tool_outputs_are_answered_when_asked_and_in_several_responses(client: RealtimeClient) -> None:
    await client.greeted()
    await client.speak()
    response = await client.response()
    for call in response["output"][2:]:
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
        await client.send("conversation.item.create", item=item)
        await client.until("conversation.item.done")
    created = len(client.of("response.created"))
    await client.send("response.create")
    said = [(await client.response())["output"][0] for _ in range(3)]
    assert [item["content"][0]["transcript"] for item in said] == [
        "We are open until five.",
        "And tomorrow from eight.",
        "Anything else?",
    ]
    assert len(client.of("response.created")) == created + 3


async def test_an_output_needs_its_call_and_only_one(client: RealtimeClient) -> None:
    call = {"type": "function_call", "name": "book", "call_id": "c1", "arguments": "{}"}
    await client.send("conversation.item.create", item=call)
    output = {"type": "function_call_output", "call_id": "c1", "output": "{}"}
    await client.send("conversation.item.create", item=output)
    await client.send("conversation.item.create", item=output)
    assert (await client.error())["code"] == "invalid_tool_call_id"
    await client.send("conversation.item.create", item=output | {"call_id": "c2"})
    assert (await client.error())["message"] == "Tool call ID 'c2' not found in conversation."


async def test_what_was_heard_can_be_answered_when_the_client_asks(client: RealtimeClient) -> None:
    await client.telephone(create_response=False)
    await client.speak()
    await client.until("conversation.item.done")
    await client.send("response.create")
    said = (await client.response())["output"][0]["content"][0]["transcript"]
    assert said == "One moment, please."


async def test_the_input_of_a_response_must_exist(client: RealtimeClient) -> None:
    reference = {"type": "item_reference", "id": "nobody"}
    await client.send("response.create", response={"conversation": "none", "input": [reference]})
    assert (await client.error())["code"] == "item_reference_invalid_item_id"


async def test_one_response_at_a_time_writes_to_the_conversation(client: RealtimeClient) -> None:
    await client.telephone()
    await client.send("response.create")
    await client.send("response.create", event_id="second")
    error = await client.error()
    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] == "second"
    await client.until("response.done")
    assert len(client.of("response.created")) == 1


async def test_a_response_beside_the_conversation_leaves_no_trace_in_it(
    peer: RealtimePeer, client: RealtimeClient
) -> None:
    await client.telephone()
    await client.send("response.create")
    aside = {
        "conversation": "none",
        "output_modalities": ["text"],
        "metadata": {"what": "summary"},
        "input": [],
    }
    await client.send("response.create", response=aside)
    done = [await client.response() for _ in range(2)]
    summary = next(response for response in done if response["metadata"])
    assert summary["conversation_id"] is None
    assert summary["output"][0]["content"][0]["text"] == "The caller asked for the time."
    assert len(peer.sessions[0].conversation.items) == 1


async def test_a_response_stops_at_its_token_limit(client: RealtimeClient) -> None:
    await client.telephone()
    await client.send("response.create", response={"max_output_tokens": 30})
    response = await client.response()
    assert (response["status"], response["status_details"]["reason"]) == ("incomplete", "max_output_tokens")


async def test_a_forced_tool_is_called(client: RealtimeClient) -> None:
    choice = {"type": "function", "name": "take_message"}
    await client.send("response.create", response={"tool_choice": choice})
    response = await client.response()
    assert [item["name"] for item in response["output"]] == ["take_message"]


async def test_usage_follows_the_published_rules(client: RealtimeClient) -> None:
    greeting = await client.greeted()
    spoken_ms = len(client.audio_of(greeting["output"][0]["id"])) // 8
    assert greeting["usage"]["output_token_details"]["audio_tokens"] == -(-spoken_ms // 50)
    assert greeting["usage"]["input_token_details"]["audio_tokens"] == 0
    await client.speak(loud_ms=4000)
    first = (await client.response())["usage"]
    asked = first["input_token_details"]
    assert asked["audio_tokens"] == -(-spoken_ms // 50) + 45
    assert asked["cached_tokens"] == sum(asked["cached_tokens_details"].values())
    assert first["total_tokens"] == first["input_tokens"] + first["output_tokens"]
    await client.speak()
    second = (await client.response())["usage"]["input_token_details"]
    assert 0 < second["cached_tokens_details"]["audio_tokens"] <= asked["audio_tokens"]


async def test_the_demonstration_call_runs_to_its_end() -> None:
    async with RealtimePeer(SCRIPTS / "receptionist.toml", voice="synth", speedup=100) as peer:
        async with RealtimeClient(peer.url) as client:
            await client.greeted()
            await client.speak()
            call = (await client.response())["output"][0]
            assert (call["name"], call["arguments"]) == ("get_business_hours", "{}")
            output = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
            await client.send("conversation.item.create", item=output)
            await client.send("response.create")
            said = (await client.response())["output"][0]["content"][0]["transcript"]
            assert said.startswith("We are open Monday to Friday")
            await client.speak()
            message, end = (await client.response())["output"]
            assert message["content"][0]["transcript"] == "All right. Thank you for calling, goodbye."
            assert (end["name"], end["arguments"]) == ("end_call", '{"reason":"caller is done"}')
        assert peer.sessions[0].unscripted == []


async def test_ids_are_never_shared(peer: RealtimePeer) -> None:
    for _ in range(2):
        async with RealtimeClient(peer.url) as client:
            await client.greeted()
    ids = [event["event_id"] for session in peer.sessions for _, event in session.sent]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"event_\w{4,26}", event_id) for event_id in ids)


async def test_items_go_where_they_are_wanted(peer: RealtimePeer, client: RealtimeClient) -> None:
    def text(item_id: str) -> dict[str, Any]:
        content = [{"type": "input_text", "text": item_id}]
        return {"id": item_id, "type": "message", "role": "user", "content": content}

    await client.send("conversation.item.create", item=text("a"))
    await client.send("conversation.item.create", item=text("b"), previous_item_id="root")
    await client.send("conversation.item.create", item=text("c"), previous_item_id="b")
    placed = [(await client.until("conversation.item.added"))["previous_item_id"] for _ in range(3)]
    assert placed == [None, None, "b"]
    assert [item.item_id for item in peer.sessions[0].conversation.items] == ["b", "c", "a"]
    await client.send("conversation.item.create", item=text("d"), previous_item_id="nobody")
    assert (await client.error())["param"] == "previous_item_id"
    await client.send("conversation.item.create", item=text("a"))
    assert (await client.error())["param"] == "item.id"
    await client.send("conversation.item.delete", item_id="c")
    assert (await client.until("conversation.item.deleted"))["item_id"] == "c"
    for verb in ("delete", "retrieve"):
        await client.send(f"conversation.item.{verb}", item_id="c")
        assert (await client.error())["code"] == f"item_{verb}_invalid_item_id"


async def test_what_the_assistant_said_cannot_be_put_in_as_audio(client: RealtimeClient) -> None:
    content = [{"type": "output_audio", "audio": b64encode(QUIET).decode()}]
    item = {"type": "message", "role": "assistant", "content": content}
    await client.send("conversation.item.create", item=item)
    error = await client.error()
    assert (error["code"], error["param"]) == ("invalid_value", "item.content[0].type")
