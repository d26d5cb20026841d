"""What runs beside the calls for as long as the process lives: no fault of it may end a call.

Work that fails is logged with its traceback, counted, shown by health and begun again after a growing pause.
Looks at the box are taken so, too: one that breaks off costs nobody the others.
What must end the process, such as a store that cannot be opened, is not run here.
May import: the standard library, appliance.service.parts.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from appliance.service.parts import Part, ago

log = logging.getLogger(__name__)

PAUSES_S = (1.0, 5.0, 15.0, 60.0, 300.0)
STEADY_S = 120.0
"""After so long without a failure work counts as well again: longer than its own pauses."""

Work = Callable[[], Awaitable[None]]


@contextmanager
def going_on(broke_off: str, **about: str) -> Iterator[None]:
    """Go on behind what is done in here, whatever it runs into; that is logged in these constant words."""
    try:
        yield
    except Exception:
        # Whatever it was: the calls, or the other looks, go on without it.
        log.exception(broke_off, extra=about)


@dataclass(slots=True)
class _Trouble:
    """Work that has failed: since when, how often in a row, when it begins or began again (by our clock)."""

    since_s: float
    again_s: float = 0.0
    row: int = 0


class Beside:
    """Runs work under a name. `failures` counts since the process began."""

    def __init__(
        self,
        *,
        pauses_s: tuple[float, ...] = PAUSES_S,
        steady_s: float = STEADY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failures: Counter[str] = Counter()
        self._pauses_s = pauses_s
        self._steady_s = steady_s
        self._clock = clock
        self._troubles: dict[str, _Trouble] = {}

    async def keep(self, name: str, work: Work) -> None:
        """Do the work until cancelled, whatever comes of it."""
        while True:
            with going_on("work beside the calls failed", task=name):
                await work()
                log.error("work beside the calls has ended", extra={"task": name})
            await asyncio.sleep(self._failed(name))

    def _failed(self, name: str) -> float:
        """Note a failure; return the pause after it."""
        now_s = self._clock()
        self.failures[name] += 1
        trouble = self._trouble(name, now_s) or _Trouble(now_s)
        pause_s = self._pauses_s[min(trouble.row, len(self._pauses_s) - 1)]
        trouble.row, trouble.again_s = trouble.row + 1, now_s + pause_s
        self._troubles[name] = trouble
        return pause_s

    def _trouble(self, name: str, now_s: float) -> _Trouble | None:
        """What is the matter with this work, if it is not well again."""
        trouble = self._troubles.get(name)
        if trouble is not None and now_s - trouble.again_s > self._steady_s:
            self._troubles.pop(name)
            return None
        return trouble

    def part(self) -> Part:
        """All of it, for health: each that failed lately, and when it begins again if it waits for that."""
        now_s = self._clock()
        found = {name: self._trouble(name, now_s) for name in tuple(self._troubles)}
        failing = {name: self._told(name, each, now_s) for name, each in found.items() if each is not None}
        return Part("failing", False, failing) if failing else Part("ok")

    def _told(self, name: str, trouble: _Trouble, now_s: float) -> dict[str, object]:
        waits_s = trouble.again_s - now_s
        soon = {"again_s": round(waits_s, 1)} if waits_s > 0 else {}
        return {"since": ago(now_s - trouble.since_s), "failures": self.failures[name], **soon}
