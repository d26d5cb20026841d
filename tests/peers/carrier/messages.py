"""Media Streams messages: ours as text, the box's as values or as the warning they earn.

Pure. May import: the standard library, orjson, this package's ulaw.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.peers.carrier.ulaw import FRAME_MS, SILENCE

CONNECTED = b'{"event":"connected","protocol":"Call","version":"1.0.0"}'
FIRST_TIMESTAMP_MS = 5
MALFORMED, INVALID = 31950, 31951
_QUIET = base64.b64encode(SILENCE)


class BadMessage(ValueError):
    """A message from the box that the carrier warns of and drops."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text[:120])
        self.code = code


@dataclass(frozen=True, slots=True)
class Media:
    """Audio to be played."""

    ulaw_8k: bytes


@dataclass(frozen=True, slots=True)
class MarkSet:
    """A name to be sent back when all before it was played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Drop all that is queued."""


FromBox = Media | MarkSet | Clear


class Writer:
    """Writes the messages of one stream, counting them as the carrier does."""

    def __init__(self, stream_sid: str) -> None:
        self._sid = stream_sid
        self._sequence = 0
        self._chunk = 0

    def _head(self, event: str) -> dict[str, Any]:
        self._sequence += 1
        return {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._sid}

    def start(self, account_sid: str, call_sid: str, parameters: Mapping[str, str]) -> bytes:
        start = {
            "accountSid": account_sid,
            "streamSid": self._sid,
            "callSid": call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(parameters),
        }
        return orjson.dumps(self._head("start") | {"start": start})

    def media(self, frame: bytes | None) -> bytes:
        """20 ms of the caller. Put together from parts: this is written 50 times a second in each call."""
        self._sequence += 1
        self._chunk += 1
        timestamp_ms = FIRST_TIMESTAMP_MS + (self._chunk - 1) * FRAME_MS
        payload = _QUIET if frame is None else binascii.b2a_base64(frame, newline=False)
        return (
            b'{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d",'
            b'"payload":"%b"},"streamSid":"%b"}'
            % (self._sequence, self._chunk, timestamp_ms, payload, self._sid.encode())
        )

    def lose(self) -> None:
        """A frame of the caller's that the network lost: its time passes all the same."""
        self._chunk += 1

    def dtmf(self, key: str) -> bytes:
        return orjson.dumps(self._head("dtmf") | {"dtmf": {"track": "inbound_track", "digit": key}})

    def mark(self, name: str) -> bytes:
        return orjson.dumps(self._head("mark") | {"mark": {"name": name}})

    def stop(self, account_sid: str, call_sid: str) -> bytes:
        return orjson.dumps(self._head("stop") | {"stop": {"accountSid": account_sid, "callSid": call_sid}})


def read(text: str, stream_sid: str) -> FromBox:
    """What the box asked for."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise BadMessage(MALFORMED, f"not JSON: {text[:80]!r}") from exc
    if not isinstance(message, dict):
        raise BadMessage(MALFORMED, f"not an object: {text[:80]!r}")
    if message.get("streamSid") != stream_sid:
        raise BadMessage(INVALID, f"streamSid is not this stream's: {text[:80]!r}")
    match message.get("event"):
        case "media":
            return Media(_audio(message.get("media"), text))
        case "mark":
            return MarkSet(_name(message.get("mark"), text))
        case "clear":
            return Clear()
        case _:
            raise BadMessage(INVALID, f"unknown event: {text[:80]!r}")


def _audio(media: object, text: str) -> bytes:
    payload = media.get("payload") if isinstance(media, dict) else None
    if not isinstance(payload, str) or not payload:
        raise BadMessage(INVALID, f"media without payload: {text[:80]!r}")
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError as exc:
        raise BadMessage(INVALID, f"payload is not base64: {text[:80]!r}") from exc


def _name(mark: object, text: str) -> str:
    name = mark.get("name") if isinstance(mark, dict) else None
    if not isinstance(name, str) or not name:
        raise BadMessage(INVALID, f"mark without name: {text[:80]!r}")
    return name
