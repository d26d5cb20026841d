"""A browser's microphone and loudspeaker as a `Leg`: the caller's side of a rehearsal that is spoken.

A tab that nobody looks at may send nothing for a while: we hear silence then, so that every clock of the call
goes on. May import: the standard library, aiohttp, appliance.core, appliance.service.rehearsal.
"""

import asyncio
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from appliance.core.coding import Coding
from appliance.core.dispositions import Disposition
from appliance.core.errors import WireError
from appliance.core.events import CallAnswered, CallerHungUp, DigitPressed, Event, LegFailed
from appliance.core.ports import LegEars
from appliance.core.rehearsal import HangUp, Key
from appliance.core.ulaw import BYTES_PER_MS, FRAME_MS, SILENCE
from appliance.service.rehearsal import frames
from appliance.service.rehearsal.frames import Allowance, MarkPlayed, Sent

QUIET_S = 0.1
"""After so long without a frame we hear silence."""
SEND_S = 3.0
"""A browser that takes nothing for so long is gone."""


class BrowserLeg:
    """One socket whose token was good."""

    coding: Coding = "ulaw_8k"

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._ears: LegEars | None = None
        self._heard_until_s = 0.0
        self._failed = ""
        self._gone = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone = True

    def end_for(self, reason: str) -> None:
        """End the rehearsal from the outside, at once."""
        self._failed = self._failed or reason
        if self._ears is not None and not self._gone:
            self._gone = True
            self._ears.happened(LegFailed(reason))

    def watch(self, event: Event) -> None:
        """Nothing: the browser has a clock of its own."""

    # What comes ----------------------------------------------------------------------------------------

    async def listen(self, ears: LegEars) -> None:
        """Report until the browser is gone, or speaks nonsense."""
        self._ears = ears
        ears.happened(CallAnswered())
        if self._failed:
            self.end_for(self._failed)
        clock = asyncio.get_running_loop().time
        self._heard_until_s = clock()
        allowed = Allowance(clock())
        try:
            while not self._gone:
                try:
                    message = await self._ws.receive(timeout=QUIET_S)
                except TimeoutError:
                    await self._hear_nothing(ears, clock())
                    continue
                await self._take(message, ears, allowed, clock())
        except WireError as exc:
            ears.happened(LegFailed(str(exc)))

    async def _take(
        self, message: aiohttp.WSMessage, ears: LegEars, allowed: Allowance, now_s: float
    ) -> None:
        match message.type:
            case aiohttp.WSMsgType.BINARY:
                allowed.sound(len(message.data), now_s)
                self._heard_until_s = now_s
                await ears.caller_audio(frames.frame(message.data))
            case aiohttp.WSMsgType.TEXT:
                allowed.text(now_s)
                self._report(frames.read(message.data), ears)
            case _:
                self._gone = True
                ears.happened(_why(message))

    async def _hear_nothing(self, ears: LegEars, now_s: float) -> None:
        missing_ms = int((now_s - self._heard_until_s) * 1000) // FRAME_MS * FRAME_MS
        self._heard_until_s += missing_ms / 1000
        await ears.caller_audio(SILENCE * (missing_ms * BYTES_PER_MS))

    def _report(self, sent: Sent, ears: LegEars) -> None:
        match sent:
            case MarkPlayed():
                ears.mark_reached(sent.mark)
            case Key():
                ears.happened(DigitPressed(sent.key))
            case HangUp():
                self._gone = True
                ears.happened(CallerHungUp())
            case _:
                raise WireError("nothing is typed, and no token given, where somebody speaks")

    # What goes -----------------------------------------------------------------------------------------

    async def play(self, ulaw_8k: bytes, mark: str) -> None:
        """Send sound, and a mark behind it."""
        await self._send(ulaw_8k)
        await self._send(frames.mark(mark))

    async def clear(self) -> None:
        """Have the browser throw away what it has not played; the marks come back."""
        await self._send(frames.CLEAR)

    async def _send(self, message: str | bytes) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                if isinstance(message, str):
                    await self._ws.send_str(message)
                else:
                    await self._ws.send_bytes(message)
        except TimeoutError:
            self.end_for("the browser takes nothing any more")
        except (aiohttp.ClientError, ConnectionError, RuntimeError):
            # It is gone; the receiving side says so.
            return

    async def end(self, disposition: Disposition) -> None:
        """Let go."""
        self._gone = True


def _why(message: aiohttp.WSMessage) -> CallerHungUp | LegFailed:
    """Why the socket is over: who closes the page hangs up."""
    match message.type:
        case aiohttp.WSMsgType.CLOSE | aiohttp.WSMsgType.CLOSING | aiohttp.WSMsgType.CLOSED:
            return CallerHungUp()
        case aiohttp.WSMsgType.ERROR if isinstance(message.data, aiohttp.WebSocketError):
            return LegFailed("a broken frame")
        case _:
            return LegFailed("the connection was lost")
