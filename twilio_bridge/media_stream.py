"""Twilio Media Streams, text to events and back. Knows nothing of webhooks or of calls.

Sans-I/O. Source: Twilio's "Media Streams - WebSocket Messages". May import: orjson, appliance.core.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core.errors import WireError

MESSAGE_MOST = 64 * 1024
OUT_OF_ORDER_MOST = 100
KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The stream says which call it is of, and what we gave it along."""

    stream_sid: str
    call_sid: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class MarkReturned:
    """Everything before this mark was played, or thrown away by a clear."""

    name: str


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """The call, or its stream, has ended."""


StreamEvent = StreamStarted | KeyPressed | MarkReturned | StreamStopped


class StreamReader:
    """Reads one stream. Audio comes out as bytes (µ-law, 8 kHz), everything else as an event.

    Raises WireError on what the protocol does not allow. A message that is late or repeated, by its sequence
    number, is dropped and counted.
    """

    def __init__(self) -> None:
        self.stream_sid = ""
        self.out_of_order = 0
        self._last = 0

    def read(self, text: str | bytes) -> bytes | StreamEvent | None:
        """Read one message; None for one that says nothing."""
        try:
            message = orjson.loads(text)
            event = message["event"]
            if event == "media" and self._in_order(message):
                return b64decode(message["media"]["payload"], validate=True)
            return self._other(event, message)
        except orjson.JSONDecodeError as exc:
            raise WireError("not JSON", text) from exc
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise WireError("malformed message", text) from exc

    def _in_order(self, message: dict[str, Any]) -> bool:
        """Whether the message is the stream's next. Raises WireError for another stream's."""
        if message["streamSid"] != self.stream_sid or not self.stream_sid:
            raise WireError("message of another stream, or before start")
        number = int(message["sequenceNumber"])
        if number > self._last:
            self._last = number
            return True
        self.out_of_order += 1
        if self.out_of_order > OUT_OF_ORDER_MOST:
            raise WireError("too many messages out of order")
        return False

    def _other(self, event: str, message: dict[str, Any]) -> StreamEvent | None:
        if event in ("connected", "media"):
            return None
        if event == "start":
            return self._start(message)
        if not self._in_order(message):
            return None
        match event:
            case "dtmf":
                digit = message["dtmf"]["digit"]
                if digit not in KEYS:
                    raise WireError("not a key", digit)
                return KeyPressed(digit)
            case "mark":
                name = message["mark"]["name"]
                return MarkReturned(name) if isinstance(name, str) else None
            case "stop":
                return StreamStopped()
            case _:
                return None

    def _start(self, message: dict[str, Any]) -> StreamStarted:
        if self.stream_sid:
            raise WireError("a second start")
        start = message["start"]
        audio = start["mediaFormat"]
        if (audio["encoding"], int(audio["sampleRate"]), int(audio["channels"])) != (
            "audio/x-mulaw",
            8000,
            1,
        ):
            raise WireError("audio is not µ-law at 8 kHz", audio)
        sid, call_sid = message["streamSid"], start["callSid"]
        parameters = start.get("customParameters") or {}
        if not all(isinstance(text, str) and text for text in (sid, call_sid)):
            raise WireError("start without ids")
        self.stream_sid = sid
        self._last = int(message["sequenceNumber"])
        return StreamStarted(sid, call_sid, {str(k): str(v) for k, v in parameters.items()})


class StreamWriter:
    """Writes to one stream."""

    def __init__(self, stream_sid: str) -> None:
        sid = orjson.dumps(stream_sid).decode()
        self._media = f'{{"event":"media","streamSid":{sid},"media":{{"payload":"'
        self._mark = f'{{"event":"mark","streamSid":{sid},"mark":{{"name":"'
        self.clear = f'{{"event":"clear","streamSid":{sid}}}'

    def media(self, ulaw_8k: bytes) -> str:
        """Audio to be played after what the carrier has. Written by hand: it is sent many times a second."""
        return self._media + b64encode(ulaw_8k).decode("ascii") + '"}}'

    def mark(self, name: str) -> str:
        """A mark behind the audio sent so far; the name is of digits and dashes."""
        return self._mark + name + '"}}'
