"""The peer: a listening socket, its connections, and what was asked on them.

May import: every module here, wyoming, the realtime peer's bell.
"""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.peers.realtime.bell import PATIENCE_S, Bell
from tests.peers.recogniser.library import Library
from tests.peers.recogniser.line import Line
from tests.peers.recogniser.manner import Manner
from tests.peers.recogniser.request import Asked

T = TypeVar("T")

DELAYS_S = (0.3, 0.7)


class RecogniserPeer:
    """`async with RecogniserPeer(folder, socket=path) as peer:` listens at `peer.uri` until it is left.

    Without a socket's path it is TCP. `manners` are for the coming requests, one each in order; whatever is
    asked beyond them is answered as `usual` says.
    """

    def __init__(
        self,
        folder: Path,
        *,
        socket: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        delays_s: tuple[float, float] = DELAYS_S,
        usual: Manner | None = None,
        seed: int = 7,
    ) -> None:
        self.usual = usual or Manner()
        self.manners: list[Manner] = []
        self.asked: list[Asked] = []
        self.connections = 0
        self._folder, self._socket, self._host, self._port = folder, socket, host, port
        self._delays_s, self._drawn = delays_s, random.Random(seed)
        self._bell = Bell()
        self._open: set[Line] = set()
        self._server: asyncio.Server | None = None

    @property
    def uri(self) -> str:
        """Where it listens, as a client's setting has it."""
        return f"unix://{self._socket}" if self._socket else f"tcp://{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        self.library = await asyncio.to_thread(Library.read, self._folder)
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.vanish()

    async def listen(self) -> None:
        """Begin to listen (again, at the same place)."""
        if self._socket:
            self._server = await asyncio.start_unix_server(self._connected, self._socket)
            return
        self._server = await asyncio.start_server(self._connected, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        """Close every connection and listen no more, as a program that was killed."""
        if self._server is None:
            return
        self._server.close()
        for line in [*self._open]:
            line.cut()
        await self._bell.wait_for(lambda: not self._open, 5.0, lambda: f"{len(self._open)} connections")
        await self._server.wait_closed()
        self._server = None
        if self._socket:
            self._socket.unlink(missing_ok=True)

    # For tests

    def next(self, *manners: Manner) -> None:
        """Answer the coming requests so."""
        self.manners += manners

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = PATIENCE_S) -> T:
        """Wait, event by event, until the predicate is true; return what it returned."""
        return await self._bell.wait_for(predicate, timeout_s, self._story)

    async def request(self, number: int = 1, timeout_s: float = PATIENCE_S) -> Asked:
        """The n-th request since the peer began, from 1, when it is over."""

        def over() -> bool:
            return len(self.asked) >= number and self.asked[number - 1].outcome != "asked"

        await self.wait_for(over, timeout_s)
        return self.asked[number - 1]

    def _story(self) -> str:
        told = [f"{asked.length_ms} ms {asked.outcome} {asked.text!r}" for asked in self.asked[-5:]]
        return f"{self.connections} connections, {len(self.asked)} requests: {told}"

    # For its lines

    def opened(self, asked: Asked) -> Manner:
        """A request has begun; how it is answered."""
        self.asked.append(asked)
        self._bell.ring()
        return self.manners.pop(0) if self.manners else self.usual

    def happened(self) -> None:
        """Somebody may be waiting for this."""
        self._bell.ring()

    def delay_s(self, manner: Manner) -> float:
        """How long the answer takes."""
        return self._drawn.uniform(*self._delays_s) if manner.after_s is None else manner.after_s

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        line = Line(self, self.connections, reader, writer)
        self._open.add(line)
        try:
            await line.run()
        finally:
            self._open.discard(line)
            self._bell.ring()
