"""The carrier's playback buffer: audio in bytes, played 20 ms a turn, with marks and clear.

No clock and no I/O. May import: the standard library, this package's ulaw.
"""

from collections import deque
from dataclasses import dataclass, field

from tests.peers.carrier.ulaw import FRAME_BYTES


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark, behind so many bytes of received audio."""

    name: str
    position: int


@dataclass(slots=True)
class Playback:
    """Positions count received bytes: what was cleared is counted too, though it was never heard."""

    received: int = 0
    taken: int = 0
    """All before this was given to the caller's ear, or cleared; the last frame of it still sounds."""
    heard: int = 0
    """All before this has sounded to its end, or was cleared."""
    dropped: int = 0
    _queue: bytearray = field(default_factory=bytearray)
    _marks: deque[Mark] = field(default_factory=deque)

    @property
    def buffered(self) -> int:
        return len(self._queue)

    def media(self, ulaw_8k: bytes) -> None:
        self._queue += ulaw_8k
        self.received += len(ulaw_8k)

    def mark(self, name: str) -> Mark | None:
        """Take a mark; it comes back at once when nothing before it is left to be heard."""
        mark = Mark(name, self.received)
        if self.heard >= self.received and not self._marks:
            return mark
        self._marks.append(mark)
        return None

    def clear(self) -> list[Mark]:
        """Drop what is queued; every pending mark is due."""
        self.dropped += len(self._queue)
        self._queue.clear()
        self.taken = self.received
        due = list(self._marks)
        self._marks.clear()
        return due

    def turn(self) -> list[Mark]:
        """The frame taken last has sounded to its end: the marks that are due now."""
        self.heard = self.taken
        due = []
        while self._marks and self._marks[0].position <= self.heard:
            due.append(self._marks.popleft())
        return due

    def take(self) -> bytes:
        """The next 20 ms for the caller's ear; shorter at the end of what is there, empty without."""
        frame = bytes(self._queue[:FRAME_BYTES])
        del self._queue[:FRAME_BYTES]
        self.taken += len(frame)
        return frame
