"""What both children begin with: a private pair of pipes, and a place behind the bridge in every queue.

May import: the standard library, wyoming.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from wyoming.event import Event, read_event, write_event

NICE = 10
# Short of memory, the kernel ends the process with the highest score: better this one than the bridge.
OOM_SCORE = "700"


class Pipes:
    """Questions from the program, answers to it. Make it before anything that could print."""

    def __init__(self) -> None:
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        # The end of the program is the end of the pipe: signals for the whole group are not for us.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        os.nice(NICE)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, "ascii")

    def questions(self) -> Iterator[Event]:
        """Each question, until the program is gone."""
        while (event := read_event(sys.stdin.buffer)) is not None:
            yield event

    def say(self, kind: str, data: dict[str, Any], payload: bytes | None = None) -> None:
        """Answer."""
        write_event(Event(kind, data, payload), self._out)


def told() -> dict[str, Any]:
    """What the program told this child at its start."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    return given
