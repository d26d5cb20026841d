"""Asterisk's side of the loopback listener: the WebSocket on which a call's sound comes and goes.

Asterisk connects to us, with a password; which call it is, its first message says, never the address.
May import: appliance.core, ari_bridge, aiohttp.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol
from weakref import WeakSet

import aiohttp
from aiohttp import web

from appliance.core import about
from appliance.core.dispositions import PEOPLE, Disposition
from appliance.core.errors import AttendantError, CarrierFailed, WireError
from appliance.core.limits import Limits
from appliance.core.ports import BringBack, Leg
from appliance.core.steps import Assist, CallOffered, RingEnded, Steps
from ari_bridge import media_events
from ari_bridge.arrival import Arrival, arrived
from ari_bridge.leg import AsteriskLeg
from ari_bridge.media_events import MediaStarted
from ari_bridge.passwords import Door, lets_in, password

log = logging.getLogger(__name__)

PATH, NEXT_PATH = "/asterisk/media", "/asterisk/next"
PROTOCOL = "media"
UNCLAIMED_MOST = 16
KEPT_MOST = 200
CLOSE_S = 3.0
MESSAGE_MOST = 64 * 1024


class Control(Protocol):
    """What a media leg needs of the PBX beside its own channel."""

    def spoken(self, call_sid: str) -> str:
        """The language that a call is in, where it is not the clinic's own; else nothing."""

    async def leave(self, call_sid: str, channel: str, disposition: Disposition, spoken: str) -> None:
        """Tell the dialplan of a call's channel where it goes next, and in which language.

        Raises CarrierFailed.
        """

    async def bring_back(self, channel: str) -> bool:
        """Have a caller come back to us, unless somebody talks with them by now. Raises CarrierFailed."""


class Calls(Protocol):
    """What a media leg needs of the switchboard; the port `Switchboard` has it, and more."""

    async def offer(self, offer: CallOffered) -> Steps:
        """A call rings: what to do first."""

    async def back(self, ended: RingEnded) -> Steps:
        """Phones are done, and the caller comes back to us."""

    def admit(self, token: str, call_sid: str) -> bool:
        """Whether this token, unused and in time, belongs to this call."""

    async def hold(self, call_sid: str, leg: Leg, back: BringBack | None = None) -> None:
        """Hold the admitted call until it is over."""


class AsteriskServer:
    """The route of the media. Counts what it refuses."""

    def __init__(
        self,
        switchboard: Calls,
        control: Control,
        media_secret: str,
        limits: Limits,
        arrival: Callable[[MediaStarted], Arrival] = arrived,
    ) -> None:
        self._switchboard = switchboard
        self._control = control
        self._media_secret = media_secret
        self._limits = limits
        self._arrival = arrival
        self._unclaimed = 0
        self._stopping = False
        self._open: WeakSet[web.WebSocketResponse] = WeakSet()
        self._kept: dict[str, str] = {}
        """Where calls go next that could not be told so."""
        self.refused = 0

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [web.get(PATH, self._media), web.get(NEXT_PATH, self._next)]

    async def _next(self, request: web.Request) -> web.Response:
        """Where a call goes next that the manager interface could not be told: the dialplan asks for it.

        Asked of a leg by its channel, it is for one who was connected with that leg later. Nothing for any
        other: then people are rung. It may ask again, and nobody can use it up.
        """
        word = password(self._media_secret, Door.DIALPLAN)
        if not lets_in(request.headers.get("Authorization", ""), word):
            raise self._refuse(web.HTTPUnauthorized(text="not the password of the dialplan"))
        kept = self._kept.get(request.query.get("call", "") or request.query.get("leg", ""), "")
        return web.Response(text=kept)

    def _keep(self, call_sid: str, leg: str, told: str) -> None:
        self._kept[call_sid] = self._kept[leg] = told
        while len(self._kept) > KEPT_MOST:
            del self._kept[next(iter(self._kept))]

    async def close(self, _app: web.Application) -> None:
        """Let go of the media connections; their calls go on in the dialplan."""
        self._stopping = True
        try:
            async with asyncio.timeout(CLOSE_S), asyncio.TaskGroup() as tasks:
                for ws in tuple(self._open):
                    tasks.create_task(_let_go(ws), name="close a media connection")
        except TimeoutError:
            log.warning("not every media connection was closed in time")

    async def _media(self, request: web.Request) -> web.StreamResponse:
        """Take a media connection: nothing happens before it has said which call it is of."""
        if not lets_in(request.headers.get("Authorization", ""), self._media_secret):
            raise self._refuse(web.HTTPUnauthorized(text="not the PBX's password"))
        if self._unclaimed >= UNCLAIMED_MOST:
            raise self._refuse(web.HTTPTooManyRequests(text="too many connections wait for their start"))
        ws = web.WebSocketResponse(
            compress=False, max_msg_size=MESSAGE_MOST, timeout=2.0, protocols=(PROTOCOL,)
        )
        if not ws.can_prepare(request).ok:
            raise self._refuse(web.HTTPBadRequest(text="not a WebSocket handshake"))
        await ws.prepare(request)
        self._open.add(ws)
        claimed = await self._claimed(ws)
        if claimed is None:
            self.refused += 1
            await ws.close(code=aiohttp.WSCloseCode.POLICY_VIOLATION)
            return ws
        with about.call(call_sid=claimed[1].offer.call_sid):
            await self._held(ws, *claimed)
        return ws

    def _refuse(self, error: web.HTTPException) -> web.HTTPException:
        self.refused += 1
        return error

    async def _claimed(self, ws: web.WebSocketResponse) -> tuple[MediaStarted, Arrival] | None:
        """The first message, in time, of a call that says which it is."""
        self._unclaimed += 1
        try:
            async with asyncio.timeout(self._limits.start_s):
                while True:
                    message = await ws.receive()
                    if message.type is aiohttp.WSMsgType.BINARY:
                        continue
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        return None
                    said = media_events.read(message.data)
                    if isinstance(said, MediaStarted):
                        return said, self._arrival(said)
        except (TimeoutError, WireError) as exc:
            log.warning("media connection refused", extra={"problem": str(exc) or "no start in time"})
            return None
        finally:
            self._unclaimed -= 1

    async def _held(self, ws: web.WebSocketResponse, started: MediaStarted, arrival: Arrival) -> None:
        """Offer the call and hold it; without an assistant the dialplan rings people."""
        call_sid = arrival.offer.call_sid
        # What an earlier leg left is done with.
        self._kept.pop(call_sid, None)

        async def leave(disposition: Disposition) -> None:
            language = self._control.spoken(call_sid)
            if disposition == PEOPLE and not language:
                # Empty means people.
                return
            try:
                await self._control.leave(call_sid, arrival.channel, disposition, language)
            except CarrierFailed:
                self._keep(call_sid, started.channel, told(disposition, language))
                raise

        leg = AsteriskLeg(ws, started.coding, leave, lambda: self._stopping)
        if await self._admitted(arrival):
            await self._switchboard.hold(call_sid, leg, lambda: self._control.bring_back(arrival.channel))
        else:
            await leg.end(PEOPLE)

    async def _admitted(self, arrival: Arrival) -> bool:
        try:
            if arrival.ring is None:
                steps = await self._switchboard.offer(arrival.offer)
            else:
                steps = await self._switchboard.back(arrival.ring)
        except AttendantError as exc:
            log.error("call not taken", extra={"problem": str(exc)})
            return False
        tokens = [step.token for step in steps if isinstance(step, Assist)]
        return bool(tokens) and self._switchboard.admit(tokens[0], arrival.offer.call_sid)


def told(disposition: Disposition, language: str) -> str:
    """How the dialplan is told where a call goes next: behind a stroke in which language."""
    return f"{disposition}/{language}" if language else str(disposition)


async def _let_go(ws: web.WebSocketResponse) -> None:
    try:
        await ws.close(code=aiohttp.WSCloseCode.GOING_AWAY)
    except (aiohttp.ClientError, ConnectionError, RuntimeError):
        return
