"""A telephone of the box's own: a channel of Asterisk whose sound comes and goes here, and rings the box.

It dials through a Local channel, so that what answers is the dialplan of every caller. When we are gone, the
channel is: nothing of a call is left. May import: the standard library, aiohttp, appliance.core, ari_bridge.
"""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import aiohttp

from appliance.core.errors import CarrierFailed
from ari_bridge import media_events
from ari_bridge.ari import Ari
from ari_bridge.media_events import FRAME_MS, MESSAGE_MOST
from ari_bridge.server import PROTOCOL

ENDPOINT = "WebSocket/INCOMING/c(ulaw)f(json)"
CONTEXT = "attendant-self"
MARK = "__ATTENDANT_SELF"
"""The variable that begins the call's name in the dialplan, and keeps desks from being rung."""
CONNECTION = "MEDIA_WEBSOCKET_CONNECTION_ID"
FRAME_BYTES = media_events.frame_bytes("ulaw_8k")
CLOSE_S = 2.0
PIECE = MESSAGE_MOST // FRAME_BYTES * FRAME_BYTES
Press = Callable[[str, str], Awaitable[None]]
"""Has a channel, by its name, press a key."""


class OwnPhone:
    """`async with OwnPhone(ari, press, mark) as phone:` rings the box; leaving hangs up.

    `mark` begins the name of the call. Raises CarrierFailed when no call can be placed.
    """

    def __init__(self, ari: Ari, press: Press, mark: str) -> None:
        self._ari = ari
        self._press = press
        self._mark = mark
        self._channel = f"attendant-phone-{secrets.token_hex(6)}"
        self.over = False

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._gone)
            await self._place()
            undo.pop_all()
        return self

    async def _place(self) -> None:
        """Have the channel, and take its sound. Raises CarrierFailed."""
        try:
            await self._ari.place(self._channel, ENDPOINT, CONTEXT, {MARK: self._mark})
            self._name = await self._ari.name(self._channel)
            connection = await self._ari.variable(self._channel, CONNECTION)
            self._ws = await self._ari.http.ws_connect(
                f"{self._ari.base}/media/{connection}",
                protocols=(PROTOCOL,),
                max_msg_size=MESSAGE_MOST,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
            )
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise CarrierFailed("the PBX does not take the sound of our own telephone", retry=True) from exc

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hang_up()
        await self._gone()

    async def _gone(self) -> None:
        """Leave no channel; if that cannot be asked for, Asterisk ends it without its socket, or by time."""
        try:
            await self._ari.hang_up(self._channel)
        except CarrierFailed:
            return

    async def listen(self, heard: Callable[[bytes], None]) -> None:
        """Hand on what is heard (µ-law at 8 kHz) until the call is over. Raises WireError."""
        try:
            while True:
                message = await self._ws.receive()
                if message.type is aiohttp.WSMsgType.BINARY:
                    heard(message.data)
                elif message.type is not aiohttp.WSMsgType.TEXT:
                    return
                else:
                    media_events.read(message.data)
        finally:
            self.over = True

    async def say(self, ulaw_8k: bytes) -> None:
        """Speak; Asterisk plays it at its own pace."""
        whole = ulaw_8k + b"\xff" * (-len(ulaw_8k) % FRAME_BYTES)
        try:
            for at in range(0, len(whole), PIECE):
                await self._ws.send_bytes(whole[at : at + PIECE])
        except (aiohttp.ClientError, ConnectionError, RuntimeError):
            # The call is over; who listens is told so.
            return

    async def press(self, digit: str) -> None:
        """Press a key. Raises CarrierFailed."""
        await self._press(self._name, digit)

    async def hang_up(self) -> None:
        """End the call from the caller's side."""
        await self._ws.close()


def said_ms(ulaw_8k: bytes) -> int:
    """How long it takes to say this."""
    return -(-len(ulaw_8k) // FRAME_BYTES) * FRAME_MS
