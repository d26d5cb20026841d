"""A synthesiser that speaks the Wyoming protocol on a real socket, and misbehaves on demand.

It answers a text with a tone whose length depends on the text, in chunks; each text may be answered in its
own manner. Built on the server of the `wyoming` package. May import: the standard library, numpy, wyoming.
"""

import asyncio
import math
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from wyoming.event import Event
from wyoming.server import AsyncEventHandler, AsyncServer

Manner = Literal[
    "speaks",
    "stalls",  # never answers
    "refuses",  # says that it failed
    "breaks_off",  # half of the sound, then the connection is closed
    "falls_silent",  # half of the sound, then nothing
    "garbage",  # what is no Wyoming
    "mute",  # the end at once
    "silence",  # sound without a sound
    "endless",  # a sound that never ends
]
CHUNK = 1024


def tone_ms(text: str) -> int:
    """How long the tone of a text is."""
    return 200 + 40 * len(text)


@dataclass
class SynthesiserPeer:
    """Serves while it is entered. `manners` are those of the texts in the order asked; the last one stays."""

    manners: Sequence[Manner] = ("speaks",)
    rate: int = 22050
    amplitude: int = 6000
    lead_ms: int = 0
    """Silence before and behind each tone."""
    voice: str = ""
    """Whose voice it says that it is; nothing, as servers of other kinds do."""

    asked: list[Event] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client has closed its connection."""

    async def __aenter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="speech"))
        self.address = f"unix://{self._folder / 'socket'}"
        self._server = AsyncServer.from_uri(self.address)
        await self._server.start(lambda reader, writer: _Answering(self, reader, writer))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()
        shutil.rmtree(self._folder)

    async def stop(self) -> None:
        """Be gone: all connections closed, nothing listens."""
        await self._server.stop()

    @property
    def texts(self) -> list[str]:
        """What it was asked to say."""
        return [event.data["text"] for event in self.asked]

    def manner(self) -> Manner:
        """How the text that was asked for last is answered."""
        return self.manners[min(len(self.asked), len(self.manners)) - 1]

    def sound(self, text: str) -> bytes:
        """The tone of a text."""
        time = np.arange(self.rate * tone_ms(text) // 1000) / self.rate
        tone = np.round(self.amplitude * np.sin(2 * math.pi * 440 * time)).astype("<i2").tobytes()
        silence = bytes(2 * (self.rate * self.lead_ms // 1000))
        return silence + tone + silence


class _Answering(AsyncEventHandler):
    """One connection."""

    def __init__(
        self, peer: SynthesiserPeer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self._peer = peer

    async def handle_event(self, event: Event) -> bool:
        if event.type != "synthesize":
            return True
        self._peer.asked.append(event)
        try:
            return await self._answered(self._peer.sound(event.data["text"]), self._peer.manner())
        except ConnectionError:
            return False

    async def disconnect(self) -> None:
        self._peer.left.set()

    async def _answered(self, sound: bytes, manner: Manner) -> bool:
        """Answer; whether the connection stays."""
        match manner:
            case "stalls":
                return True
            case "refuses":
                await self.write_event(Event("error", {"text": "no voice", "code": "unavailable"}))
                return True
            case "garbage":
                self.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                await self.writer.drain()
                return True
            case "mute":
                sound = b""
            case "silence":
                sound = bytes(len(sound))
        await self.write_event(Event("audio-start", self._format()))
        if manner in {"breaks_off", "falls_silent"}:
            await self._chunks(sound[: len(sound) // 4 * 2])
            return manner == "falls_silent"
        await self._chunks(sound)
        while manner == "endless":
            await self._chunks(sound)
        await self.write_event(Event("audio-stop", {"timestamp": None}))
        return True

    async def _chunks(self, sound: bytes) -> None:
        for at in range(0, len(sound), CHUNK * 2):
            told = self._format() | ({"voice": self._peer.voice} if self._peer.voice else {})
            await self.write_event(Event("audio-chunk", told, sound[at : at + CHUNK * 2]))

    def _format(self) -> dict[str, Any]:
        return {"rate": self._peer.rate, "width": 2, "channels": 1}
