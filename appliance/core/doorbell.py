"""The doorbell: a datagram on a Unix socket that says to the bridge, look what staff ask for. It may be lost.

What is asked for stands in the store, where the bridge looks every second anyway.
May import: the standard library.
"""

import asyncio
import logging
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

NAME = "requests.sock"
"""In the data folder."""
_DRAIN = 16


def ring(folder: Path) -> None:
    """Ring once; whether anybody hears it is of no consequence."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
        try:
            line.sendto(b"!", str(folder / NAME))
        except OSError as exc:
            log.info("the bridge did not hear the bell", extra={"problem": str(exc)})


class Doorbell:
    """Hears it, in the event loop. Where it cannot be hung up, nothing is heard, and that is logged."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._rung = asyncio.Event()

    def __enter__(self) -> Self:
        try:
            self._path.unlink(missing_ok=True)
            self._line.bind(str(self._path))
        except OSError as exc:
            log.warning("no bell of the pages: they are heard a second later", extra={"problem": str(exc)})
        else:
            asyncio.get_running_loop().add_reader(self._line.fileno(), self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._line.fileno())
        self._line.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    async def heard(self, within_s: float) -> bool:
        """Return when it rings, or when the time is over; whether it rang."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), within_s)
        rang = self._rung.is_set()
        self._rung.clear()
        return rang

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            for _ in range(_DRAIN):
                self._line.recv(1)
        self._rung.set()
