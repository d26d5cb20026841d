"""A loop whose time goes on only when nothing is left to be done now, and then jumps to what is next.

May import: the standard library.
"""

import asyncio
import selectors
from typing import Any


class _Jumping(selectors.SelectSelector):
    """Never waits: the time that it was to wait for has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("nothing will ever happen any more")
        self.now_s += max(0.0, timeout)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """For `asyncio.Runner(loop_factory=JumpingLoop)`; there must be no threads and no real sockets."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s
