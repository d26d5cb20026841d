"""The Wyoming protocol on a wire: bytes to events and back, with bounds on everything that a peer may send.

The package's own reader takes bad input for the end of the stream and holds whatever it is sent; here wrong
bytes raise WireError. Its audio events load a module that Python has given up, so they are made here.
Sans-I/O. May import: appliance.core, orjson, wyoming.event.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from wyoming.event import Event
from wyoming.version import __version__

from appliance.core.errors import WireError

TYPE_MOST = 80
SAMPLE_BYTES = 2
# 0.5 s of 16 kHz: small enough to be taken turns with, big enough to cost nothing.
PIECE_BYTES = 16384


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most bytes of each part of one event."""

    line: int = 64 * 1024
    data: int = 256 * 1024
    payload: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Head:
    """A header line that was read, and what is to follow it."""

    kind: str
    data: dict[str, Any]
    data_length: int
    payload_length: int

    @property
    def follows(self) -> int:
        return self.data_length + self.payload_length


@dataclass(slots=True)
class EventReader:
    """Feed it bytes in any pieces; it returns the events they complete. Raises WireError on wrong ones."""

    bounds: Bounds = Bounds()
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0
    _head: _Head | None = None

    def feed(self, received: bytes) -> list[Event]:
        """Take what was received."""
        self._buffer += received
        events = []
        while (event := self._next()) is not None:
            events.append(event)
        return events

    @property
    def inside(self) -> bool:
        """Whether a part of an event has come, and the rest not yet."""
        return bool(self._buffer) or self._head is not None

    def _next(self) -> Event | None:
        if self._head is None:
            self._head = self._line()
        head = self._head
        if head is None or len(self._buffer) < head.follows:
            return None
        data, payload = self._taken(head.data_length), self._taken(head.payload_length)
        self._head = None
        merged = {**head.data, **_table(data)} if data else head.data
        return Event(head.kind, merged, payload or None)

    def _taken(self, length: int) -> bytes:
        part = bytes(self._buffer[:length])
        del self._buffer[:length]
        return part

    def _line(self) -> _Head | None:
        end = self._buffer.find(b"\n", self._searched)
        if max(end, len(self._buffer) if end < 0 else 0) > self.bounds.line:
            raise WireError("a Wyoming header is longer than allowed", bytes(self._buffer[:80]))
        if end < 0:
            self._searched = len(self._buffer)
            return None
        line = self._taken(end + 1)
        self._searched = 0
        return self._read(_table(line))

    def _read(self, header: dict[str, Any]) -> _Head:
        kind, data = header.get("type"), header.get("data") or {}
        if not isinstance(kind, str) or not 0 < len(kind) <= TYPE_MOST:
            raise WireError("a Wyoming event has no proper type", kind)
        if not isinstance(data, dict):
            raise WireError("the data of a Wyoming event is no object", data)
        return _Head(
            kind,
            data,
            _length(header.get("data_length"), self.bounds.data),
            _length(header.get("payload_length"), self.bounds.payload),
        )


def _table(text: bytes) -> dict[str, Any]:
    try:
        table = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise WireError("a Wyoming event is not JSON", text[:80]) from exc
    if not isinstance(table, dict):
        raise WireError("a Wyoming event is no object", text[:80])
    return table


def _length(value: object, most: int) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise WireError("a Wyoming event has a part of an impossible length", value)
    return value


def packed(event: Event) -> bytes:
    """The event as it goes on the wire."""
    data = orjson.dumps(event.data) if event.data else b""
    header: dict[str, object] = {"type": event.type, "version": __version__}
    if data:
        header["data_length"] = len(data)
    if event.payload:
        header["payload_length"] = len(event.payload)
    return b"".join((orjson.dumps(header), b"\n", data, event.payload or b""))


# Events ------------------------------------------------------------------------------------------------


def _sound(rate: int) -> dict[str, Any]:
    return {"rate": rate, "width": SAMPLE_BYTES, "channels": 1}


def audio_start(rate: int) -> Event:
    """Mono 16-bit audio of this rate follows."""
    return Event("audio-start", _sound(rate))


def audio_chunk(pcm: bytes, rate: int) -> Event:
    """A stretch of it."""
    return Event("audio-chunk", _sound(rate), pcm)


def audio_stop() -> Event:
    """It is complete."""
    return Event("audio-stop", {"timestamp": None})


def chunks(pcm: bytes, rate: int) -> list[Event]:
    """Audio as stretches that none of its readers finds too long."""
    return [audio_chunk(pcm[at : at + PIECE_BYTES], rate) for at in range(0, len(pcm), PIECE_BYTES)]


def sound_rate(event: Event) -> int:
    """The rate that an audio event states. Raises WireError when it is not mono 16-bit audio."""
    rate, width, channels = (event.data.get(key) for key in ("rate", "width", "channels"))
    if width != SAMPLE_BYTES or channels != 1:
        raise WireError("audio is not mono of 16 bits", (width, channels))
    if not isinstance(rate, int) or not 4000 <= rate <= 192000:
        raise WireError("audio has an impossible rate", rate)
    return rate


def text_of(event: Event, key: str = "text") -> str:
    """A text of the event's data. Raises WireError when there is none."""
    text = event.data.get(key)
    if not isinstance(text, str):
        raise WireError(f"a {event.type} event has no {key}", text)
    return text
