"""Asterisk's web server as far as we use it: ARI's answers, and a telephone's socket. With faults.

May import: the standard library, aiohttp, tests.peers.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.peers.pbx.channel import Channel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AriPeer:
    """`async with AriPeer(secret) as ari:` listens at `ari.port`; `placed` are the calls asked for."""

    def __init__(self, secret: str, *, version: str = "22.10.1", port: int = 0) -> None:
        self.version = version
        self.channels = 0
        self.answers_with: int | None = None
        """A status that every question is answered with instead."""
        self.text: str | None = None
        """What every question is answered with instead of JSON."""
        self.placed: list[dict[str, Any]] = []
        self.ended: list[str] = []
        self.phones: list[Channel] = []
        self.port = port
        self.lets_in(secret)

    def lets_in(self, secret: str) -> None:
        """Have this password be the right one."""
        self._expected = f"Basic {b64encode(f'attendant:{secret}'.encode()).decode()}"

    @property
    def base(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guarded])
        app.add_routes(
            [
                web.get("/ari/asterisk/info", self._info),
                web.get("/ari/channels", self._all),
                web.post("/ari/channels", self._place),
                web.get("/ari/channels/{id}", self._one),
                web.delete("/ari/channels/{id}", self._end),
                web.get("/ari/channels/{id}/variable", self._variable),
                web.get("/media/{id}", self._media),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != self._expected:
            raise web.HTTPUnauthorized
        if self.answers_with is not None:
            return web.Response(status=self.answers_with)
        if self.text is not None:
            return web.Response(text=self.text)
        return await handler(request)

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response({"system": {"version": self.version}})

    async def _all(self, _request: web.Request) -> web.Response:
        return web.json_response([{"id": str(place)} for place in range(self.channels)])

    async def _place(self, request: web.Request) -> web.Response:
        self.placed.append({**request.query, **await request.json()})
        return web.json_response({"id": request.query["channelId"]})

    async def _one(self, _request: web.Request) -> web.Response:
        return web.json_response({"name": "WebSocket/INCOMING/0x1"})

    async def _variable(self, _request: web.Request) -> web.Response:
        return web.json_response({"value": "a-connection"})

    async def _end(self, request: web.Request) -> web.Response:
        self.ended.append(request.match_info["id"])
        return web.Response(status=204)

    async def _media(self, request: web.Request) -> web.WebSocketResponse:
        """The telephone's channel: what it says goes nowhere, and what it hears is silence."""
        ws = web.WebSocketResponse(protocols=("media",))
        await ws.prepare(request)
        channel = Channel()
        self.phones.append(channel)
        channel.start({})
        async for message in ws:
            if message.type is aiohttp.WSMsgType.BINARY:
                channel.take(message.data)
        return ws
