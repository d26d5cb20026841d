"""The messages that we send to the Realtime service, as JSON text. No I/O.

Source: the GA protocol; each message is checked against the openai package's types in a test.
May import: appliance.core, orjson.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from appliance.core.coding import Coding
from appliance.core.story import Speaker, Turn

KNOWS_KEYWORDS = frozenset({"gpt-transcribe", "gpt-live-transcribe"})
ROLES = {Speaker.CALLER: "user", Speaker.ATTENDANT: "assistant"}


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """How a session is to be set up. `tools` are function schemas as the service takes them.

    `audio` is what the service speaks, `leg` what the caller's side of the call does.
    """

    model: str
    voice: str
    instructions: str
    tools: tuple[dict[str, Any], ...] = ()
    transcription_model: str = ""
    languages: tuple[str, ...] = ("en",)
    keywords: tuple[str, ...] = ()
    turn_detection: Literal["server", "semantic", "manual"] = "server"
    silence_ms: int = 500
    audio: Literal["pcmu", "pcm24"] = "pcmu"
    leg: Coding = "ulaw_8k"
    max_output_tokens: int = 1024
    prompt: str = ""
    """The version of the instructions."""
    watched: tuple[str, ...] = ()
    """Once one of these words is in a reply, its words are told as they come."""

    def format(self) -> dict[str, Any]:
        """The audio format, the same both ways."""
        return {"type": "audio/pcmu"} if self.audio == "pcmu" else {"type": "audio/pcm", "rate": 24000}


def _text(message: dict[str, Any]) -> str:
    return orjson.dumps(message).decode()


def setup(plan: SessionPlan, event_id: str) -> str:
    """Set the session up as planned."""
    session = {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": plan.instructions,
        "audio": {
            "input": {
                "format": plan.format(),
                "noise_reduction": None,
                "transcription": _transcription(plan),
                "turn_detection": _turn_detection(plan),
            },
            "output": {"format": plan.format(), "voice": plan.voice},
        },
        "tools": list(plan.tools),
        "tool_choice": "auto",
        "max_output_tokens": plan.max_output_tokens,
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
        "tracing": None,
    }
    return _text({"type": "session.update", "event_id": event_id, "session": session})


def _transcription(plan: SessionPlan) -> dict[str, Any] | None:
    """How the caller's words are written down; several languages and keywords are for newer models alone."""
    if not plan.transcription_model:
        return None
    if plan.transcription_model not in KNOWS_KEYWORDS:
        return {"model": plan.transcription_model, "language": plan.languages[0]}
    keywords = {"keywords": list(plan.keywords)} if plan.keywords else {}
    return {"model": plan.transcription_model, "languages": list(plan.languages), **keywords}


def _turn_detection(plan: SessionPlan) -> dict[str, Any] | None:
    match plan.turn_detection:
        case "manual":
            return None
        case "semantic":
            return {
                "type": "semantic_vad",
                "eagerness": "auto",
                "create_response": True,
                "interrupt_response": True,
            }
        case "server":
            return {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": plan.silence_ms,
                "create_response": True,
                "interrupt_response": True,
            }


def probe(event_id: str) -> str:
    """Change nothing: the service answers `session.updated` all the same, which shows that it lives."""
    return _text({"type": "session.update", "event_id": event_id, "session": {"type": "realtime"}})


def append(audio: bytes) -> str:
    """Audio of the caller in the session's format. Written by hand: it is sent many times a second."""
    return '{"type":"input_audio_buffer.append","audio":"' + b64encode(audio).decode("ascii") + '"}'


def commit() -> str:
    """End the caller's turn (manual turns)."""
    return '{"type":"input_audio_buffer.commit"}'


def clear() -> str:
    """Forget the caller's audio that is in no turn yet (manual turns)."""
    return '{"type":"input_audio_buffer.clear"}'


def create_reply(event_id: str, instructions: str | None = None) -> str:
    """Have the service answer; the instructions are for this answer alone."""
    message: dict[str, Any] = {"type": "response.create", "event_id": event_id}
    if instructions is not None:
        message["response"] = {"instructions": instructions}
    return _text(message)


def ask_for_a_word(event_id: str) -> str:
    """Have the service answer in a written word, beside every conversation: whether it answers at all."""
    response = {
        "conversation": "none",
        "input": [],
        "instructions": "Answer with the word yes.",
        "output_modalities": ["text"],
        "max_output_tokens": 16,
    }
    return _text({"type": "response.create", "event_id": event_id, "response": response})


def cancel(response_id: str) -> str:
    """Stop an answer."""
    return _text({"type": "response.cancel", "response_id": response_id})


def truncate(item_id: str, heard_ms: int, event_id: str) -> str:
    """Only this much of an item was heard."""
    return _text(
        {
            "type": "conversation.item.truncate",
            "event_id": event_id,
            "item_id": item_id,
            "content_index": 0,
            "audio_end_ms": heard_ms,
        }
    )


def delete(item_id: str, event_id: str) -> str:
    """Nothing of an item was heard."""
    return _text({"type": "conversation.item.delete", "event_id": event_id, "item_id": item_id})


def tool_output(call_id: str, output: str) -> str:
    """What a tool returned."""
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    return _text({"type": "conversation.item.create", "item": item})


def note(text: str) -> str:
    """A line about the call that nobody said."""
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "system", "content": content}
    return _text({"type": "conversation.item.create", "item": item})


def retold(turn: Turn) -> str:
    """A turn of the story for a new session. Audio cannot be put in, so it is told in words."""
    role = ROLES.get(turn.speaker)
    if role is None:
        return note(f"Earlier in this call, {turn.speaker}: {turn.text}")
    kind = "output_text" if role == "assistant" else "input_text"
    text = f"{turn.text} [the caller interrupted here]" if turn.cut else turn.text
    item = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
    return _text({"type": "conversation.item.create", "item": item})
