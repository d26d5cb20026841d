"""The leg on a WebSocket of its own: when it may send, and that only whole frames go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import orjson
from aiohttp import web

from appliance.core.dispositions import Disposition
from appliance.core.events import Event
from ari_bridge.leg import AsteriskLeg
from tests.peers.realtime.bell import Bell

WAIT_S = 5.0
FRAME = 160


@dataclass
class Ears:
    """Notes what a leg reports."""

    events: list[Event] = field(default_factory=list)
    thrown_away_ms: list[int] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)

    async def caller_audio(self, audio: bytes) -> None:
        self.bell.ring()

    def mark_reached(self, mark: str) -> None:
        self.marks.append(mark)
        self.bell.ring()

    def thrown_away(self, unplayed_ms: int) -> None:
        self.thrown_away_ms.append(unplayed_ms)
        self.bell.ring()

    def happened(self, event: Event) -> None:
        self.events.append(event)
        self.bell.ring()


@dataclass
class Wire:
    """A leg, who listens to it, and Asterisk's end of the connection."""

    leg: AsteriskLeg
    ears: Ears
    ws: aiohttp.ClientWebSocketResponse

    async def tell(self, event: str, **fields: object) -> None:
        """Asterisk says something, and the leg has taken it: its mark behind it is known."""
        mark = f"after-{len(self.ears.marks)}"
        for message in (
            {"event": event, **fields},
            {"event": "MEDIA_MARK_PROCESSED", "correlation_id": mark},
        ):
            await self.ws.send_str(orjson.dumps(message).decode())
        await self.ears.bell.wait_for(lambda: mark in self.ears.marks, WAIT_S, str)

    async def sent(self) -> bytes | dict[str, str]:
        """The next that the leg sends: sound, or a command."""
        message = await self.ws.receive(timeout=WAIT_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            return bytes(message.data)
        command: dict[str, str] = orjson.loads(message.data)
        return command


@asynccontextmanager
async def connected() -> AsyncIterator[Wire]:
    made: asyncio.Future[AsteriskLeg] = asyncio.get_running_loop().create_future()
    ears = Ears()

    async def leave(_disposition: Disposition) -> None: ...

    async def media(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        async with AsteriskLeg(ws, "ulaw_8k", leave, lambda: False) as leg:
            made.set_result(leg)
            await leg.listen(ears)
        return ws

    app = web.Application()
    app.router.add_get("/", media)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        async with aiohttp.ClientSession() as http, http.ws_connect(site.name) as ws:
            yield Wire(await made, ears, ws)
    finally:
        await runner.cleanup()


async def test_nothing_is_sent_while_the_queue_is_full_and_it_goes_on_when_there_is_room() -> None:
    async with connected() as wire, asyncio.TaskGroup() as tasks:
        await wire.tell("MEDIA_XOFF")
        playing = tasks.create_task(wire.leg.play(b"\x01" * FRAME, "1-1"), name="play")
        # What is said about the queue is asked for at once; the sound waits.
        await wire.leg.clear()
        assert [await wire.sent(), await wire.sent()] == [
            {"command": "GET_STATUS"},
            {"command": "FLUSH_MEDIA"},
        ]
        assert not playing.done()
        await wire.tell("MEDIA_XON")
        assert await wire.sent() == b"\x01" * FRAME
        assert await wire.sent() == {"command": "MARK_MEDIA", "correlation_id": "1-1"}


async def test_what_has_no_room_for_too_long_is_not_played_and_holds_nobody_up() -> None:
    async with connected() as wire:
        await wire.tell("MEDIA_XOFF")
        async with asyncio.timeout(WAIT_S):
            await wire.leg.play(b"\x01" * FRAME, "1-1")
        await wire.tell("MEDIA_XON")
        await wire.leg.play(b"\x02" * FRAME, "1-2")
        assert await wire.sent() == b"\x02" * FRAME


async def test_only_whole_frames_are_sent() -> None:
    async with connected() as wire:
        await wire.leg.play(b"\x01" * (FRAME + 40), "1-1")
        assert await wire.sent() == b"\x01" * (FRAME + 40) + b"\xff" * (FRAME - 40)


async def test_of_clears_in_a_row_the_last_tells_what_was_thrown_away() -> None:
    async with connected() as wire:
        await wire.leg.clear()
        await wire.leg.clear()
        await wire.tell("STATUS", queue_length=40)
        assert wire.ears.thrown_away_ms == []
        await wire.tell("STATUS", queue_length=3)
        assert wire.ears.thrown_away_ms == [60]
