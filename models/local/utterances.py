"""The caller's audio of the last seconds, cut into utterances for a recogniser.

It is fed with every frame, and told by the detector when the caller began, paused and ended; it counts its
time in audio, as the detector does. What is held is bounded, a ring that never grows; a sentence under way
when the cloud fails can be recognised from its beginning. May import: appliance.core, models.local.
"""

from dataclasses import dataclass
from typing import Literal

from appliance.core import ulaw
from appliance.core.ulaw import BYTES_PER_MS, FRAME_MS

RUN_UP_MS = 1_000
"""Heard before the onset: the detector may be sure only at the second word (docs/hearing.md)."""
TRAIL_MS = 400
"""Heard after the last voice: the quiet end of a word. It has come when a pause is told."""
WINDOW_MS = 28_000
"""The longest stretch that a recogniser takes at once is 30 s."""
LOOK_BACK_MS = 4_000
"""An utterance longer than that is cut where it is quietest in its last 4 s."""
KEPT_MS = WINDOW_MS + 2_000
"""In the ring: a window, and what comes in until it is known that the window is full."""
STANDBY_MS = 15_000

Part = Literal["so far", "piece", "end"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the caller said from `at_ms` of the call, for `spoke_ms`; the audio has some more on both sides.

    "so far" is superseded by what comes later of the same utterance; a "piece" of a very long one is not, and
    what comes later goes on behind it; "end" is the whole, or what follows the last piece.
    """

    part: Part
    at_ms: int
    spoke_ms: int
    ulaw_8k: bytes


class Ring:
    """The last bytes of a line, found by their place in it. Nothing is allocated when audio comes."""

    def __init__(self, kept: int) -> None:
        self._kept = bytearray(kept)
        self.came = 0

    def take(self, ulaw_8k: bytes) -> None:
        """Store what comes; the oldest goes."""
        size = len(self._kept)
        if len(ulaw_8k) > size:
            self.came += len(ulaw_8k) - size
            ulaw_8k = ulaw_8k[-size:]
        at = self.came % size
        first = min(len(ulaw_8k), size - at)
        self._kept[at : at + first] = ulaw_8k[:first] if first < len(ulaw_8k) else ulaw_8k
        if first < len(ulaw_8k):
            self._kept[: len(ulaw_8k) - first] = ulaw_8k[first:]
        self.came += len(ulaw_8k)

    def between(self, start: int, end: int) -> bytes:
        """The bytes from a place to another, as far as they are still, or already, there."""
        size = len(self._kept)
        start, end = max(start, self.came - size, 0), min(end, self.came)
        if start >= end:
            return b""
        at, count = start % size, end - start
        if at + count <= size:
            return bytes(self._kept[at : at + count])
        return bytes(self._kept[at:]) + bytes(self._kept[: at + count - size])


class Utterances:
    """The ring of one caller and the utterance under way."""

    def __init__(self, kept_ms: int = KEPT_MS) -> None:
        self._ring = Ring(kept_ms * BYTES_PER_MS)
        self._longest_ms = min(WINDOW_MS, kept_ms - 2_000)
        self._began_ms: int | None = None
        self._from_ms = 0
        self._free_ms = 0
        self._full_ms = 0

    @property
    def at_ms(self) -> int:
        """How much of the line has come."""
        return self._ring.came // BYTES_PER_MS

    @property
    def began_ms(self) -> int | None:
        """When the utterance under way began (or its last piece ended); None when there is none."""
        return self._began_ms

    def take(self, ulaw_8k: bytes) -> Utterance | None:
        """Store what comes. An utterance that has become too long for one window gives a piece of it."""
        self._ring.take(ulaw_8k)
        if self._began_ms is None or self.at_ms < self._full_ms:
            return None
        return self._piece(self._began_ms)

    def began(self, at_ms: int) -> None:
        """The caller speaks since then. What an earlier utterance took is not taken again."""
        self._begin(max(at_ms, self._free_ms), max(at_ms - RUN_UP_MS, self._free_ms, 0))

    def paused(self, at_ms: int) -> Utterance | None:
        """The caller has been silent since then, and may go on; None when nothing is under way."""
        return self._heard("so far", at_ms)

    def ended(self, at_ms: int) -> Utterance | None:
        """The caller has been silent since then, and it is the end; None when nothing is under way."""
        utterance = self._heard("end", at_ms)
        self._began_ms = None
        if utterance is not None:
            self._free_ms = max(self._free_ms, min(at_ms + TRAIL_MS, self.at_ms))
        return utterance

    def under_way(self) -> Utterance | None:
        """What there is, up to now, of an utterance that has not ended; None when there is none."""
        return self._heard("so far", self.at_ms)

    def last(self, ms: int = STANDBY_MS) -> bytes:
        """The last audio of the line, as much as there is of it."""
        return self._ring.between(self._ring.came - ms * BYTES_PER_MS, self._ring.came)

    def _begin(self, at_ms: int, from_ms: int) -> None:
        self._began_ms, self._from_ms = at_ms, from_ms
        self._full_ms = from_ms + self._longest_ms

    def _heard(self, part: Part, at_ms: int) -> Utterance | None:
        if self._began_ms is None:
            return None
        spoke_ms = max(0, at_ms - self._began_ms)
        return Utterance(part, self._began_ms, spoke_ms, self._cut(self._from_ms, at_ms + TRAIL_MS))

    def _piece(self, began_ms: int) -> Utterance:
        end_ms = self._quietest(self.at_ms - min(LOOK_BACK_MS, self._longest_ms // 2))
        piece = Utterance("piece", began_ms, max(0, end_ms - began_ms), self._cut(self._from_ms, end_ms))
        self._free_ms = end_ms
        self._begin(end_ms, end_ms)
        return piece

    def _quietest(self, from_ms: int) -> int:
        """The middle of the quietest 100 ms since then."""
        recent = self._cut(from_ms, self.at_ms)
        step = FRAME_MS * BYTES_PER_MS
        loud = [ulaw.peak(recent[at : at + step]) for at in range(0, len(recent) - step + 1, step)]
        spans = [sum(loud[at : at + 5]) for at in range(max(1, len(loud) - 4))]
        return from_ms + (spans.index(min(spans)) * FRAME_MS) + 50

    def _cut(self, from_ms: int, to_ms: int) -> bytes:
        return self._ring.between(from_ms * BYTES_PER_MS, to_ms * BYTES_PER_MS)
