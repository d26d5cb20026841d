"""Asterisk's side of the codes that staff dial: the route on the loopback listener that its dialplan asks.

It takes a password. We answer when it is done and on disk, or that it is not, before the dialplan gives up:
there is one deadline for all of it, and what comes too late is not done at all.
May import: the standard library, aiohttp, appliance.core, ari_bridge.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from aiohttp import web

from appliance.core.errors import AttendantError, StoreUnsure, WireError
from ari_bridge.codes import PATH, WAITS_S, CodeDialled, read
from ari_bridge.passwords import lets_in

log = logging.getLogger(__name__)

DONE_WITHIN_S = 4.0
ANSWER_S = 1.0
"""So long before the dialplan gives up we answer, whatever there is to say."""
FAILED, UNSURE = "failed", "unsure"
FORM_MOST = 2048


class Staff(Protocol):
    """Who does it."""

    async def done(self, asked: CodeDialled, ends_s: float) -> str:
        """Do it, on disk when this returns; the name of the sentence to be said.

        It is done by `ends_s` of the loop's clock, or not at all. Raises AttendantError or OSError when it is
        not done, StoreUnsure when that is not known.
        """


class CodeServer:
    """The route of the codes. Counts what it refuses."""

    def __init__(self, staff: Staff, key: str, clock: Callable[[], float] = time.time) -> None:
        self._staff = staff
        self._key = key
        self._clock = clock
        self.refused = 0

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [web.post(PATH, self._asked)]

    async def _asked(self, request: web.Request) -> web.Response:
        if not lets_in(request.headers.get("Authorization", ""), self._key):
            raise self._refuse(web.HTTPUnauthorized(text="not the password of the dialplan"))
        if (request.content_length or FORM_MOST + 1) > FORM_MOST:
            raise self._refuse(web.HTTPRequestEntityTooLarge(FORM_MOST, request.content_length or 0))
        form = await request.post()
        try:
            asked = read({name: value for name, value in form.items() if isinstance(value, str)})
        except WireError as exc:
            raise self._refuse(web.HTTPBadRequest(text=str(exc))) from exc
        waited_s = self._clock() - asked.at_s
        left_s = min(DONE_WITHIN_S, WAITS_S - ANSWER_S - waited_s)
        if left_s <= 0 or waited_s < -WAITS_S:
            raise self._refuse(web.HTTPGone(text="nobody waits for this any more"))
        return web.Response(text=await self._done(asked, asyncio.get_running_loop().time() + left_s))

    async def _done(self, asked: CodeDialled, ends_s: float) -> str:
        about = {"code": str(asked.wish), "phone": asked.phone}
        try:
            return await self._staff.done(asked, ends_s)
        except StoreUnsure as exc:
            log.error("a code may be done or not", extra={**about, "problem": str(exc)})
            return UNSURE
        except (AttendantError, OSError) as exc:
            log.error("a code was not done", extra={**about, "problem": str(exc)})
            return FAILED

    def _refuse(self, error: web.HTTPException) -> web.HTTPException:
        self.refused += 1
        return error
