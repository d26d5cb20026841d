"""Waiting for something to become true, woken by each event and by nothing else.

May import: the standard library.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 20.0
"""So long a peer waits where nobody said otherwise: on a machine that is shared, things come late."""


class Bell:
    """Rung when anything happened; whoever waits looks again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float, what: Callable[[], str]) -> T:
        """Return what the predicate returns as soon as that is true."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := predicate()):
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiting.add(waiter)
                    try:
                        await waiter
                    finally:
                        self._waiting.discard(waiter)
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s} s; {what()}") from None
        return found
