"""What both children begin with: a private pair of pipes, and a place behind the bridge in every queue.

May import: the standard library, wyoming.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from wyoming.event import Event, read_event, write_event

NICE = 10
TRIES, AGAIN_S = 8, 0.13
AUTOGROUP, OOM = Path("/proc/self/autogroup"), Path("/proc/self/oom_score_adj")
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
        _step_back()

    def questions(self) -> Iterator[Event]:
        """Each question, until the program is gone."""
        while (event := read_event(sys.stdin.buffer)) is not None:
            yield event

    def say(self, kind: str, data: dict[str, Any], payload: bytes | None = None) -> None:
        """Answer."""
        write_event(Event(kind, data, payload), self._out)


def _step_back() -> None:
    """Give way to the bridge, whatever the machine counts by.

    Niceness counts among the processes of one session only (sched(7), the autogroup): so this process becomes
    a session of its own, which as a whole gives way to others.
    """
    os.nice(NICE)
    with suppress(OSError):
        OOM.write_text(OOM_SCORE, "ascii")
    with suppress(OSError):
        os.setsid()
    if AUTOGROUP.exists() and not any(_session_gives_way() for _ in range(TRIES)):
        print("the session of a speech child does not give way", file=sys.stderr)


def _session_gives_way() -> bool:
    try:
        AUTOGROUP.write_text(str(NICE), "ascii")
    except OSError:
        # Unless for root, the kernel takes one such wish in 100 ms, from anybody.
        time.sleep(AGAIN_S)
        return False
    return True


def told() -> dict[str, Any]:
    """What the program told this child at its start."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    return given
