"""The input audio buffer and its voice detector, on the clock of the bytes received.

Sans-I/O. May import: g711.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.peers.realtime.g711 import BYTES_PER_MS, loud_table

WINDOW_MS = 20
ONSET_MS = 40
"""So much voice in a row makes speech; a click does not."""
LOUD_SHARE = 10
"""A window is voice when one sample in ten is loud."""
LONGEST_BUFFER_MS = 120_000
SEMANTIC_SILENCE_MS = {"low": 1500, "medium": 900, "auto": 900, "high": 600}


@dataclass(frozen=True, slots=True)
class Started:
    at_ms: int
    """Includes the padding before the voice."""


@dataclass(frozen=True, slots=True)
class Stopped:
    at_ms: int
    """Includes the silence that proved it."""


class Ears:
    """Feed it audio; it keeps what is not yet committed and says when speech starts and stops."""

    def __init__(self, coding: str, turn_detection: dict[str, Any] | None) -> None:
        self.clock_ms = 0
        self.speaking = False
        self._tail = b""
        self._kept = bytearray()
        self._voiced_ms = self._silent_ms = 0
        self.configure(coding, turn_detection)

    def configure(self, coding: str, turn_detection: dict[str, Any] | None) -> None:
        """Listen by these settings from now on; the clock and the buffer stay."""
        self.coding = coding
        self.per_ms = BYTES_PER_MS[coding]
        self._window = WINDOW_MS * self.per_ms
        self.detects = turn_detection is not None
        detection = turn_detection or {}
        semantic = detection.get("type") == "semantic_vad"
        self._padding_ms = detection.get("prefix_padding_ms", 300)
        self._table = loud_table(coding, detection.get("threshold", 0.5))
        self._silence_ms = (
            SEMANTIC_SILENCE_MS[detection.get("eagerness", "auto")]
            if semantic
            else detection.get("silence_duration_ms", 500)
        )
        if not self.detects:
            self.speaking = False

    @property
    def buffered_ms(self) -> float:
        return (len(self._kept) + len(self._tail)) / self.per_ms

    def feed(self, audio: bytes) -> Iterator[Started | Stopped]:
        """Take audio in pieces of any size. Act on each change before asking for the next."""
        if self._tail:
            audio = self._tail + audio
        window, place, end = self._window, 0, len(audio)
        while place + window <= end:
            piece = audio[place : place + window]
            place += window
            # The rest stays countable if the reader commits in the middle.
            self._tail = b""
            self._kept += piece
            self.clock_ms += WINDOW_MS
            if change := self._hear(piece):
                yield change
        self._tail = audio[place:]
        self._trim()

    def _hear(self, piece: bytes) -> Started | Stopped | None:
        if not self.detects:
            return None
        high_bytes = piece[1::2] if self.per_ms == 48 else piece
        voiced = high_bytes.translate(self._table).count(1) * LOUD_SHARE >= len(high_bytes)
        if voiced:
            self._voiced_ms += WINDOW_MS
            self._silent_ms = 0
        else:
            self._silent_ms += WINDOW_MS
        if self.speaking:
            return self._stop() if self._silent_ms >= self._silence_ms else None
        if not voiced:
            self._voiced_ms = 0
            return None
        return self._start() if self._voiced_ms >= ONSET_MS else None

    def _start(self) -> Started:
        self.speaking = True
        held_ms = len(self._kept) // self.per_ms
        back_ms = min(held_ms, self._voiced_ms + self._padding_ms)
        del self._kept[: len(self._kept) - back_ms * self.per_ms]
        return Started(self.clock_ms - back_ms)

    def _stop(self) -> Stopped:
        self.speaking = False
        self._voiced_ms = 0
        return Stopped(self.clock_ms)

    def take(self) -> bytes:
        """All that is not committed; the buffer is empty afterwards."""
        audio, self._kept = bytes(self._kept) + self._tail, bytearray()
        # The clock counts whole windows; what was cut off short counts when it is taken.
        self.clock_ms += len(self._tail) // self.per_ms
        self._tail, self.speaking, self._voiced_ms = b"", False, 0
        return audio

    def _trim(self) -> None:
        idle = self.detects and not self.speaking
        longest = (self._padding_ms + 1000 if idle else LONGEST_BUFFER_MS) * self.per_ms
        if len(self._kept) > 2 * longest:
            del self._kept[:-longest]
