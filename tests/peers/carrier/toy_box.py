"""A toy box for the tests of the peer: serves the TwiML that a test wrote and a media socket that it drives.

May import: the standard library, aiohttp.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

Form = dict[str, str]
Reply = str | web.Response
Page = Reply | Callable[[Form], Reply | Awaitable[Reply]]


@dataclass(slots=True)
class Received:
    """One request that the box got."""

    method: str
    path: str
    query: str
    form: Form
    headers: dict[str, str]


@dataclass(slots=True)
class MediaSocket:
    """The box's end of a media stream, with short words for what tests do on it."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)
    sid: str = ""

    def break_off(self) -> None:
        """The connection is gone, without a word."""
        self.transport.abort()

    async def receive(self, *events: str) -> dict[str, Any]:
        """The next message of one of these events; all others before it are kept in `messages`."""
        async for message in self.socket:
            received: dict[str, Any] = orjson.loads(message.data)
            self.messages.append(received)
            self.sid = received.get("streamSid", self.sid)
            if received["event"] in events:
                return received
        raise EOFError(f"closed before {events}")

    async def drain(self) -> None:
        """Read until the carrier closes."""
        async for message in self.socket:
            self.messages.append(orjson.loads(message.data))

    async def media(self, ulaw_8k: bytes) -> None:
        await self.send(
            event="media", streamSid=self.sid, media={"payload": base64.b64encode(ulaw_8k).decode()}
        )

    async def mark(self, name: str) -> None:
        await self.send(event="mark", streamSid=self.sid, mark={"name": name})

    async def clear(self) -> None:
        await self.send(event="clear", streamSid=self.sid)

    async def send(self, **message: Any) -> None:
        await self.socket.send_str(orjson.dumps(message).decode())

    def events(self) -> list[str]:
        return [message["event"] for message in self.messages]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]


Talk = Callable[[MediaSocket], Awaitable[None]]


class ToyBox:
    """Pages by path, one talk for all media sockets; `requests` is what came in."""

    PUBLIC = "https://box.example.test"

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[Received] = []
        self.sockets: list[MediaSocket] = []
        self.talk: Talk | None = None
        self.local = ""

    def twiml(self, path: str, body: str | Callable[[Form], str]) -> str:
        """Serve these verbs at a path; the public URL of it."""
        self.pages[path] = (lambda form: _document(body(form))) if callable(body) else _document(body)
        return self.PUBLIC + path

    def requests_at(self, path: str) -> list[Received]:
        return [request for request in self.requests if request.path == path]

    def forms_at(self, path: str) -> list[Form]:
        return [request.form for request in self.requests_at(path)]

    @asynccontextmanager
    async def open(self) -> AsyncIterator["ToyBox"]:
        app = web.Application()
        app.router.add_get("/media", self._media)
        app.router.add_route("*", "/{path:.*}", self._serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.local = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            for media in self.sockets:
                await media.socket.close()
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        received = Received(request.method, request.path, request.query_string, form, dict(request.headers))
        self.requests.append(received)
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        if not callable(page):
            return _response(page)
        reply = page(form)
        return _response(await reply if asyncio.iscoroutine(reply) else reply)  # type: ignore[arg-type]

    async def _media(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        assert request.transport is not None
        media = MediaSocket(socket, request.transport, dict(request.headers))
        self.sockets.append(media)
        if self.talk is None:
            await media.drain()
        else:
            await self.talk(media)
        return socket


def _document(verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'


def _response(reply: Reply) -> web.Response:
    if isinstance(reply, str):
        return web.Response(text=reply, content_type="text/xml")
    # A response object can be sent once; pages are served often.
    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
