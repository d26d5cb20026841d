"""What new connections to the cloud meet: an open door, or one that is shut in one of the ways.

May import: the standard library, tests.peers.realtime, this package's ways and network.
"""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from tests.faults.network import NameServer
from tests.faults.ways import DoorWay
from tests.peers.realtime import Fault, RealtimePeer

DNS_PORT = 53
ONE_SERVER = asyncio.Lock()


class Door:
    """The cloud's door. Sessions that are open never notice."""

    def __init__(self, cloud: RealtimePeer) -> None:
        self._cloud = cloud
        self._hung: asyncio.Server | None = None
        self._names: NameServer | None = None
        self._stack = AsyncExitStack()
        self._shut: DoorWay | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._hung is not None:
            self._hung.close()
        await self._stack.aclose()

    async def name(self) -> None:
        """Answer questions about names in this namespace; one door at a time does."""
        await self._stack.enter_async_context(ONE_SERVER)
        loop = asyncio.get_running_loop()
        address = ("127.0.0.1", DNS_PORT)
        transport, self._names = await loop.create_datagram_endpoint(NameServer, local_addr=address)
        self._stack.callback(transport.close)

    def refuse(self) -> None:
        """Turn everybody away who comes."""
        self._cloud.fault_at("connect", "refuse", status=503, times=0)

    async def shut(self, way: DoorWay) -> None:
        """Let whoever comes meet this."""
        self._shut = way
        for fault in way.faults:
            self._fail(fault)
        if way.closed or way.hangs:
            await self._cloud.shut()
        if way.hangs:
            self._hung = await asyncio.start_server(_never, "127.0.0.1", self._cloud.port)
        if self._names is not None:
            self._names.answers = not way.nameless

    async def open(self) -> None:
        """Let everybody in again."""
        self._cloud.forgive()
        if self._hung is not None:
            self._hung.close()
            self._hung = None
        if self._shut is not None and (self._shut.closed or self._shut.hangs):
            await self._cloud.listen()
        if self._names is not None:
            self._names.answers = True
        self._shut = None

    def _fail(self, fault: Fault) -> None:
        self._cloud.fault_at(
            "connect", fault.kind, status=fault.status, code=fault.code, type=fault.type, times=fault.times
        )


async def _never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take whatever is sent and answer nothing, until the other side is gone."""
    try:
        while await reader.read(4096):
            pass
    except ConnectionError:
        return
    finally:
        writer.close()
