"""The other side: asks the process that forks for a child, and holds it. May import: the standard library."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

LONGEST_ANSWER = 32
ROOT = Path(__file__).parent.parent.parent


class Forked:
    """A process that was begun so, with what we use of asyncio's own."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, line: socket.socket) -> None:
        self.pid = pid
        self.stdout = stdout
        self._line = line
        self._status: int | None = None
        self._waiting = asyncio.Lock()

    @property
    def returncode(self) -> int | None:
        """Its status, or the negative number of the signal, once it has ended."""
        if self._status is None:
            with suppress(BlockingIOError):
                self._ended(self._line.recv(LONGEST_ANSWER))
        return self._status

    async def wait(self) -> int:
        """Wait for its end; its status as above."""
        async with self._waiting:
            while (status := self.returncode) is None:
                self._ended(await asyncio.get_running_loop().sock_recv(self._line, LONGEST_ANSWER))
        return status

    def _ended(self, told: bytes) -> None:
        self._status = int(told or b"-9")
        self._line.close()

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it prints, at its end."""
        said = await self.stdout.read()
        await self.wait()
        return said, b""


class Nursery:
    """The process that forks, begun when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "warm.sock"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    async def begin(self, arguments: list[str], stderr: int) -> Forked:
        """Run `attendant` with these arguments; its standard output is read by us. Raises OSError."""
        await asyncio.to_thread(self._ready)
        loop = asyncio.get_running_loop()
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.setblocking(False)
        await loop.sock_connect(line, str(self._path))
        ours, theirs = os.pipe()
        job = {"arguments": arguments, "environment": {**os.environ, "PYTHONPATH": str(ROOT)}}
        socket.send_fds(line, [json.dumps(job).encode()], [theirs, stderr])
        os.close(theirs)
        stdout = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), os.fdopen(ours, "rb", 0))
        return Forked(int(await loop.sock_recv(line, LONGEST_ANSWER)), stdout, line)

    def _ready(self) -> None:
        with self._lock:
            if self._process is not None:
                return
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(self._path)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            if self._process.stdout and not self._process.stdout.readline():
                raise OSError("the process that forks did not begin")

    def close(self) -> None:
        """End it, and all that it began."""
        if self._process is not None:
            self._process.communicate()
