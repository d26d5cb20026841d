"""A bridge under test: a process of its own on its own core, started afresh for each run.

May import: the standard library, click, orjson, and of the bench carrier, process.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import orjson
from click import ClickException

from scripts.bench.carrier import Entry
from scripts.bench.process import CORES, cpu_s, favour, memory_mib

READY_S = 20.0
ROOT = Path(__file__).resolve().parents[2]


class SubjectFailed(ClickException):
    """The bridge did not start, or went away."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the subject's event loop was within a window, in seconds."""

    p50: float
    p99: float
    longest: float


class Subject(Protocol):
    """A bridge that is running while this is entered."""

    name: str

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def entry(self, number: int) -> Entry:
        """Announce a call; say where its media connection goes."""
        ...

    async def lateness(self) -> Lateness | None:
        """How late its loop was since this was last asked."""
        ...


class Child:
    """A process on the subject's core, read by lines; a `favoured` one goes before others there.

    It does not outlive this one, however this one ends.
    """

    def __init__(
        self, command: Sequence[str], env: dict[str, str] | None = None, *, favoured: bool = True
    ) -> None:
        self._command, self._env, self._favoured = command, env, favoured
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None or self._process.returncode is not None:
            raise SubjectFailed(f"{self._command[0]} is not running")
        return self._process.pid

    async def start(self) -> None:
        """Start it there."""
        # Both are inherited, and given by programs, since code between fork and exec is no longer safe.
        pin = ["taskset", "--cpu-list", str(CORES[0])] if CORES else []
        pin += ["setpriv", "--pdeathsig", "TERM"]
        self._process = await asyncio.create_subprocess_exec(
            *pin,
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **(self._env or {})},
            start_new_session=True,
        )
        if self._favoured:
            favour(self._process.pid)

    async def said(self, within_s: float = READY_S) -> dict[str, Any]:
        """Its next line, as JSON."""
        if self._process is None or self._process.stdout is None:
            raise SubjectFailed("not started")
        async with asyncio.timeout(within_s):
            line = await self._process.stdout.readline()
        if not line:
            raise SubjectFailed(f"{' '.join(self._command)} ended with {await self._process.wait()}")
        said: dict[str, Any] = orjson.loads(line)
        return said

    def signal(self, which: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, which)

    async def stop(self) -> None:
        """End it, gently first."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(8):
                await self._process.communicate()
        except TimeoutError:
            self._process.kill()
            await self._process.communicate()


class Yardstick:
    """A bridge that speaks to the bench as minimal.py does; other ones are measured by naming their file."""

    def __init__(self, name: str, cloud: str, *options: str, command: Sequence[str] = ()) -> None:
        self.name = name
        base = command or [sys.executable, "-m", "scripts.bench.minimal"]
        self._child = Child([*base, cloud, *options])
        self._port = 0

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    async def __aenter__(self) -> Self:
        await self._child.start()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._child.stop)
            self._port = int((await self._child.said())["port"])
            undo.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._child.stop()

    async def entry(self, number: int) -> Entry:
        """Anybody may come in."""
        return Entry(self._port)

    async def lateness(self) -> Lateness | None:
        """What its probe saw."""
        self._child.signal(signal.SIGUSR1)
        said = await self._child.said()
        return Lateness(said["late_p50"], said["late_p99"], said["late_max"])


def cost_of(subject: Subject) -> tuple[float, float]:
    """The CPU seconds and the MiB of a subject so far."""
    return cpu_s(subject.pid), memory_mib(subject.pid)
