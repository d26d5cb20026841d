"""TwiML Bins: documents that the carrier keeps and serves by itself, with no box behind them.

May import: the standard library, aiohttp, this package.
"""

import re
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.peers.carrier.address import AddressBook
from tests.peers.carrier.twiml import parse

PUBLIC = "https://handler.twilio.com"
ADDRESS = re.compile(PUBLIC + "/twiml/EH[0-9a-f]{32}")
LONGEST = 4000


class TwimlBins:
    """Enter it, and the carrier finds them at their public addresses. `asked` has that of each request."""

    def __init__(self, addresses: AddressBook) -> None:
        self._addresses = addresses
        self._kept: dict[str, str] = {}
        self.asked: list[str] = []

    def keep(self, url: str, twiml: str) -> None:
        """Keep a document at this address, as the console does after a look at it. Raises ValueError."""
        if not ADDRESS.fullmatch(url):
            raise ValueError(f"no address of a TwiML Bin: {url}")
        if len(twiml.encode()) > LONGEST:
            raise ValueError(f"a TwiML Bin holds {LONGEST} bytes, not {len(twiml.encode())}")
        if "{{" in twiml:
            raise ValueError("this peer does not fill in templates")
        parse(twiml.encode(), "text/xml")
        self._kept[url] = twiml

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/twiml/{name}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._addresses.add(PUBLIC, f"http://127.0.0.1:{self._runner.addresses[0][1]}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        url = f"{PUBLIC}{request.path}"
        self.asked.append(url)
        if url not in self._kept:
            raise web.HTTPNotFound
        return web.Response(text=self._kept[url], content_type="text/xml")
