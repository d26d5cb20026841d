"""A WebSocket channel of Asterisk as a `Leg`: the caller's side of a call that came by SIP.

Asterisk plays at its own pace and says nothing when the caller's phone sends nothing, as one on hold or one
that is silent may: we hear silence then, so that every clock of the call goes on.
May import: appliance.core, ari_bridge, aiohttp.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from appliance.core.coding import Coding
from appliance.core.dispositions import Disposition
from appliance.core.errors import CarrierFailed, WireError
from appliance.core.events import CallAnswered, CallerHungUp, DigitPressed, LegFailed
from appliance.core.ports import LegEars
from ari_bridge import media_events
from ari_bridge.media_events import FRAME_MS, FlowChanged, KeyPressed, MarkPassed, MediaEvent, QueueMeasured

log = logging.getLogger(__name__)

CLOSE_S = 2.0
FLOW_S = 1.0
"""So long a full queue is waited for; what Asterisk cannot take then is not played."""
QUIET_S = 0.1
"""After so long without a frame we hear silence."""
STOPPING = "the box is stopping"
NORMAL = 1000


class AsteriskLeg:
    """One started channel. `leave` gives the dialplan a disposition, `stopping` says whether we stop."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        coding: Coding,
        leave: Callable[[Disposition], Awaitable[None]],
        stopping: Callable[[], bool],
    ) -> None:
        self.coding: Coding = coding
        self._ws = ws
        self._leave = leave
        self._stopping = stopping
        self._frame = media_events.frame_bytes(coding)
        self._silence = b"\xff" if coding == "ulaw_8k" else b"\0"
        self._may_flow = asyncio.Event()
        self._may_flow.set()
        self._measured = 0
        self._heard_until_s = 0.0
        self._gone = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    # What comes ------------------------------------------------------------------------------------------

    async def listen(self, ears: LegEars) -> None:
        """Report until the channel is gone, or speaks nonsense."""
        ears.happened(CallAnswered())
        loop = asyncio.get_running_loop()
        self._heard_until_s = loop.time()
        try:
            while not self._gone:
                try:
                    message = await self._ws.receive(timeout=QUIET_S)
                except TimeoutError:
                    await self._hear_nothing(ears, loop.time())
                    continue
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._heard_until_s = loop.time()
                    await ears.caller_audio(message.data)
                elif message.type is aiohttp.WSMsgType.TEXT:
                    self._report(media_events.read(message.data), ears)
                else:
                    self._report_end(message, ears)
        except WireError as exc:
            ears.happened(LegFailed(str(exc)))

    async def _hear_nothing(self, ears: LegEars, now_s: float) -> None:
        frames = int((now_s - self._heard_until_s) * 1000) // FRAME_MS
        self._heard_until_s += frames * FRAME_MS / 1000
        await ears.caller_audio(self._silence * (frames * self._frame))

    def _report(self, event: MediaEvent | None, ears: LegEars) -> None:
        match event:
            case KeyPressed():
                ears.happened(DigitPressed(event.digit))
            case MarkPassed():
                ears.mark_reached(event.name)
            case QueueMeasured():
                self._measured -= 1
                if not self._measured:
                    # Of several in a row only the last clear is still open.
                    ears.thrown_away(event.waiting_ms)
            case FlowChanged(open=True):
                self._may_flow.set()
            case FlowChanged():
                self._may_flow.clear()
            case None:
                pass
            case _:
                raise WireError("a second start")

    def _report_end(self, message: aiohttp.WSMessage, ears: LegEars) -> None:
        if not self._gone:
            self._gone = True
            ears.happened(LegFailed(STOPPING) if self._stopping() else _why(message))

    # What goes -------------------------------------------------------------------------------------------

    async def play(self, audio: bytes, mark: str) -> None:
        """Send audio and a mark behind it; what is no whole frame is filled up with silence."""
        missing = -len(audio) % self._frame
        try:
            async with asyncio.timeout(FLOW_S):
                await self._may_flow.wait()
        except TimeoutError:
            log.warning("audio not played: the queue of the channel stays full")
            return
        await self._send(audio + self._silence * missing if missing else audio)
        await self._send(media_events.mark(mark))

    async def clear(self) -> None:
        """Empty Asterisk's queue; it says before how much was in it."""
        self._measured += 1
        await self._send(media_events.MEASURE)
        await self._send(media_events.FLUSH)

    async def _send(self, message: str | bytes) -> None:
        try:
            if isinstance(message, str):
                await self._ws.send_str(message)
            else:
                await self._ws.send_bytes(message)
        except (aiohttp.ClientError, ConnectionError, RuntimeError):
            # The channel is gone; the receiving side says so.
            return

    async def end(self, disposition: Disposition) -> None:
        """Leave the end with the dialplan, then let go; what was not left is a wish for people."""
        if not self._gone:
            try:
                await self._leave(disposition)
            except CarrierFailed as exc:
                log.warning("disposition not left with the carrier", extra={"problem": str(exc)})
        if not self._gone:
            await self._send(media_events.HANG_UP)
        await self._close()

    async def _close(self) -> None:
        self._gone = True
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._ws.close()
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            return


def _why(message: aiohttp.WSMessage) -> CallerHungUp | LegFailed:
    """Why the channel is over: a hang-up of the caller is a normal close, and nothing else is."""
    match message.type:
        case aiohttp.WSMsgType.CLOSE if message.data == NORMAL:
            return CallerHungUp()
        case aiohttp.WSMsgType.CLOSE:
            return LegFailed(f"the PBX closed the channel with {message.data}")
        case aiohttp.WSMsgType.ERROR if isinstance(message.data, aiohttp.WebSocketError):
            return LegFailed("a broken frame")
        case _:
            return LegFailed("the connection to the PBX was lost")
