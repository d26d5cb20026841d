"""A media stream as a leg: what ends it, and that what is told of the end is true."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from appliance.core.dispositions import PEOPLE
from appliance.core.events import CallAnswered, CallerHungUp, Event, LegFailed
from tests.wire import raw
from twilio_bridge.leg import TwilioLeg
from twilio_bridge.media_stream import StreamReader

STREAM = "MZ" + "1" * 32
START = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": STREAM,
    "start": {
        "callSid": "CA" + "1" * 32,
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}
STOP = {"event": "stop", "sequenceNumber": "2", "streamSid": STREAM}


@dataclass
class Ears:
    """Notes what a leg reports."""

    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)

    async def caller_audio(self, ulaw_8k: bytes) -> None:
        raise AssertionError("no audio was sent")

    def thrown_away(self, unplayed_ms: int) -> None:
        raise AssertionError("this carrier returns marks")

    def mark_reached(self, mark: str) -> None:
        raise AssertionError("no mark was sent")

    def happened(self, event: Event) -> None:
        self.events.put_nowait(event)


class Listener:
    """Holds one stream at a real socket."""

    def __init__(self) -> None:
        self.ears = Ears()
        self.stopping = False
        self.leg: TwilioLeg
        self.ws: web.WebSocketResponse
        self.over = asyncio.Event()
        self.port = 0

    async def hold(self, request: web.Request) -> web.WebSocketResponse:
        self.ws = web.WebSocketResponse(timeout=0.2)
        await self.ws.prepare(request)
        reader = StreamReader()
        reader.read(orjson.dumps(START))
        self.leg = TwilioLeg(self.ws, reader, asyncio.Event().wait, lambda: self.stopping)  # type: ignore[arg-type]
        await self.leg.listen(self.ears)
        self.over.set()
        return self.ws

    async def told(self) -> Event:
        async with asyncio.timeout(5):
            return await self.ears.events.get()


@pytest_asyncio.fixture
async def listener() -> AsyncIterator[Listener]:
    made = Listener()
    app = web.Application()
    app.add_routes([web.get("/", made.hold)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


End = Callable[[raw.Connection], Awaitable[None]]


def sends(data: bytes) -> End:
    async def end(connection: raw.Connection) -> None:
        await connection.send(data)

    return end


async def breaks(connection: raw.Connection) -> None:
    connection.writer.transport.abort()


async def ends(connection: raw.Connection) -> None:
    connection.writer.write_eof()


def closes(code: int | None) -> End:
    return sends(raw.frame(raw.OPCODES["close"], b"" if code is None else code.to_bytes(2, "big")))


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (sends(raw.frame(raw.OPCODES["text"], orjson.dumps(STOP))), CallerHungUp()),
        (closes(1000), CallerHungUp()),
        (closes(None), CallerHungUp()),
        (closes(1001), LegFailed("the carrier closed the stream with 1001")),
        (closes(1011), LegFailed("the carrier closed the stream with 1011")),
        (breaks, LegFailed("the connection was lost")),
        (ends, LegFailed("the connection was lost")),
        (sends(raw.frame(raw.OPCODES["binary"], b"x")), LegFailed("a binary message")),
        (sends(raw.frame(raw.OPCODES["reserved"], b"x")), LegFailed("a broken frame")),
    ],
    ids=["stop", "1000", "no code", "1001", "1011", "reset", "end of file", "binary", "broken frame"],
)
async def test_only_an_orderly_end_is_a_hang_up(listener: Listener, end: End, told: Event) -> None:
    async with raw.connected(listener.port) as connection:
        assert await raw.handshake(connection, "/", {}) == 101
        assert await listener.told() == CallAnswered()
        await end(connection)
        assert await listener.told() == told


async def test_a_box_that_stops_does_not_take_it_for_a_hang_up(listener: Listener) -> None:
    async with raw.connected(listener.port) as connection:
        assert await raw.handshake(connection, "/", {}) == 101
        assert await listener.told() == CallAnswered()
        listener.stopping = True
        await listener.ws.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        assert await listener.told() == LegFailed("the box is stopping")


async def test_an_end_of_our_own_is_no_news(listener: Listener) -> None:
    async with raw.connected(listener.port) as connection:
        assert await raw.handshake(connection, "/", {}) == 101
        assert await listener.told() == CallAnswered()
        await listener.leg.end(PEOPLE)
        async with asyncio.timeout(5):
            await listener.over.wait()
        assert listener.ears.events.empty()
