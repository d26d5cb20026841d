"""An answer of the cloud, as the events of the realtime service in their order, and when each is due.

May import: the standard library, orjson, and of the bench speech.
"""

import base64
from collections.abc import Iterator
from functools import cache
from itertools import count

import orjson

from scripts.bench import speech

GREETING_MS = 2000
REPLY_MS = 5000
BEAT_MS = 20
FAST_MS, FAST_TIMES = 200, 8
PACED_MS = 100

Due = tuple[bytes, int, bool]
"""A message, how many bytes of audio are in it, and whether it is the first audio of its reply."""

_numbers = count(1)


def event(kind: str, **fields: object) -> bytes:
    """A server event."""
    return orjson.dumps({"type": kind, "event_id": f"event_{next(_numbers)}", **fields})


@cache
def deltas(piece_ms: int) -> list[bytes]:
    """What the cloud says, in pieces of this length, as base64."""
    audio, size = speech.reply(), piece_ms * 8
    return [base64.b64encode(audio[at : at + size]) for at in range(0, len(audio) - size + 1, size)]


class Reply:
    """One response of one session. A length of None never ends, and is sent as fast as it is spoken."""

    def __init__(self, number: int, length_ms: int | None) -> None:
        self.over = False
        self._ids = {"response_id": f"resp_{number}", "item_id": f"item_a{number}"}
        self._piece_ms = PACED_MS if length_ms is None else FAST_MS
        self._speed = 1 if length_ms is None else FAST_TIMES
        self._left = -1 if length_ms is None else length_ms // FAST_MS
        self._beats = self._pieces = 0
        part = b'"response_id":"%b","item_id":"%b","output_index":0,"content_index":0,"delta":"' % (
            self._ids["response_id"].encode(),
            self._ids["item_id"].encode(),
        )
        self._audio_head = b'{"type":"response.output_audio.delta",' + part
        self._words_head = b'{"type":"response.output_audio_transcript.delta",' + part

    def due(self) -> Iterator[Due]:
        """What is to be sent in this beat."""
        if not self._beats:
            yield from ((message, 0, False) for message in self._opening())
        wanted = self._beats * BEAT_MS * self._speed // self._piece_ms + 1
        self._beats += 1
        pieces = deltas(self._piece_ms)
        while self._pieces < wanted and self._left:
            audio = pieces[self._pieces % len(pieces)]
            if self._pieces % 2 == 0:
                yield self._words_head + b' and then"}', 0, False
            tail = b'","event_id":"event_%d"}' % next(_numbers)
            yield self._audio_head + audio + tail, self._piece_ms * 8, self._pieces == 0
            self._pieces += 1
            self._left -= 1
        if not self._left:
            self.over = True
            yield from ((message, 0, False) for message in self._closing("completed"))

    def cancelled(self) -> Iterator[bytes]:
        """The end of a reply that was called off."""
        self.over = True
        return self._closing("cancelled")

    def _opening(self) -> Iterator[bytes]:
        response, item = self._ids["response_id"], self._item("in_progress")
        yield event("response.created", response={"id": response, "status": "in_progress", "output": []})
        limits = [{"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5}]
        yield event("rate_limits.updated", rate_limits=limits)
        yield event("response.output_item.added", response_id=response, output_index=0, item=item)
        yield event("conversation.item.added", item=item, previous_item_id=None)
        yield event("response.content_part.added", **self._at(), part={"type": "audio", "transcript": ""})

    def _closing(self, status: str) -> Iterator[bytes]:
        response, item = self._ids["response_id"], self._item("completed")
        yield event("response.output_audio.done", **self._at())
        yield event("response.output_audio_transcript.done", **self._at(), transcript="and then")
        yield event(
            "response.content_part.done", **self._at(), part={"type": "audio", "transcript": "and then"}
        )
        yield event("response.output_item.done", response_id=response, output_index=0, item=item)
        yield event("conversation.item.done", item=item, previous_item_id=None)
        usage = {
            "total_tokens": 700,
            "input_tokens": 500,
            "output_tokens": 200,
            "input_token_details": {"text_tokens": 300, "audio_tokens": 200, "cached_tokens": 100},
            "output_token_details": {"text_tokens": 40, "audio_tokens": 160},
        }
        done = {
            "id": response,
            "object": "realtime.response",
            "status": status,
            "output": [item],
            "usage": usage,
        }
        yield event("response.done", response={**done, "status_details": None})

    def _at(self) -> dict[str, object]:
        return {**self._ids, "output_index": 0, "content_index": 0}

    def _item(self, status: str) -> dict[str, object]:
        return {
            "id": self._ids["item_id"],
            "object": "realtime.item",
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [],
        }
