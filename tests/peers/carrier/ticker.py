"""The one 20 ms clock of all streams: an absolute schedule, late ticks are caught up and never dropped.

May import: the standard library.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TICK_S = 0.020
PHASES = 4
"""Streams are spread over this many moments of each tick, as calls are in the world."""

Tick = Callable[[], None]


class Ticker:
    """Calls each subscribed function 50 times a second; `latest_s` is the worst delay of a tick."""

    def __init__(self) -> None:
        self.latest_s = 0.0
        self._phases: list[dict[Tick, None]] = [{} for _ in range(PHASES)]
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Tick until cancelled; without subscribers, stand still."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wanted.wait()
            started, slot = loop.time(), 0
            while self._wanted.is_set():
                if phase := self._phases[slot % PHASES]:
                    due = started + slot * TICK_S / PHASES
                    await asyncio.sleep(max(0.0, due - loop.time()))
                    self.latest_s = max(self.latest_s, loop.time() - due)
                    for tick in list(phase):
                        tick()
                slot += 1

    @contextmanager
    def calling(self, tick: Tick) -> Iterator[None]:
        """Have a function called at each tick while in here."""
        phase = min(self._phases, key=len)
        phase[tick] = None
        self._wanted.set()
        try:
            yield
        finally:
            del phase[tick]
            if not any(self._phases):
                self._wanted.clear()
