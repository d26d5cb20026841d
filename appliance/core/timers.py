"""The timers of a call. Each start is a generation, so that a ring on its way to a stopped timer is known.

May import: the standard library, appliance.core.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.commands import StartTimer

LEAST_LEFT_MS = 300
"""Of a wait that was learnt of late so much is left all the same: what it waits for may be about to come."""


@dataclass(frozen=True, slots=True)
class Rang:
    """A timer has run out, and waits in the inbox to be looked at."""

    name: str
    generation: int


class Timers:
    """Starts, stops and tells apart; `rings` is called on the loop when one runs out."""

    def __init__(self, rings: Callable[[Rang], None]) -> None:
        self._rings = rings
        self._running: dict[str, tuple[Rang, asyncio.TimerHandle]] = {}
        self._generation = 0

    def start(self, timer: StartTimer, now_ms: int) -> None:
        """Ring when it is due, at `now_ms` of the call; one of the same name starts anew."""
        name = timer.name
        self.stop(name)
        self._generation += 1
        rang = Rang(name, self._generation)
        left_ms = timer.ms
        if timer.since_ms >= 0:
            left_ms = max(min(left_ms, LEAST_LEFT_MS), left_ms - max(0, now_ms - timer.since_ms))
        handle = asyncio.get_running_loop().call_later(left_ms / 1000, self._rings, rang)
        self._running[name] = rang, handle

    def stop(self, name: str) -> None:
        """Forget a timer, and its ring if that is under way."""
        running = self._running.pop(name, None)
        if running is not None:
            running[1].cancel()

    def over(self, rang: Rang) -> bool:
        """Whether this ring still counts; it does so once."""
        running = self._running.get(rang.name)
        if running is None or running[0] != rang:
            return False
        del self._running[rang.name]
        return True

    def close(self) -> None:
        """Ring no more."""
        for name in [*self._running]:
            self.stop(name)
