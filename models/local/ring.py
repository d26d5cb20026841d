"""The caller's audio of the last seconds, out of which utterances are cut for a recogniser.

It counts its time in audio, as the detector does. What is held is bounded, a ring that never grows; a
sentence under way when the cloud fails can be recognised from its beginning. May import: appliance.core.
"""

from appliance.core.ulaw import BYTES_PER_MS

RUN_UP_MS = 1_000
"""Heard before the onset: the detector may be sure only at the second word (docs/hearing.md)."""
TRAIL_MS = 400
"""Heard after the last voice: the quiet end of a word. It has come when a pause is told."""


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

    def utterance(self, began_ms: int, ended_ms: int, free_ms: int = 0) -> bytes:
        """The µ-law at 8 kHz of what was said between these times of the call, with what may belong to it.

        What lies before `free_ms` belongs to another utterance, unless this one had begun by then.
        """
        first_ms = max(began_ms - RUN_UP_MS, min(free_ms, began_ms), 0)
        return self.between(first_ms * BYTES_PER_MS, (ended_ms + TRAIL_MS) * BYTES_PER_MS)
