"""One clock tick for all calls of a process, and how late the loop was for it.

One timer that beats for everybody costs less than a timer per call. May import: the standard library.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

BEAT_S = 0.02
EVERY = 5

Beat = Callable[[float], None]


class Members:
    """Who is called, in equal shares: a fifth of them at each beat, so that no beat does everybody's work."""

    def __init__(self) -> None:
        self._shares: list[set[Beat]] = [set() for _ in range(EVERY)]

    def add(self, member: Beat) -> None:
        """Take a member in, where there are fewest."""
        if not any(member in share for share in self._shares):
            min(self._shares, key=len).add(member)

    def discard(self, member: Beat) -> None:
        """Let a member go; one that is not there is no mistake."""
        for share in self._shares:
            share.discard(member)

    def of(self, beat: int) -> tuple[Beat, ...]:
        """Those whose beat this is."""
        return tuple(self._shares[beat % EVERY])


class Pulse:
    """Beats every 20 ms on an absolute schedule; each member is called every fifth beat (100 ms).

    A member takes the loop's time in seconds, returns at once and never raises; one that does is let go.
    """

    def __init__(self, late: Callable[[float], None] | None = None) -> None:
        self.members = Members()
        self._late_s = deque([0.0], maxlen=EVERY)
        self.beaten_at = 0.0
        self._report_late = late
        self._due = 0.0
        self._beats = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to beat on the running loop."""
        loop = asyncio.get_running_loop()
        # What is reckoned from the last beat before there was one is reckoned from here.
        self.beaten_at = loop.time()
        self._due = self.beaten_at + BEAT_S
        self._timer = loop.call_at(self._due, self._beat, loop)

    def stop(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def late_s(self) -> float:
        """The worst lateness of the last five beats, so that no member misses one."""
        return max(self._late_s)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        late_s = max(0.0, now - self._due)
        self._late_s.append(late_s)
        self.beaten_at = now
        if self._report_late is not None:
            self._report_late(late_s)
        # A loop that was held up does not catch up: the beats it missed are gone.
        self._due = max(self._due + BEAT_S, now)
        self._timer = loop.call_at(self._due, self._beat, loop)
        self._beats += 1
        for member in self.members.of(self._beats):
            try:
                member(now)
            except Exception:
                # One clock for all calls: a fault in one call's member must not stop the others' time.
                self.members.discard(member)
                log.exception("a member of the pulse raised and is called no more")
