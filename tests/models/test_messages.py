"""What we send to the speech service, checked against its published types."""

from base64 import b64decode
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.story import Speaker, Turn
from appliance.tools.toolbox import TOOLS
from models.realtime import messages
from models.realtime.messages import SessionPlan
from tests.models.published import checked


def plan(**changed: Any) -> SessionPlan:
    given = {
        "model": "gpt-realtime-2.1-mini",
        "voice": "marin",
        "instructions": "You answer the telephone.",
        "tools": tuple(tool.schema() for tool in TOOLS),
        "transcription_model": "gpt-transcribe",
        "keywords": ("Billing",),
    }
    return SessionPlan(**{**given, **changed})


@pytest.mark.parametrize("audio", ["pcmu", "pcm24"])
@pytest.mark.parametrize("turns", ["server", "semantic", "manual"])
def test_a_session_is_set_up(
    audio: Literal["pcmu", "pcm24"], turns: Literal["server", "semantic", "manual"]
) -> None:
    session = checked(messages.setup(plan(audio=audio, turn_detection=turns, silence_ms=700), "setup"))[
        "session"
    ]
    listens = session["audio"]["input"]
    assert listens["format"] == session["audio"]["output"]["format"]
    assert listens["format"] == (
        {"type": "audio/pcmu"} if audio == "pcmu" else {"type": "audio/pcm", "rate": 24000}
    )
    # Absent would mean unchanged: manual turns have to be switched off in so many words.
    assert "turn_detection" in listens
    detection = listens["turn_detection"]
    assert detection == (None if turns == "manual" else detection)
    assert (detection or {}).get("type") == {"server": "server_vad", "semantic": "semantic_vad"}.get(turns)
    assert (detection or {}).get("silence_duration_ms") == (700 if turns == "server" else None)
    assert {tool["name"] for tool in session["tools"]} == {tool.name for tool in TOOLS}
    assert session["tracing"] is None


def test_a_session_without_transcripts_and_keywords() -> None:
    without = checked(messages.setup(plan(transcription_model=""), "setup"))
    assert without["session"]["audio"]["input"]["transcription"] is None
    plain = checked(messages.setup(plan(keywords=()), "setup"))
    assert plain["session"]["audio"]["input"]["transcription"] == {
        "model": "gpt-transcribe",
        "languages": ["en"],
    }


@given(st.binary(max_size=2000))
def test_audio_arrives_as_it_is(audio: bytes) -> None:
    assert b64decode(checked(messages.append(audio))["audio"]) == audio


texts = st.text(max_size=80)
ids = st.text("abcdefXYZ_0123456789", min_size=1, max_size=40)


@given(texts, ids, st.integers(0, 90_000))
def test_every_other_message_is_one_of_theirs(text: str, item_id: str, ms: int) -> None:
    assert checked(messages.commit())
    assert checked(messages.clear())
    assert checked(messages.probe("probe"))["session"] == {"type": "realtime"}
    assert "response" not in checked(messages.create_reply("create-1"))
    assert checked(messages.create_reply("create-1", text))["response"] == {"instructions": text}
    word = checked(messages.ask_for_a_word("probe"))["response"]
    assert (word["conversation"], word["output_modalities"]) == ("none", ["text"])
    assert checked(messages.cancel(item_id))["response_id"] == item_id
    assert checked(messages.truncate(item_id, ms, "truncate-1"))["audio_end_ms"] == ms
    assert checked(messages.delete(item_id, "delete-1"))["item_id"] == item_id
    output = checked(messages.tool_output(item_id, text))["item"]
    assert output == {"type": "function_call_output", "call_id": item_id, "output": text}
    assert checked(messages.note(text))["item"]["role"] == "system"


@pytest.mark.parametrize(
    ("speaker", "cut", "role", "kind", "told"),
    [
        (Speaker.CALLER, False, "user", "input_text", "Hello."),
        (Speaker.ATTENDANT, False, "assistant", "output_text", "Hello."),
        (Speaker.ATTENDANT, True, "assistant", "output_text", "Hello. [the caller interrupted here]"),
        (Speaker.KEYPAD, False, "system", "input_text", "Earlier in this call, keypad: Hello."),
        (Speaker.TOOL, False, "system", "input_text", "Earlier in this call, tool: Hello."),
    ],
)
def test_a_turn_is_told_to_a_new_session_in_words(
    speaker: Speaker, *, cut: bool, role: str, kind: str, told: str
) -> None:
    item = checked(messages.retold(Turn("t1", speaker, "Hello.", cut)))["item"]
    assert item == {"type": "message", "role": role, "content": [{"type": kind, "text": told}]}
