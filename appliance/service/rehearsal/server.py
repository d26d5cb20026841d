"""The rehearsals' side of the loopback listener: a WebSocket for browsers, requests for our own processes.

Nothing is done before a token is known to be good. May import: the standard library, aiohttp, orjson,
appliance.core, appliance.service.
"""

import asyncio
import logging
from collections.abc import Iterable
from weakref import WeakSet

import aiohttp
import orjson
from aiohttp import web

from appliance.core.errors import AttendantError, WireError
from appliance.core.limits import Limits
from appliance.core.rehearsal import HangUp, Mode, Step, step
from appliance.service.rehearsal import frames
from appliance.service.rehearsal.browser_leg import BrowserLeg
from appliance.service.rehearsal.desk import RehearsalLeg, Rehearsals
from appliance.service.rehearsal.frames import Allowance, Token
from appliance.service.rehearsal.refused import Refused
from appliance.service.rehearsal.talks import Talk, Talks, of_failure
from appliance.service.rehearsal.typed import Lines, TypedLeg
from appliance.service.rehearsal.watched import Told

log = logging.getLogger(__name__)

PATH = "/rehearse"
TYPED = f"{PATH}/typed"
NAMED = f"{TYPED}/{{name:[A-Za-z0-9_-]{{16,64}}}}"
UNCLAIMED_MOST = 4
TOLD_MOST = 500
CLOSE_S, LAST_S = 2.0, 2.0
HEARTBEAT_S = 10.0
"""A browser that does not answer for so long is gone: a lid was closed, a network lost."""
CLOSE_REFUSED, CLOSE_OVER = aiohttp.WSCloseCode.POLICY_VIOLATION, aiohttp.WSCloseCode.OK
FROM_PAGES = ("Origin", "Sec-Fetch-Site", "Referer")
"""Headers of browsers, which have a socket instead."""
BODY_S = 2.0


class _Line:
    """What is told to one browser, in order, by a queue that is bounded."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._told: asyncio.Queue[Told | None] = asyncio.Queue(TOLD_MOST)
        self.full = asyncio.Event()

    def tell(self, told: Told) -> None:
        """Have something told; who takes nothing is noticed."""
        try:
            self._told.put_nowait(told)
        except asyncio.QueueFull:
            self.full.set()

    async def send(self) -> None:
        """Send what there is until `last` was asked for, or the browser is gone."""
        while (told := await self._told.get()) is not None:
            try:
                await self._ws.send_str(orjson.dumps(told).decode())
            except (aiohttp.ClientError, ConnectionError, RuntimeError):
                return

    def last(self) -> None:
        """Nothing more comes."""
        if self._told.full():
            self._told.get_nowait()
        self._told.put_nowait(None)


class RehearsalServer:
    """The routes under /rehearse."""

    def __init__(self, desk: Rehearsals, limits: Limits) -> None:
        self._desk = desk
        self._limits = limits
        self.talks = Talks(desk)
        self._unclaimed = 0
        self._open: WeakSet[web.WebSocketResponse] = WeakSet()

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [
            web.get(PATH, self._socket),
            web.post(TYPED, self._begin),
            web.get(NAMED, self._look),
            web.post(NAMED, self._step),
        ]

    async def close(self, _app: web.Application) -> None:
        """Let go of the browsers; the rehearsals end as when a page is closed."""
        for ws in tuple(self._open):
            await _let_go(ws, aiohttp.WSCloseCode.GOING_AWAY)

    # Browsers ------------------------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """Take a browser's connection: nothing happens before its token is known to be good."""
        origin, wanted = request.headers.get("Origin", ""), request.query.get("mode", Mode.SPOKEN)
        if not origin or wanted not in list(Mode):
            raise web.HTTPForbidden(text="not from a page of ours")
        if self._unclaimed >= UNCLAIMED_MOST:
            raise web.HTTPTooManyRequests(text="too many connections wait for their token")
        ws = web.WebSocketResponse(
            compress=False, max_msg_size=frames.MESSAGE_MOST, timeout=CLOSE_S, heartbeat=HEARTBEAT_S
        )
        if not ws.can_prepare(request).ok:
            raise web.HTTPBadRequest(text="not a WebSocket handshake")
        await ws.prepare(request)
        self._open.add(ws)
        code: int = CLOSE_REFUSED
        try:
            token = await self._token(ws)
            if token:
                code = await self._admitted(ws, token, Mode(wanted), origin)
        finally:
            await _let_go(ws, code)
        return ws

    async def _token(self, ws: web.WebSocketResponse) -> str:
        """What the browser begins with, within the time for it; empty for anything else."""
        self._unclaimed += 1
        try:
            async with asyncio.timeout(self._limits.start_s):
                message = await ws.receive()
            said = frames.read(message.data) if message.type is aiohttp.WSMsgType.TEXT else None
        except (TimeoutError, WireError) as exc:
            log.warning("a rehearsal refused", extra={"problem": str(exc) or "no token in time"})
            return ""
        finally:
            self._unclaimed -= 1
        return said.token if isinstance(said, Token) else ""

    async def _admitted(self, ws: web.WebSocketResponse, token: str, mode: Mode, origin: str) -> int:
        """Hold the rehearsal of a token; the code to close with."""
        line = _Line(ws)
        try:
            async with self._desk.admitted(token, mode, origin) as ticket:
                lines = Lines() if mode is Mode.TYPED else None
                leg: RehearsalLeg = BrowserLeg(ws) if lines is None else TypedLeg(lines)
                async with asyncio.TaskGroup() as tasks:
                    beside = [tasks.create_task(_watched(line, leg), name="slow browser")]
                    if isinstance(leg, TypedLeg):
                        beside.append(tasks.create_task(_typed(ws, leg), name="typing browser"))
                    sends = tasks.create_task(line.send(), name="told to a browser")
                    try:
                        await self._desk.hold(ticket, leg, line.tell, lines)
                    except AttendantError as exc:
                        line.tell(of_failure(exc))
                    line.last()
                    for task in beside:
                        task.cancel()
                    await asyncio.wait([sends], timeout=LAST_S)
                    sends.cancel()
            return CLOSE_OVER
        except AttendantError as exc:
            log.warning("a rehearsal refused", extra={"problem": str(exc)})
            line.tell(of_failure(exc))
            line.last()
            await line.send()
            return CLOSE_REFUSED if isinstance(exc, Refused) else aiohttp.WSCloseCode.INTERNAL_ERROR

    # Our own processes ---------------------------------------------------------------------------------

    async def _begin(self, request: web.Request) -> web.Response:
        """Begin a rehearsal that is typed turn by turn."""
        said = await _body(request)
        token = said.get("token")
        if not isinstance(token, str) or len(said) != 1 or len(token) > frames.TOKEN_MOST:
            raise web.HTTPBadRequest(text="not a token")
        name, talk = self.talks.begin(token)
        told = await talk.answer()
        return web.json_response({"name": name, "told": told, "over": talk.over})

    async def _step(self, request: web.Request) -> web.Response:
        """Do one step, and answer when it is the other's turn again."""
        wanted = _step_of(await _body(request))
        talk = self._talk(request)
        if not talk.do(wanted):
            raise web.HTTPTooManyRequests(text="too much waits to be done")
        told = await talk.answer()
        return web.json_response({"told": told, "over": talk.over})

    async def _look(self, request: web.Request) -> web.Response:
        """What has happened by now."""
        _ours(request)
        talk = self._talk(request)
        return web.json_response({"told": talk.told, "over": talk.over})

    def _talk(self, request: web.Request) -> Talk:
        """The rehearsal that is asked for. Raises a 404."""
        talk = self.talks.get(request.match_info["name"])
        if talk is None:
            raise web.HTTPNotFound(text="no such rehearsal, or it is long over")
        return talk


async def _watched(line: _Line, leg: RehearsalLeg) -> None:
    """End a rehearsal whose browser takes nothing of what it is told."""
    await line.full.wait()
    leg.end_for("the browser takes nothing any more")


async def _typed(ws: web.WebSocketResponse, leg: TypedLeg) -> None:
    """Take what is typed until the browser is gone, or speaks nonsense."""
    clock = asyncio.get_running_loop().time
    allowed = Allowance(clock())
    try:
        while (message := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            allowed.text(clock())
            said = frames.read(message.data)
            if not isinstance(said, Step) or not leg.do(said):
                raise WireError("not what somebody types, or too much of it")
    except WireError as exc:
        leg.end_for(str(exc))
        return
    leg.do(HangUp())


async def _body(request: web.Request) -> dict[str, object]:
    """The JSON object of a request of ours. Raises a 4xx."""
    _ours(request)
    if request.content_type != "application/json" or (request.content_length or 0) > frames.MESSAGE_MOST:
        raise web.HTTPBadRequest(text="not a short JSON object")
    try:
        async with asyncio.timeout(BODY_S):
            text = await request.content.read(frames.MESSAGE_MOST + 1)
        tree = orjson.loads(text)
    except (TimeoutError, orjson.JSONDecodeError) as exc:
        raise web.HTTPBadRequest(text="not JSON") from exc
    if not isinstance(tree, dict):
        raise web.HTTPBadRequest(text="not an object")
    return tree


def _ours(request: web.Request) -> None:
    """See that it is no browser that asks. Raises a 403."""
    if any(header in request.headers for header in FROM_PAGES):
        raise web.HTTPForbidden(text="not for browsers")


def _step_of(said: dict[str, object]) -> Step:
    """What is to be done. Raises a 400."""
    try:
        wanted = step(said)
    except WireError as exc:
        raise web.HTTPBadRequest(text=str(exc)) from exc
    if wanted is None:
        raise web.HTTPBadRequest(text="not a step of a rehearsal")
    return wanted


async def _let_go(ws: web.WebSocketResponse, code: int) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await ws.close(code=code)
    except (TimeoutError, aiohttp.ClientError, ConnectionError, RuntimeError):
        return
