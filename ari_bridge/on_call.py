"""The on-call rota over the PBX: we have a telephone rung by ARI, and its dialplan tells us how that went.

It rings the numbers that its dialplan holds, and those alone: staff entered them. A key is asked for twice,
and nothing else is taken for a yes. The route is one of the loopback listener, which takes a password.
May import: the standard library, aiohttp, appliance.core, ari_bridge.
"""

import logging
import re
from collections.abc import Iterable

from aiohttp import web

from appliance.core.errors import AttendantError, CarrierFailed, WireError
from appliance.core.on_call import OnCallDesk
from ari_bridge.ari import Ari, AriAccess
from ari_bridge.arrival import RESULTS
from ari_bridge.passwords import lets_in

log = logging.getLogger(__name__)

RINGS, ASKS = "attendant-on-call", "attendant-on-call-asks"
"""The contexts of the numbers that can be rung, and of who took the call."""
PATH = "/asterisk/on-call"
WAITS_S = 6
"""How long the dialplan waits for our answer."""
ASKED_TIMES, KEY_S = 2, 6
"""How often a key is asked for, and how long it is waited for."""
LONGEST_S = 120
"""Who took the call is let go after so long, whatever they are at."""
SPARE_S = 10
"""So much later than the telephone the PBX itself gives up."""
FORM_MOST = 2048
TALKED = "completed"
_KEY = re.compile(r"[0-9a-f]{32}")
_DIGIT = re.compile(r"[0-9*#]?")


class PbxRinger:
    """The carrier of the rota where that is the PBX."""

    def __init__(self, access: AriAccess) -> None:
        self._access = access

    async def ring(self, to: str, shown: str, key: str, seconds: int) -> str:
        """Ring one of the numbers that staff entered. Raises CarrierFailed."""
        channel = f"attendant-on-call-{key}"
        known = {"__ATTENDANT_RING": key, "__ATTENDANT_SHOWN": shown, "__ATTENDANT_RING_S": str(seconds)}
        endpoint = f"Local/{to.removeprefix('+')}@{RINGS}/n"
        async with Ari(self._access) as ari:
            try:
                await ari.place(channel, endpoint, ASKS, known, timeout_s=seconds + SPARE_S)
            except CarrierFailed as exc:
                # The PBX may have heard us, and not be heard.
                raise CarrierFailed(str(exc), retry=exc.retry, unsure=exc.retry) from exc
        return channel


class OnCallServer:
    """The route: who took the call, which key was pressed, and how it went with a telephone."""

    def __init__(self, desk: OnCallDesk, key: str) -> None:
        self._desk = desk
        self._key = key

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [web.post(PATH, self._asked)]

    async def _asked(self, request: web.Request) -> web.Response:
        if not lets_in(request.headers.get("Authorization", ""), self._key):
            raise web.HTTPUnauthorized(text="")
        if (request.content_length or FORM_MOST + 1) > FORM_MOST:
            raise web.HTTPRequestEntityTooLarge(FORM_MOST, request.content_length or 0, text="")
        form = await request.post()
        told = {name: value for name, value in form.items() if isinstance(value, str)}
        # The dialplan says aloud what it is answered: of a fault nothing.
        try:
            return web.Response(text=await self._answer(told))
        except WireError as exc:
            log.warning("the rota was told nonsense", extra={"problem": str(exc)})
            raise web.HTTPBadRequest(text="") from exc
        except AttendantError as exc:
            log.error("the rota was not told how a telephone did", extra={"problem": str(exc)})
            raise web.HTTPServiceUnavailable(text="") from exc

    async def _answer(self, told: dict[str, str]) -> str:
        """The name of what is to be said; empty for nothing."""
        key = told.get("of", "")
        if not _KEY.fullmatch(key):
            raise WireError("not a telephone that we rang", key)
        match told.get("do"):
            case "answered":
                asked = await self._desk.answered(key)
                return "" if asked is None else asked.name
            case "pressed" if _DIGIT.fullmatch(digit := told.get("digit", "")):
                answered = await self._desk.pressed(key, digit)
                return "" if answered is None else answered.name
            case "over":
                result = RESULTS.get(told.get("result", ""), "failed")
                await self._desk.over(key, TALKED if result == "answered" else result)
                return ""
            case _:
                raise WireError("nothing that a telephone does", told.get("do", ""))
