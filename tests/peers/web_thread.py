"""A peer that listens on loopback in a thread of its own, for clients that block or have their own loop.

May import: the standard library, aiohttp.
"""

import asyncio
import ssl
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from aiohttp import web

START_S = END_S = 20


class WebThread(ABC):
    """Serves from `with` on until that is left, at `url`. With `tls` the name in the URL is `localhost`."""

    def __init__(self, name: str, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self.url = ""

    @abstractmethod
    def doors(self, app: web.Application) -> None:
        """Add what is served."""

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(START_S):
            raise RuntimeError(f"the {self._thread.name} peer did not begin to listen")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(END_S)
        if self._thread.is_alive():
            raise RuntimeError(f"the {self._thread.name} peer did not end")

    def _live(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application()
        self.doors(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        port = runner.addresses[0][1]
        self.url = f"https://localhost:{port}" if self._tls else f"http://127.0.0.1:{port}"
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()
