"""Asterisk's side of messages: where its dialplan asks whether one is kept, before it says so to the caller.

A route of the loopback listener, which takes a password.
May import: the standard library, aiohttp, appliance.core, ari_bridge.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from ari_bridge.passwords import lets_in

log = logging.getLogger(__name__)

PATH = "/asterisk/kept"
KEPT, LOST = "kept", "lost"
WAITS_S = 3
"""How long the dialplan waits for an answer; then it looks at the size of the recording itself."""
DONE_WITHIN_S = 2.0
_CALL = re.compile(r"[A-Za-z0-9.:_-]{1,80}")
_PLACE = re.compile(r"[0-9]{1,3}")


class MessageServer:
    """The route. `safe` tells of a call, and of which message in it, whether that is on disk."""

    def __init__(self, safe: Callable[[str, str], Awaitable[bool]], key: str) -> None:
        self._safe = safe
        self._key = key

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [web.get(PATH, self._asked)]

    async def _asked(self, request: web.Request) -> web.Response:
        if not lets_in(request.headers.get("Authorization", ""), self._key):
            raise web.HTTPUnauthorized(text="not the password of the dialplan")
        call, place = request.query.get("call", ""), request.query.get("place", "")
        if not _CALL.fullmatch(call) or not _PLACE.fullmatch(place):
            raise web.HTTPBadRequest(text="no call, or no message of one")
        try:
            async with asyncio.timeout(DONE_WITHIN_S):
                return web.Response(text=KEPT if await self._safe(call, place) else LOST)
        except (OSError, TimeoutError) as exc:
            log.error("a message is not on disk", extra={"problem": str(exc) or "not in time"})
            return web.Response(text=LOST)
