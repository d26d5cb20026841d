"""A way between two phones on which chosen messages are lost.

Each phone has its end of the relay as its proxy. May import: the standard library, this package's address and
message.
"""

import asyncio
from collections import Counter
from types import TracebackType
from typing import Self

from tests.peers.phone.address import Where
from tests.peers.phone.message import Request, parse


def label(data: bytes) -> str:
    """`INVITE`, or `200 INVITE` for an answer to one."""
    message = parse(data)
    if isinstance(message, Request):
        return message.method
    return f"{message.status} {message.seq_method}"


class End(asyncio.DatagramProtocol):
    """The socket near one of the phones."""

    def __init__(self, relay: "Relay") -> None:
        self._relay = relay
        self.other: End = self
        self.phone: Where = ("127.0.0.1", 0)
        """Where the phone of this end is."""
        self.closed = asyncio.Event()

    async def open(self) -> None:
        """Listen at any port."""
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.where: Where = self.transport.get_extra_info("sockname")[:2]

    async def close(self) -> None:
        self.transport.close()
        await self.closed.wait()

    def datagram_received(self, data: bytes, addr: Where) -> None:
        if self._relay.passes(label(data)):
            self.other.transport.sendto(data, self.other.phone)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


class Relay:
    """`async with Relay() as relay:`, then tell each end where its phone is."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.passed: list[str] = []
        self._to_lose: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self.left, self.right = End(self), End(self)
        self.left.other, self.right.other = self.right, self.left
        await self.left.open()
        await self.right.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.left.close()
        await self.right.close()

    def lose(self, what: str, times: int = 1) -> None:
        """Lose the next messages of this kind: `ACK`, `200 INVITE`."""
        self._to_lose[what] += times

    def heal(self) -> None:
        """Lose nothing more."""
        self._to_lose.clear()

    def passes(self, what: str) -> bool:
        """Whether it goes on."""
        lost = self._to_lose[what] > 0
        self._to_lose[what] -= lost
        (self.lost if lost else self.passed).append(what)
        return not lost
