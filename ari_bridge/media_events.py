"""Asterisk's WebSocket channel, messages to events and back. Knows nothing of sockets or of calls.

Audio comes and goes as binary messages of whole frames, everything else as JSON text. Source: chan_websocket
of Asterisk 22.10.1 (control messages as JSON: 20.18, 22.8, 23.2 and newer). Sans-I/O.
May import: orjson, appliance.core.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.errors import WireError

FRAME_MS = 20
MESSAGE_MOST = 65_500
"""Bytes of a message that Asterisk takes; a longer one ends the call."""
COMMAND_MOST = 128
"""Bytes of a command that Asterisk takes; a longer one is ignored without a word."""
KEYS = frozenset("0123456789*#")
CODINGS: Mapping[str, Coding] = {
    "ulaw": "ulaw_8k",
    "slin": "pcm_8k",
    "slin16": "pcm_16k",
    "slin24": "pcm_24k",
}
"""Our codings by the names of Asterisk's formats."""


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """The leg says how its sound is coded, and the variables that the dialplan gave it along."""

    coding: Coding
    variables: Mapping[str, str]
    channel: str = ""
    """The leg's own channel, by its name in Asterisk."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class MarkPassed:
    """Everything before this mark was played. Of what a flush threw away no mark comes back."""

    name: str


@dataclass(frozen=True, slots=True)
class QueueMeasured:
    """So much audio waited to be played when its length was asked for."""

    waiting_ms: int


@dataclass(frozen=True, slots=True)
class FlowChanged:
    """Whether more audio may be sent: no (XOFF) from 18 s in the queue on, again (XON) below 16 s."""

    open: bool


MediaEvent = MediaStarted | KeyPressed | MarkPassed | QueueMeasured | FlowChanged


def read(text: str | bytes) -> MediaEvent | None:
    """Read one text message; None for one that says nothing to us. Raises WireError for any other text."""
    try:
        message = orjson.loads(text)
        return _event(message["event"], message)
    except orjson.JSONDecodeError as exc:
        raise WireError("not JSON", text) from exc
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise WireError("malformed message", text) from exc


def _event(event: str, message: dict[str, Any]) -> MediaEvent | None:
    match event:
        case "MEDIA_START":
            return _started(message)
        case "DTMF_END":
            digit = message["digit"]
            return KeyPressed(digit) if digit in KEYS else None
        case "MEDIA_MARK_PROCESSED":
            return MarkPassed(str(message["correlation_id"]))
        case "STATUS":
            return QueueMeasured(int(message["queue_length"]) * FRAME_MS)
        case "MEDIA_XOFF" | "MEDIA_XON":
            return FlowChanged(event == "MEDIA_XON")
        case _:
            return None


def _started(message: dict[str, Any]) -> MediaStarted:
    coding = CODINGS.get(message["format"])
    if coding is None:
        raise WireError("audio in a coding that was not asked for", message["format"])
    if int(message["optimal_frame_size"]) != frame_bytes(coding):
        raise WireError("frames that are not 20 ms long", message["optimal_frame_size"])
    given = message.get("channel_variables") or {}
    # What a channel inherits keeps the underscores that had it inherited.
    variables = {str(name).lstrip("_"): str(value) for name, value in given.items()}
    return MediaStarted(coding, variables, str(message.get("channel", "")))


def frame_bytes(coding: Coding) -> int:
    """The size of a frame, which alone Asterisk plays: what is not a whole number of them loses its end."""
    return FRAME_MS * BYTES_PER_MS[coding]


def mark(name: str) -> str:
    """A mark behind the audio sent so far; the name is of digits and dashes."""
    return f'{{"command":"MARK_MEDIA","correlation_id":"{name}"}}'


MEASURE = '{"command":"GET_STATUS"}'
FLUSH = '{"command":"FLUSH_MEDIA"}'
HANG_UP = '{"command":"HANGUP"}'
