"""What can go wrong on purpose, each time once: at which door, how, and whether the thing is done.

May import: the standard library.
"""

import threading
from dataclasses import dataclass, field
from typing import Literal

Door = Literal[
    "discovery", "token", "schedule", "calendar", "create", "find", "read", "change", "delete", "view"
]
Kind = Literal["status", "hang", "drip", "cut", "body", "lie"]


@dataclass(frozen=True)
class Fault:
    """status: refuses with `status` and `code`. hang: nothing comes until the peer is released.

    drip: the answer comes a byte at a time, without an end. cut: the connection ends in the middle of it.
    body: answers with `body`. lie: a good answer, and nothing is kept. With `done` the thing is done first.
    """

    door: Door
    kind: Kind
    status: int = 0
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    done: bool = False


class Faults:
    """Those that are still to come, in order for each door."""

    def __init__(self) -> None:
        self._due: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """To come after those that are due."""
        with self._lock:
            self._due += faults

    def clear(self) -> None:
        """None is due any more."""
        with self._lock:
            self._due.clear()

    def take(self, door: Door) -> Fault | None:
        """The next one at this door."""
        with self._lock:
            for place, fault in enumerate(self._due):
                if fault.door == door:
                    return self._due.pop(place)
        return None
