"""A small program beside the bridge, begun in half a millisecond however much memory the bridge holds.

The loop's own way forks: it copies the tables of all our memory, which took 25 ms at 250 MB, and every call
stood still meanwhile. `subprocess` borrows the memory instead until the program begins (vfork).
May import: the standard library.
"""

import asyncio
import os
import subprocess
from asyncio import StreamReader, StreamReaderProtocol
from collections.abc import Sequence
from typing import IO

SAYS_AT_ONCE = 1 << 16
"""So many bytes the kernel takes for a program that does not read yet (pipe(7))."""


class Spawned:
    """A program with what it is told and what it says; whoever begins one awaits `end`."""

    def __init__(self, command: Sequence[str]) -> None:
        """Begin it. Raises OSError where it is not there."""
        self._process = subprocess.Popen(  # noqa: S603 -- never through a shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.pid = self._process.pid
        self.says = StreamReader()
        self._heard: asyncio.ReadTransport | None = None
        self._listening: asyncio.Task[None] | None = None

    async def tell(self, text: bytes) -> None:
        """Hand it all that it is told, and listen from then on.

        Raises OSError: also where it ended already, or where the text is longer than 64 KiB.
        """
        told, _ = _pipes(self._process)
        # Were this cancelled half way, the loop would close a pipe that we close as well, and what was opened
        # meanwhile under its number, such as another caller's line, would be closed in its place.
        self._listening = asyncio.get_running_loop().create_task(self._listen(), name="listen to a program")
        await asyncio.shield(self._listening)
        os.set_blocking(told.fileno(), False)
        with told:
            if told.write(text[: SAYS_AT_ONCE + 1]) != len(text):
                raise OSError("the text is too long")

    async def _listen(self) -> None:
        _, said = _pipes(self._process)
        loop = asyncio.get_running_loop()
        self._heard, _ = await loop.connect_read_pipe(lambda: StreamReaderProtocol(self.says), said)

    async def end(self, within_s: float) -> None:
        """Wait until it is gone; one that has more to say, or does not go, is killed. Raises TimeoutError."""
        told, said = _pipes(self._process)
        whole = self.says.at_eof()
        if not whole:
            self._process.kill()
        told.close()
        if self._listening is None:
            said.close()
        else:
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._heard is not None:
            self._heard.close()
        try:
            await _gone(self._process, within_s)
        except TimeoutError:
            if not whole:
                raise
            self._process.kill()
            await _gone(self._process, within_s)


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 -- both are pipes
    return process.stdin, process.stdout


async def _gone(process: "subprocess.Popen[bytes]", within_s: float) -> None:
    """Wait until it has ended, and take its exit code."""
    if process.poll() is not None:
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    watched = os.pidfd_open(process.pid)
    loop.add_reader(watched, over.set)
    try:
        async with asyncio.timeout(within_s):
            await over.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)
    process.wait()
