"""How late the loop of a yardstick bridge is: a sleeper that notes when it is really woken.

It speaks to the bench in lines of JSON: what is said on stdout, SIGUSR1 to begin anew, SIGTERM to stop. May
import: the standard library.
"""

import asyncio
import json
import signal
import sys
from time import monotonic
from types import TracebackType
from typing import Self

EVERY_S = 0.05


class Probe:
    """Entered while the bridge runs; prints what it saw when it is left."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGUSR1, self._report)
        self._task = loop.create_task(self._watch(), name="probe")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    def say(self, **fields: object) -> None:
        """Tell the bench something."""
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()

    async def told_to_stop(self) -> None:
        """Return when the bench has had enough."""
        await self._stop.wait()

    def _report(self) -> None:
        late = sorted(self._late) or [0.0]
        self._late.clear()
        self.say(late_p50=late[len(late) // 2], late_p99=late[len(late) * 99 // 100], late_max=late[-1])

    async def _watch(self) -> None:
        while True:
            due = monotonic() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._late.append(monotonic() - due)
