"""A Media Stream as a `Leg`: the caller's side of a call that came through Twilio.

May import: appliance.core, twilio_bridge, aiohttp.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from appliance.core.coding import Coding
from appliance.core.dispositions import PEOPLE, Disposition
from appliance.core.errors import CarrierFailed, WireError
from appliance.core.events import CallAnswered, CallerHungUp, DigitPressed, LegFailed
from appliance.core.ports import LegEars
from twilio_bridge.media_stream import (
    KeyPressed,
    MarkReturned,
    StreamEvent,
    StreamReader,
    StreamStopped,
    StreamWriter,
)

log = logging.getLogger(__name__)

CLOSE_S = 2.0
STOPPING = "the box is stopping"
ORDERLY = frozenset({0, 1000, 1005})
"""The codes of a close that says nothing but that it is over; 0 and 1005 stand for none."""


class TwilioLeg:
    """One started stream. `redirect` has the carrier fetch what comes next, while the stream still runs.

    `stopping` says whether the box itself lets go of its streams.
    """

    coding: Coding = "ulaw_8k"

    def __init__(
        self,
        ws: web.WebSocketResponse,
        reader: StreamReader,
        redirect: Callable[[], Awaitable[None]],
        stopping: Callable[[], bool],
    ) -> None:
        self._ws = ws
        self._reader = reader
        self._writer = StreamWriter(reader.stream_sid)
        self._redirect = redirect
        self._stopping = stopping
        self._gone = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def listen(self, ears: LegEars) -> None:
        """Report until the stream stops, breaks, or speaks nonsense."""
        ears.happened(CallAnswered())
        try:
            while not self._gone:
                message = await self._ws.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    self._report_end(message, ears)
                    return
                said = self._reader.read(message.data)
                if type(said) is bytes:
                    await ears.caller_audio(said)
                elif said is not None and not isinstance(said, bytes):
                    self._report(said, ears)
        except WireError as exc:
            ears.happened(LegFailed(str(exc)))

    def _report(self, event: StreamEvent, ears: LegEars) -> None:
        match event:
            case MarkReturned():
                ears.mark_reached(event.name)
            case KeyPressed():
                ears.happened(DigitPressed(event.digit))
            case StreamStopped():
                self._gone = True
                ears.happened(CallerHungUp())
            case _:
                raise WireError("a second start")

    def _report_end(self, message: aiohttp.WSMessage, ears: LegEars) -> None:
        if not self._gone:
            self._gone = True
            ears.happened(LegFailed(STOPPING) if self._stopping() else _why(message))

    async def play(self, ulaw_8k: bytes, mark: str) -> None:
        """Send audio and a mark behind it."""
        await self._send(self._writer.media(ulaw_8k))
        await self._send(self._writer.mark(mark))

    async def clear(self) -> None:
        """Empty the carrier's buffer."""
        await self._send(self._writer.clear)

    async def _send(self, text: str) -> None:
        try:
            await self._ws.send_str(text)
        except (aiohttp.ClientError, ConnectionError, RuntimeError):
            # The stream is gone; the receiving side says so.
            return

    async def end(self, disposition: Disposition) -> None:
        """Have a planned end fetched while the stream runs; for any other the TwiML stands already."""
        if disposition != PEOPLE and not self._gone:
            try:
                await self._redirect()
            except CarrierFailed as exc:
                log.warning("disposition not left with the carrier", extra={"problem": str(exc)})
        await self._close()

    async def _close(self) -> None:
        self._gone = True
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._ws.close()
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            return


def _why(message: aiohttp.WSMessage) -> CallerHungUp | LegFailed:
    """Why the carrier's socket is over: a hang-up may be a close without `stop`, but never a broken line."""
    match message.type:
        case aiohttp.WSMsgType.CLOSE if message.data in ORDERLY:
            return CallerHungUp()
        case aiohttp.WSMsgType.CLOSE:
            return LegFailed(f"the carrier closed the stream with {message.data}")
        case aiohttp.WSMsgType.BINARY:
            return LegFailed("a binary message")
        case aiohttp.WSMsgType.ERROR if isinstance(message.data, aiohttp.WebSocketError):
            return LegFailed("a broken frame")
        case _:
            return LegFailed("the connection was lost")
