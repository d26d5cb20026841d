"""The clinic's end of a webhook, on a real socket: keeps what is posted, and answers as it is told to.

May import: the standard library, aiohttp, tests.peers.web_thread.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from tests.peers.web_thread import WebThread


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    headers: Mapping[str, str]
    body: bytes


class Receiver(WebThread):
    """Serves at `url`. `answers` is False for one that takes a request and says nothing."""

    def __init__(self) -> None:
        super().__init__("webhook receiver", None)
        self.got: list[Got] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answers = True
        self._ending = asyncio.Event()

    @property
    def keys(self) -> set[str]:
        """What was taken, each thing once however often it came."""
        return {each.headers["Idempotency-Key"] for each in self.got}

    def doors(self, app: web.Application) -> None:
        """Take what is posted anywhere."""
        app.router.add_post("/{path:.*}", self._take)
        app.on_shutdown.append(self._let_go)

    async def _let_go(self, _: web.Application) -> None:
        self._ending.set()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.got.append(Got(dict(request.headers), await request.read()))
        if not self.answers:
            await self._ending.wait()
        return web.Response(status=self.status, headers=self.headers)
