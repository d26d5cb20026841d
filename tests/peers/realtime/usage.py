"""Tokens, counted by the published rules: 100 ms of a caller or 50 ms of a reply make one.

Sans-I/O. May import: conversation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from tests.peers.realtime.conversation import Item

CALLER_MS, REPLY_MS = 100, 50
CACHE_STEP = 64


def text_tokens(text: str | None) -> int:
    return -(-len(text) // 4) if text else 0


@dataclass(frozen=True, slots=True)
class Tokens:
    text: int = 0
    audio: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text + other.text, self.audio + other.audio)

    @property
    def total(self) -> int:
        return self.text + self.audio


def of_settings(config: dict[str, Any]) -> Tokens:
    tools = orjson.dumps(config["tools"]).decode() if config["tools"] else ""
    return Tokens(text=text_tokens(config["instructions"]) + text_tokens(tools))


def of_item(item: Item) -> Tokens:
    """What the item costs as input of a later response."""
    if item.kind == "function_call":
        return Tokens(text=text_tokens(item.name) + text_tokens(item.arguments))
    if item.kind == "function_call_output":
        return Tokens(text=text_tokens(item.output))
    if item.content == "input_audio":
        return Tokens(audio=-(-item.audio_ms // CALLER_MS))
    spoken = Tokens(audio=-(-item.audio_ms // REPLY_MS))
    return spoken + Tokens(text=text_tokens(item.text))


def of_items(items: Iterable[Item]) -> Tokens:
    return sum((of_item(item) for item in items), Tokens())


class Cache:
    """What of the input was already read for the response before, while nothing in it changed."""

    def __init__(self) -> None:
        self._read = Tokens()
        self._version: object = None

    def known(self, asked: Tokens, version: object) -> Tokens:
        """The cached part of this input; remembers the input for the next response."""
        before = self._read if version == self._version else Tokens()
        self._read, self._version = asked, version
        text, audio = (min(was, now) for was, now in ((before.text, asked.text), (before.audio, asked.audio)))
        return Tokens(text - text % CACHE_STEP, audio - audio % CACHE_STEP)


def usage(asked: Tokens, cached: Tokens, said: Tokens) -> dict[str, Any]:
    return {
        "total_tokens": asked.total + said.total,
        "input_tokens": asked.total,
        "output_tokens": said.total,
        "input_token_details": {
            "text_tokens": asked.text,
            "audio_tokens": asked.audio,
            "image_tokens": 0,
            "cached_tokens": cached.total,
            "cached_tokens_details": {
                "text_tokens": cached.text,
                "audio_tokens": cached.audio,
                "image_tokens": 0,
            },
        },
        "output_token_details": {"text_tokens": said.text, "audio_tokens": said.audio},
    }


TOKENS_A_MINUTE, REQUESTS_A_MINUTE = 15_000_000, 20_000


class RateLimits:
    """What is left of this minute, as far as one session can tell."""

    def __init__(self) -> None:
        self._requests = self._tokens = 0

    def reserve(self, tokens: int) -> list[dict[str, Any]]:
        """Count one response; return the list for `rate_limits.updated`."""
        self._requests += 1
        self._tokens = min(self._tokens + tokens, TOKENS_A_MINUTE)
        left = TOKENS_A_MINUTE - self._tokens
        return [
            {
                "name": "requests",
                "limit": REQUESTS_A_MINUTE,
                "remaining": max(0, REQUESTS_A_MINUTE - self._requests),
                "reset_seconds": 0.003,
            },
            {
                "name": "tokens",
                "limit": TOKENS_A_MINUTE,
                "remaining": left,
                "reset_seconds": round(60 * self._tokens / TOKENS_A_MINUTE, 3),
            },
        ]
