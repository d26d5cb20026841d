"""A website on loopback: pages with marks of their state, and whatever a website can do wrong.

May import: aiohttp, tests.peers.web_thread.
"""

import asyncio
import gzip
from dataclasses import dataclass, field

from aiohttp import web

from tests.peers.web_thread import WebThread


@dataclass
class Answer:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False
    breaks_off: bool = False
    waits: bool = False


class Website(WebThread):
    """`with Website() as site:` serves at `site.url`; a page's ETag changes with its body."""

    def __init__(self) -> None:
        super().__init__("website", None)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Every request: its path, and its headers by small names."""

    def page(self, path: str, body: str, **headers: str) -> None:
        """Serve a page of HTML."""
        told = {"Content-Type": "text/html; charset=utf-8", **headers}
        self.answers[path] = Answer(f"<html><body>{body}</body></html>".encode(), headers=told)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _ in self.asked)

    def doors(self, app: web.Application) -> None:
        """What is served."""
        app.router.add_get("/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, {name.lower(): value for name, value in request.headers.items()}))
        found = self.answers.get(request.path)
        if found is None:
            return web.Response(status=404)
        if found.waits:
            await asyncio.Event().wait()
        mark = f'"{hash(found.body)}"'
        if found.status == 200 and request.headers.get("If-None-Match") == mark:
            return web.Response(status=304)
        headers = {"ETag": mark, **found.headers}
        body = gzip.compress(found.body) if found.packed else found.body
        if found.packed:
            headers["Content-Encoding"] = "gzip"
        if not found.breaks_off:
            return web.Response(body=body, status=found.status, headers=headers)
        response = web.StreamResponse(headers={**headers, "Content-Length": str(len(body) + 100)})
        await response.prepare(request)
        await response.write(body)
        if request.transport is not None:
            request.transport.close()
        return response
