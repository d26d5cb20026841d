"""Who is next: live calls before voicemail, first come first served among each.

Pure. May import: the standard library.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Turns(Generic[T]):
    """Those who wait, and room for no more than a number of each kind."""

    live_most: int
    background_most: int
    _live: deque[T] = field(default_factory=deque)
    _background: deque[T] = field(default_factory=deque)

    def room(self, *, live: bool) -> bool:
        """Whether one more may wait."""
        return len(self._live) < self.live_most if live else len(self._background) < self.background_most

    def add(self, job: T, *, live: bool, first: bool = False) -> None:
        """Wait; `first` is for one that had its turn and goes on."""
        line = self._live if live else self._background
        if first:
            line.appendleft(job)
        else:
            line.append(job)

    def next(self) -> T | None:
        """Whose turn it is; None when nobody waits."""
        line = self._live or self._background
        return line.popleft() if line else None

    def drop(self, job: T) -> None:
        """Wait no longer."""
        for line in (self._live, self._background):
            if job in line:
                line.remove(job)

    def everybody(self) -> list[T]:
        """All who wait, who are then let go."""
        gone = [*self._live, *self._background]
        self._live.clear()
        self._background.clear()
        return gone

    def __len__(self) -> int:
        return len(self._live) + len(self._background)
