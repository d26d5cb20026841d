"""How long one thing may take at a calendar service: one end for all its connections, answers and pauses.

The time-outs of sockets begin anew with every byte; this does not. May import: the standard library.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_END: ContextVar[float] = ContextVar("end")


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let what happens inside, in this thread, take so long in all."""
    token = _END.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _END.reset(token)


def left_s() -> float:
    """What is left of it, in seconds; 0 or less when it is over."""
    return _END.get() - time.monotonic()


def must_be_left_s() -> float:
    """The same as a time-out. Raises TimeoutError when nothing is left."""
    left = left_s()
    if left <= 0:
        raise TimeoutError("out of patience")
    return left
