"""A peer that says on the wire exactly what it is told to, wrong or right.

May import: the standard library, models.wyoming_wire, tests.speech.program.
"""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from wyoming.event import Event

from models import wyoming_wire as wire
from tests.speech.program import WAIT_S


class Peer:
    """One connection."""

    def __init__(self, uri: str) -> None:
        self._where = urlsplit(uri)
        self._came: list[Event] = []
        self._events = wire.EventReader()

    async def __aenter__(self) -> Self:
        self._reader, self.writer = await asyncio.open_unix_connection(self._where.path)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    async def send(self, *events: Event) -> None:
        """Send events."""
        await self.raw(b"".join(wire.packed(event) for event in events))

    async def raw(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def recognise(self, pcm: bytes, **asked: object) -> None:
        """Ask for a recognition as others do."""
        events = (
            Event("transcribe", {"language": "en", **asked}),
            wire.audio_start(16000),
            *wire.chunks(pcm, 16000),
        )
        await self.send(*events, wire.audio_stop())

    async def next(self, *kinds: str) -> Event:
        """The next event of these kinds; any when none is named."""
        async with asyncio.timeout(WAIT_S):
            while True:
                while self._came:
                    event = self._came.pop(0)
                    if not kinds or event.type in kinds:
                        return event
                data = await self._reader.read(65536)
                assert data, "the program closed the connection"
                self._came += self._events.feed(data)

    async def closed(self) -> list[Event]:
        """What still came before the program closed the connection."""
        async with asyncio.timeout(WAIT_S):
            try:
                while data := await self._reader.read(65536):
                    self._came += self._events.feed(data)
            except ConnectionError:
                return self._came
        return self._came
