"""How a response is to be given: session settings, what `response.create` asked, the script's pace.

May import: script, usage, responses, voices, conversation.
"""

from typing import Any, Protocol

import orjson

from tests.peers.realtime.conversation import Conversation
from tests.peers.realtime.responses import Manner
from tests.peers.realtime.script import Script, Turn
from tests.peers.realtime.usage import Cache, RateLimits, Tokens, of_items, of_settings, text_tokens

RESERVED_TOKENS = 4096


class Settled(Protocol):
    """What is asked of a session."""

    config: dict[str, Any]
    conversation: Conversation


def manner_of(
    session: Settled, turn: Turn, asked: dict[str, Any], script: Script, cache: Cache, limits: RateLimits
) -> Manner:
    """Put the three together, and count the input while it is what it is now."""
    config = session.config | {key: asked[key] for key in ("instructions", "tools") if key in asked}
    output = {**config["audio"]["output"], **asked.get("audio", {}).get("output", {})}
    voice = output["voice"]
    tokens = of_settings(config) + _context(session, asked)
    in_conversation = asked.get("conversation") != "none"
    version = (session.conversation.version, config["instructions"], orjson.dumps(config["tools"]))
    most_tokens = asked.get("max_output_tokens", config["max_output_tokens"])
    return Manner(
        in_conversation=in_conversation,
        modality=asked.get("output_modalities", config["output_modalities"])[0],
        format=output["format"],
        voice=voice if isinstance(voice, str) else voice["id"],
        most_tokens=most_tokens,
        metadata=asked.get("metadata"),
        chunk_ms=turn.chunk_ms or script.chunk_ms,
        call_pause_ms=turn.call_pause_ms,
        speedup=turn.speedup or script.speedup,
        asked=tokens,
        cached=cache.known(tokens, version) if in_conversation else Tokens(),
        rate_limits=limits.reserve(most_tokens if isinstance(most_tokens, int) else RESERVED_TOKENS),
        late_rate_limits=script.late_rate_limits,
    )


def _context(session: Settled, asked: dict[str, Any]) -> Tokens:
    if "input" in asked:
        return Tokens(text=text_tokens(orjson.dumps(asked["input"]).decode()))
    return of_items(session.conversation.items)
