"""What had been played when the carrier obeyed a clear, told by the marks that it throws back.

A clear needs its way to the carrier, which plays on meanwhile: by a round trip more than we had proof of.
But the carrier returns the marks of what it throws away, in order with the caller's frames, and a frame is
20 ms of playing. So the frames between the last mark that was played and the first that was thrown back say
how far it came, without a wall clock, however far away it is and however unsteady the way.

A mark that was played is followed by frames before the next mark comes; those thrown back come together, and
mostly before their time. A carrier that says itself how much it threw away leaves nothing to find out.
Sans-I/O and without a clock. May import: the standard library, appliance.core.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.core import ulaw

EARLY_MS = 60
"""A mark that comes so long before its time was thrown back, whatever follows it."""
PATIENCE_MS = 600
"""So much of the carrier's time may pass until all marks are back."""


@dataclass(slots=True)
class Cleared:
    """A generation that was cut. Positions are its bytes; `spans` says where a reply begins and ends.

    There are `per_ms` bytes to a millisecond.
    """

    spans: Mapping[str, tuple[int, int]]
    confirmed: int = 0
    since: int = 0
    marks: deque[int] | tuple[()] = ()
    settled: bool = False
    per_ms: int = ulaw.BYTES_PER_MS
    _sent: int = 0
    _played: int | None = None
    _first: int = 0
    _last: int = 0
    _waited: int = 0

    def __post_init__(self) -> None:
        self.marks = deque(self.marks)
        if not self.marks:
            self._settle(self.confirmed)
            return
        self._sent = self.marks[-1]

    def _settle(self, played: int | None) -> None:
        self.settled, self._played = True, played

    def thrown_away(self, unplayed_ms: int) -> None:
        """The carrier says how much of what it had been sent it threw away."""
        if not self.settled:
            self._settle(max(self.confirmed, self._sent - unplayed_ms * self.per_ms))

    def mark(self, position: int) -> None:
        """A mark of this generation came back, as played or as thrown away."""
        if self.settled or position not in self.marks:
            return
        while self.marks and self.marks[0] <= position:
            self._last = self.marks.popleft()
            self._first = self._first or self._last
        if not self.marks:
            self._settle(self._place())

    def carrier_clock(self, frame_bytes: int) -> None:
        """A frame of the caller's: what came back before it, and not early, had been played."""
        if self.settled:
            return
        if self._last and self.confirmed + self.since + EARLY_MS * self.per_ms < self._last:
            self._settle(self._place())
            return
        if self._last:
            self.confirmed, self.since, self._first, self._last = self._last, 0, 0, 0
        self.since += frame_bytes
        self._waited += frame_bytes
        if self._waited >= PATIENCE_MS * self.per_ms:
            self.give_up()

    def _place(self) -> int:
        """Where the carrier was when the marks of now came back."""
        return min(self.confirmed + self.since, self._first)

    def give_up(self) -> None:
        """Wait no longer for marks."""
        if not self.settled:
            self._settle(None)

    def heard_ms(self, reply_id: str, reckoned_ms: int) -> int:
        """How much of a reply had been played; as reckoned, when it is not known."""
        if self._played is None or reply_id not in self.spans:
            return reckoned_ms
        begins, ends = self.spans[reply_id]
        return max(0, min(self._played, ends) - begins) // self.per_ms
