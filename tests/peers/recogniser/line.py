"""One connection of a client: what it asks is taken, heard, and answered in the manner of its turn.

May import: the standard library, wyoming, this package.
"""

import asyncio
from contextlib import suppress
from typing import Any, Protocol

from wyoming.event import Event, async_read_event, async_write_event

from tests.peers.recogniser.library import Library, Match
from tests.peers.recogniser.manner import Manner
from tests.peers.recogniser.request import Asked
from tests.peers.recogniser.sound import Look

GARBAGE = b'{"type": "transcript", "data_length": 10}\nnot JSON, \x00\xff\xfe\n'
MIDWAY_MS = 1000
LONGEST_MS = 120_000
EVENTS_WAITING = 10_000


class Owner(Protocol):
    """What a line asks of its peer."""

    library: Library

    def opened(self, asked: Asked) -> Manner: ...
    def happened(self) -> None: ...
    def delay_s(self, manner: Manner) -> float: ...


class HangUp(Exception):
    """The connection ends here, as the manner says."""


class Line:
    """A connection; several requests may come on it, one after the other."""

    def __init__(
        self, peer: Owner, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._peer, self._number = peer, number
        self._reader, self._writer = reader, writer
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(EVENTS_WAITING)
        self._closed = asyncio.Event()
        self._asked: Asked | None = None
        self._manner = Manner()

    async def run(self) -> None:
        """Answer until either side closes."""
        try:
            async with asyncio.TaskGroup() as tasks:
                reads = tasks.create_task(self._read(), name="read")
                with suppress(HangUp, ConnectionError):
                    while (event := await self._events.get()) is not None:
                        await self._take(event)
                reads.cancel()
        finally:
            self._over("cancelled")
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _read(self) -> None:
        """Take what comes at once, also while an answer is prepared: a closed connection is noticed."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (event := await async_read_event(self._reader)) is not None:
                await self._events.put(event)
        self._closed.set()
        await self._events.put(None)

    def cut(self) -> None:
        """Break the connection."""
        self._writer.transport.abort()

    async def _take(self, event: Event) -> None:
        try:
            await self._answer(event)
        except (KeyError, TypeError, ValueError) as exc:
            await self._failed(f"{event.type}: {exc}")

    async def _answer(self, event: Event) -> None:
        match event.type:
            case "describe":
                await self._say(Event("info", INFO))
            case "ping":
                await self._say(Event("pong", {"text": event.data.get("text")}))
            case "transcribe":
                self._begin(event.data)
            case "audio-start":
                self._request().of_format(event.data)
            case "audio-chunk":
                self._hear(event)
            case "audio-stop":
                self._request().whole = True
                await self._conclude(self._request())
            case _:
                pass  # A server drops what it does not know.

    def _begin(self, data: dict[str, Any]) -> Asked:
        self._over("cancelled")
        asked = Asked(self._number, data.get("language"), data)
        self._asked, self._manner = asked, self._peer.opened(asked)
        if self._manner.fault == "refuse":
            self._hang_up()
        return asked

    def _request(self) -> Asked:
        """The one under way; `transcribe` may be left out."""
        return self._asked or self._begin({})

    def _hear(self, event: Event) -> None:
        asked = self._request()
        asked.of_format(event.data)
        asked.audio += event.payload or b""
        self._peer.happened()
        if asked.length_ms > LONGEST_MS:
            raise ValueError(f"more than {LONGEST_MS} ms of audio")
        fault = self._manner.fault
        if fault == "close early" or (fault == "close midway" and asked.length_ms >= MIDWAY_MS):
            self._hang_up()

    async def _conclude(self, asked: Asked) -> None:
        manner = self._manner
        if manner.fault in ("close early", "close midway", "close late"):
            self._hang_up()
        asked.matches = await asyncio.to_thread(_heard, self._peer.library, asked)
        if await self._closed_within(self._peer.delay_s(manner)):
            raise HangUp
        text = manner.text
        if text is None:
            text = " ".join(match.text for match in asked.matches)
        await self._give(asked, manner, text)

    async def _closed_within(self, seconds: float) -> bool:
        """Whether the client closes before that; what it says meanwhile waits in the socket."""
        try:
            async with asyncio.timeout(None if self._manner.fault == "mute" else seconds):
                await self._closed.wait()
        except TimeoutError:
            return False
        return True

    async def _give(self, asked: Asked, manner: Manner, text: str) -> None:
        if manner.fault == "garbage":
            self._writer.write(GARBAGE)
            await self._writer.drain()
            self._hang_up()
        if manner.fault == "cut answer":
            self._writer.write(b'{"type": "transcript", "data_le')
            await self._writer.drain()
            self._hang_up()
        if manner.fault == "error":
            await self._say(Event("error", {"text": "recognition failed", "code": "failed"}))
            self._over("fault")
            return
        asked.text = text
        await self._say(Event("transcript", _transcript(asked, manner, text)))
        self._over("answered")

    async def _failed(self, problem: str) -> None:
        if self._asked:
            self._asked.problem = problem
        self._over("wrong")
        await self._say(Event("error", {"text": problem, "code": "bad-request"}))

    async def _say(self, event: Event) -> None:
        await async_write_event(event, self._writer)

    def _hang_up(self) -> None:
        self._over("fault")
        raise HangUp

    def _over(self, outcome: Any) -> None:
        if self._asked is not None:
            self._asked.outcome = outcome
            self._asked.over_s = asyncio.get_running_loop().time()
            self._asked = None
            self._peer.happened()


def _heard(library: Library, asked: Asked) -> list[Match]:
    sound: Look = asked.look()
    return library.matches(sound)


def _transcript(asked: Asked, manner: Manner, text: str) -> dict[str, Any]:
    data: dict[str, Any] = {"text": text, "language": asked.language}
    if manner.confidence is not None:
        no_speech = not text if manner.no_speech is None else manner.no_speech
        data |= {"confidence": manner.confidence, "no_speech": no_speech}
    return data


INFO: dict[str, Any] = {
    "asr": [
        {
            "name": "recogniser-peer",
            "description": "Knows recordings by their sound",
            "attribution": {"name": "", "url": ""},
            "installed": True,
            "version": "1",
            "supports_transcript_streaming": False,
            "models": [
                {
                    "name": "recordings",
                    "description": "What lies in a folder",
                    "attribution": {"name": "", "url": ""},
                    "installed": True,
                    "version": "1",
                    "languages": ["en", "es"],
                }
            ],
        }
    ]
}
