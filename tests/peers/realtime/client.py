"""A client of the realtime protocol for tests: it sends what it is told and keeps all it gets.

May import: bell, aiohttp, orjson.
"""

import asyncio
import ssl
from base64 import b64decode, b64encode
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from tests.peers.realtime.bell import PATIENCE_S, Bell

Event = dict[str, Any]

CLOSE_S = 0.5
MODEL = "gpt-realtime-2.1-mini"

LOUD = bytes([0x10, 0x90] * 80)
"""20 ms of mu-law, far above any threshold."""
QUIET = b"\xff" * 160


class RealtimeClient:
    """`async with RealtimeClient(url) as client:`; `events` is what came, in order."""

    def __init__(
        self, url: str, *, model: str = MODEL, tls: ssl.SSLContext | None = None, **headers: str
    ) -> None:
        self.events: list[Event] = []
        self.strange: list[bytes | str] = []
        """What came and was no JSON object."""
        self.close_code: int | None = None
        self._url = f"{url}/realtime?model={model}"
        self._headers = {"Authorization": "Bearer sk-test"} | headers
        self._tls = tls or True
        self._bell = Bell()
        self._looked = 0

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        try:
            self._ws = await self._http.ws_connect(
                self._url,
                headers=self._headers,
                ssl=self._tls,
                max_msg_size=32 << 20,
                decode_text=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
            )
        except BaseException:
            await self._http.close()
            raise
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._reader = self._tasks.create_task(self._read(), name="realtime client")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._ws.close()
        self._reader.cancel()
        await self._tasks.__aexit__(None, None, None)
        await self._http.close()

    async def _read(self) -> None:
        while True:
            message = await self._ws.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self._take(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                self.strange.append(message.data)
            else:
                break
            self._bell.ring()
        self.close_code = self._ws.close_code or 1006
        self._bell.ring()

    def _take(self, frame: bytes) -> None:
        try:
            self.events.append(orjson.loads(frame))
        except orjson.JSONDecodeError:
            self.strange.append(frame)

    async def send(self, kind: str, **fields: Any) -> None:
        await self.send_text(orjson.dumps({"type": kind, **fields}))

    async def send_text(self, frame: bytes) -> None:
        await self._ws.send_frame(frame, aiohttp.WSMsgType.TEXT)

    async def send_bytes(self, frame: bytes) -> None:
        await self._ws.send_bytes(frame)

    async def append(self, audio: bytes) -> None:
        await self.send("input_audio_buffer.append", audio=b64encode(audio).decode())

    async def speak(self, loud_ms: int = 400, quiet_ms: int = 600) -> None:
        """Say something in mu-law and fall silent, as fast as the socket takes it."""
        for _ in range(loud_ms // 20):
            await self.append(LOUD)
        for _ in range(quiet_ms // 20):
            await self.append(QUIET)

    async def configure(self, **session: Any) -> Event:
        await self.send("session.update", session={"type": "realtime", **session})
        return await self.until("session.updated")

    async def telephone(self, **turn_detection: Any) -> Event:
        """The settings of a call: mu-law both ways, server VAD, transcripts."""
        detection = {"type": "server_vad", **turn_detection}
        ulaw = {"type": "audio/pcmu"}
        heard = {"format": ulaw, "turn_detection": detection, "transcription": {"model": "gpt-transcribe"}}
        return await self.configure(audio={"input": heard, "output": {"format": ulaw, "voice": "marin"}})

    async def greeted(self) -> Event:
        """Have a first response to its end; return it."""
        await self.telephone()
        await self.send("response.create")
        return await self.response()

    async def response(self) -> Event:
        """The next response that is done."""
        response: Event = (await self.until("response.done"))["response"]
        return response

    async def until(self, kind: str, timeout_s: float = PATIENCE_S) -> Event:
        """The next event of a type after the one found last; earlier ones are passed over."""

        def found() -> Event | None:
            while self._looked < len(self.events):
                self._looked += 1
                if self.events[self._looked - 1]["type"] == kind:
                    return self.events[self._looked - 1]
            return None

        event = await self._bell.wait_for(found, timeout_s, lambda: f"no {kind} in {self.types()[-20:]}")
        assert event
        return event

    async def error(self) -> Event:
        error: Event = (await self.until("error"))["error"]
        return error

    async def closed(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait for the end of the connection; its close code, 1006 when it was cut."""
        await self._bell.wait_for(
            lambda: self.close_code is not None, timeout_s, lambda: f"open after {self.types()[-5:]}"
        )
        return self.close_code or 1006

    async def strangeness(self) -> bytes | str:
        await self._bell.wait_for(lambda: bool(self.strange), 5.0, lambda: "nothing strange")
        return self.strange[-1]

    def audio_of(self, item_id: str) -> bytes:
        """All the audio that came of an item."""
        deltas = [
            event["delta"] for event in self.of("response.output_audio.delta") if event["item_id"] == item_id
        ]
        return b"".join(b64decode(delta) for delta in deltas)

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]
