"""What can go wrong on purpose: a kind, the point at which it happens, and its numbers.

May import: the standard library.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

CONNECT = ("refuse", "refuse_event", "stall", "reset", "close", "silence", "none")
"""refuse: an HTTP status. refuse_event: accept, then an error event and a close, which the real service
does as well. stall: the handshake is never answered. silence: accepted, but never a word.
none: this connection is served (to skip one)."""

ACTIONS = (
    "close",
    "drop",
    "reset",
    "silence",
    "freeze",
    "error",
    "session_expired",
    "unknown_event",
    "garbage",
    "binary",
    "huge",
    "flood",
    "duplicate",
)
"""Done at a point, or at once. drop: the connection ends without a close frame. silence: nothing is sent
any more. freeze: nothing is read either, so that a ping goes unanswered. flood: events of no use without end,
as fast as they are taken. duplicate: the last event is sent again."""

REPLY_FAULTS = (
    "delay",
    "trickle",
    "fail",
    "incomplete",
    "hang",
    "bad_audio",
    "late_deltas",
    "no_created",
    "duplicate_all",
)
"""They belong to one response. delay: `ms` before the first audio. trickle: at `speedup` (below 1 is slower
than real time). fail, incomplete, hang (no further event of it), bad_audio (base64 cut short): after
`after` deltas. late_deltas: goes on after its cancellation. duplicate_all: every event of it comes twice."""

POINTS = (
    "connect",
    "created",
    "updated",
    "reply",
    "delta",
    "done",
    "after",
    "speech_started",
    "speech_stopped",
)
"""created, updated: after that event of the session. reply: just before a response is created. delta: after
`after` audio deltas of a response. done, after: just before and just after `response.done`."""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    at: str = "reply"
    after: int = 0
    """So many audio deltas later."""
    after_ms: int = 0
    times: int = 1
    """Of a connection or of a reply: for so many of them; 0 is all."""
    status: int = 503
    code: int | str | None = None
    """Of a close, its number; of an error, its code."""
    type: str = "server_error"
    reason: str = ""
    message: str = "The server had an error while processing your request."
    ms: int = 1000
    speedup: float = 0.5
    size: int = 10_000_000
    reset_ms: int = 0
    """Of fail: `rate_limits.updated` says that no tokens are left, for so long; 0 leaves it as it is."""

    @property
    def close_code(self) -> int:
        return self.code if isinstance(self.code, int) else 1011

    @property
    def error_code(self) -> str | None:
        return self.code if isinstance(self.code, str) else None


def read_fault(table: Mapping[str, Any]) -> Fault:
    """A fault from a table of the script; wrong names are refused, with the right ones."""
    names = {entry.name for entry in fields(Fault)}
    if strange := sorted(set(table) - names):
        raise ValueError(f"a fault has no {', '.join(strange)}; it has {', '.join(sorted(names))}")
    fault = Fault(**table)
    if fault.kind not in CONNECT + ACTIONS + REPLY_FAULTS:
        raise ValueError(f"no fault {fault.kind!r}; there are {', '.join(CONNECT + ACTIONS + REPLY_FAULTS)}")
    if fault.at not in POINTS:
        raise ValueError(f"no point {fault.at!r}; there are {', '.join(POINTS)}")
    return fault


def read_faults(tables: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    return tuple(read_fault(table) for table in tables)


class Armed:
    """The faults that wait in one session for their point."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._waiting: list[Fault] = []
        self._for_reply: list[Fault] = []
        self.add(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            (self._for_reply if fault.kind in REPLY_FAULTS else self._waiting).append(fault)

    def due(self, point: str, deltas: int = 0) -> list[Fault]:
        """Those whose point this is; each is due once."""
        if not self._waiting:
            return []
        due = [fault for fault in self._waiting if fault.at == point and fault.after <= deltas]
        for fault in due:
            self._waiting.remove(fault)
        return due

    def of_reply(self) -> dict[str, Fault]:
        """Hand the faults of a response to the response that now starts."""
        faults = {fault.kind: fault for fault in self._for_reply}
        self._for_reply = [fault for fault in self._for_reply if not fault.times]
        return faults
