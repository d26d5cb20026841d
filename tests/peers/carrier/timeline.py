"""What was played in each 20 ms of a stream, and questions about it: how far ahead, which gaps, how much.

Pure. May import: the standard library, this package's ulaw.
"""

from array import array
from dataclasses import dataclass, field
from itertools import pairwise

from tests.peers.carrier.ulaw import BYTES_PER_MS, FRAME_BYTES, FRAME_MS


@dataclass(frozen=True, slots=True)
class Gap:
    """Silence between two pieces of playback."""

    start_ms: int
    length_ms: int


@dataclass(slots=True)
class Timeline:
    """One row for each tick: what of the received audio was played in it, and what lay waiting before it."""

    at_s: "array[float]" = field(default_factory=lambda: array("d"))
    """time.monotonic() of the tick."""
    positions: "array[int]" = field(default_factory=lambda: array("Q"))
    """Where in the received bytes the frame of the tick began."""
    played: "array[int]" = field(default_factory=lambda: array("H"))
    """How many bytes it had: 160, fewer at an end, 0 for silence."""
    buffered: "array[int]" = field(default_factory=lambda: array("Q"))
    """Bytes in the buffer before the frame was taken."""

    def tick(self, at_s: float, position: int, played: int, buffered: int) -> None:
        self.at_s.append(at_s)
        self.positions.append(position)
        self.played.append(played)
        self.buffered.append(buffered)

    def __len__(self) -> int:
        return len(self.played)

    @property
    def ahead_ms_max(self) -> float:
        """The most audio that ever lay in the buffer at a tick, without what only our own delay left there.

        The box paces by its clock. A tick of ours that comes late finds more in the buffer than a carrier
        whose clock stands still for nobody would.
        """
        ahead = (
            waiting / BYTES_PER_MS - late_ms
            for waiting, late_ms in zip(self.buffered, self._late_ms(), strict=True)
        )
        return max(ahead, default=0.0)

    def _late_ms(self) -> list[float]:
        """How much later each tick came than the most punctual one of all."""
        due = [at_s * 1000 - tick * FRAME_MS for tick, at_s in enumerate(self.at_s)]
        first = min(due, default=0.0)
        return [at_ms - first for at_ms in due]

    def stood_still_ms(self, gap: Gap, before_ms: int) -> float:
        """The longest that our own clock stood still, from so long before a gap to its end.

        The ticks behind it come all at once, before what waits in the socket is read: a gap that a carrier
        whose clock stands still for nobody would not have had.
        """
        first = max(0, gap.start_ms - before_ms) // FRAME_MS
        last = (gap.start_ms + gap.length_ms) // FRAME_MS
        stood = (later - earlier for earlier, later in pairwise(self.at_s[first : last + 1]))
        return max(stood, default=0.0) * 1000 - FRAME_MS

    def position_at(self, stream_ms: float) -> int:
        """How many of the received bytes had been played, or passed over by a clear, at this time."""
        tick = int(stream_ms // FRAME_MS)
        if tick >= len(self):
            return self.positions[-1] + self.played[-1] if len(self) else 0
        within = int(stream_ms % FRAME_MS * BYTES_PER_MS)
        return self.positions[tick] + min(within, self.played[tick])

    def played_bytes(self, first: int, last: int) -> int:
        """How many of the received bytes first..last (last excluded) the caller really heard."""
        return sum(
            max(0, min(position + size, last) - max(position, first))
            for position, size in zip(self.positions, self.played, strict=True)
        )

    def gaps(self, shorter_than_ms: int = 600) -> list[Gap]:
        """Silences inside of what was played: underruns, when nothing was meant to be silent."""
        gaps, quiet_bytes, started = [], 0, False
        for tick, size in enumerate(self.played):
            if size and started and quiet_bytes:
                length_ms = quiet_bytes // BYTES_PER_MS
                if length_ms < shorter_than_ms:
                    gaps.append(Gap(tick * FRAME_MS - length_ms, length_ms))
            quiet_bytes = FRAME_BYTES - size if size else quiet_bytes + FRAME_BYTES
            started = started or size > 0
        return gaps
