"""Who is next: live calls before voicemail, first come first served among each.

Pure. May import: the standard library.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Pace:
    """How long one turn takes, as far as the last ones tell. Times are handed in."""

    _took_s: deque[float] = field(default_factory=lambda: deque(maxlen=4))
    _began_s: float | None = None

    @property
    def at_work(self) -> bool:
        """Whether a turn is under way."""
        return self._began_s is not None

    def begin(self, now_s: float) -> None:
        """A turn begins."""
        self._began_s = now_s

    def end(self, now_s: float, *, done: bool) -> None:
        """It ends; one that came to nothing says nothing about the next."""
        if done and self._began_s is not None:
            self._took_s.append(now_s - self._began_s)
        self._began_s = None

    def expected_s(self, ahead: int, now_s: float) -> float:
        """When one more would have its answer, at best."""
        # The quickest of the last few: one slow turn must turn nobody away.
        turn_s = min(self._took_s, default=0.0)
        rest_s = 0.0 if self._began_s is None else max(0.0, turn_s - (now_s - self._began_s))
        return rest_s + (ahead + 1) * turn_s


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

    def ahead(self, *, live: bool) -> int:
        """How many would be served before one more."""
        return len(self._live) if live else len(self)

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
