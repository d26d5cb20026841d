"""How late the peers themselves are, and the machine, so that a test can tell a late peer from a late box.

A peer that measures how soon the box answers sees its own delay too: an answer lies in the socket unread
while its loop does other things, or has no core. But the loop knows when it last looked: what was not there
then came later. `WatchedLoop` keeps those times. How long a process had no core is counted by the kernel.

May import: the standard library.
"""

import asyncio
import os
import selectors
import time
from array import array
from bisect import bisect_left, bisect_right
from contextlib import suppress
from pathlib import Path
from typing import Any

LOOK_S = 0.1


class Looks(selectors.DefaultSelector):
    """A selector that remembers when it began and ended each look at the sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.began_s = array("d")
        self.ended_s = array("d")

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.began_s.append(time.monotonic())
        found = super().select(timeout)
        self.ended_s.append(time.monotonic())
        return found

    def written_s(self, looks: int) -> float:
        """What a task gave to another to be written, after so many looks, was in the socket by then."""
        # The other runs after the next look, and has written before the one behind that.
        return self.began_s[looks + 1]

    def not_before_s(self, looks: int) -> float:
        """What a task read from a socket, after so many looks, came later than that."""
        # It was taken in after the look before the last, so that the one before that had not found it.
        return self.ended_s[looks - 3]


class WatchedLoop(asyncio.SelectorEventLoop):
    """An event loop that knows how late it was; give it to a Runner as its loop_factory."""

    def __init__(self) -> None:
        self.looks = Looks()
        super().__init__(self.looks)


def looks_so_far() -> int:
    """How often the running loop has looked at its sockets; 0 when nobody counts."""
    loop: Any = asyncio.get_running_loop()
    return len(loop.looks.ended_s) if isinstance(loop, WatchedLoop) else 0


def waited_for_core_s(pid: int) -> float:
    """Seconds that the main thread of a process was ready to run and had no core."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        # It is gone, or the kernel does not count.
        return 0.0


def own_s() -> float:
    """A monotonic clock that stands still while this process is ready to run and has no core."""
    return time.monotonic() - waited_for_core_s(os.getpid())


def all_waited_for_core_s(pid: int) -> float:
    """The same of all its threads together."""
    waited_ns = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        # A thread may end while we look, and a kernel may not count.
        with suppress(OSError):
            waited_ns += int(task.read_text().split()[1])
    return waited_ns / 1e9


def stolen_s() -> float:
    """Seconds in which the host gave this machine's cores to others, which no process here sees."""
    cores = Path("/proc/stat").read_text().split(maxsplit=9)
    return int(cores[8]) / os.sysconf("SC_CLK_TCK")


class Crowding:
    """How long these processes, or all, had no core, over time: what is late then, the machine made late."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._at_s: list[float] = []
        self._waited_s: list[float] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Write down how long they have waited so far."""
        self._at_s.append(time.monotonic())
        self._waited_s.append(sum(map(all_waited_for_core_s, self._pids)) + stolen_s())

    def ms(self, from_s: float, to_s: float) -> float:
        """How many ms in this time, to the nearest looks outside of it."""
        if not self._at_s:
            return 0.0
        first = max(0, bisect_right(self._at_s, from_s) - 1)
        last = min(len(self._at_s) - 1, bisect_left(self._at_s, to_s))
        return (self._waited_s[last] - self._waited_s[first]) * 1000

    @property
    def worst_ms(self) -> float:
        """The most within any second."""
        return max((self.ms(at_s, at_s + 1) for at_s in self._at_s), default=0.0)
