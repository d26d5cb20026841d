"""What waits to be written: bounded, in the order it came, and who gives way when there is no room.

Not safe for threads: the writer holds its lock around it. May import: the standard library,
appliance.store.database.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from appliance.store.database import Connection

Job = Callable[[Connection], object]
"""Writes within a transaction that is already open; may return a value and may raise."""


class Rank(IntEnum):
    """How much a row matters when not all can be kept."""

    PARTIAL = 0
    """A later row replaces it: dropped first, the oldest before the others."""

    ORDINARY = 1
    """Dropped, and complained of, when nothing but rows like it is left."""

    PROMISED = 2
    """Somebody waits to promise it aloud: refused, never dropped."""


@dataclass(slots=True, eq=False)
class Entry:
    """A job that waits; `queued_at` is on the monotonic clock, in seconds."""

    job: Job
    rank: Rank
    queued_at: float
    waiting: asyncio.Future[Any] | None = None
    withdrawn: bool = False
    begun: bool = False
    """Whether it is being written: from now on it cannot be taken back."""
    number: int = 0


class Backlog:
    """Entries in the order they came, never more than `bound` of them."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._queues: dict[Rank, deque[Entry]] = {rank: deque() for rank in Rank}
        self._taken = 0
        self._next = 0

    def __len__(self) -> int:
        return self._taken + sum(map(len, self._queues.values()))

    def add(self, entry: Entry) -> Entry | None:
        """Take an entry in; return the one that had to give way for it, which can be itself."""
        entry.number = self._next
        self._next += 1
        out = self._make_room(entry) if len(self) >= self._bound else None
        if out is not entry:
            self._queues[entry.rank].append(entry)
        return out

    def _make_room(self, entry: Entry) -> Entry:
        if self._queues[Rank.PARTIAL]:
            return self._queues[Rank.PARTIAL].popleft()
        if entry.rank is Rank.PROMISED and self._queues[Rank.ORDINARY]:
            # The newest goes: a call whose beginning is missing could not be written at all.
            return self._queues[Rank.ORDINARY].pop()
        return entry

    def take(self, most: int) -> list[Entry]:
        """Hand out the oldest entries; they count until `done` or `put_back` is called.

        Nothing is handed out behind the last promised one among them: it need not wait for that.
        """
        taken: list[Entry] = []
        while len(taken) < most and (queue := self._oldest()) is not None:
            taken.append(queue.popleft())
        self._taken = len(taken)
        last = max((i for i, entry in enumerate(taken) if entry.rank is Rank.PROMISED), default=most)
        self.put_back(taken[last + 1 :])
        self._taken = len(taken[: last + 1])
        return taken[: last + 1]

    def put_back(self, entries: list[Entry]) -> None:
        """Take entries back to where they were; nothing is in hand after this."""
        for entry in reversed(entries):
            entry.begun = False
            self._queues[entry.rank].appendleft(entry)
        self._taken = 0

    def done(self) -> None:
        """What was handed out is written, or given up."""
        self._taken = 0

    def withdraw(self, entry: Entry) -> None:
        """Forget an entry; one that is in hand knows by `withdrawn` that it must not be written."""
        entry.withdrawn = True
        if entry in self._queues[entry.rank]:
            self._queues[entry.rank].remove(entry)

    def promised(self) -> bool:
        """Whether somebody waits for one of the entries that are not in hand."""
        return bool(self._queues[Rank.PROMISED])

    def take_promised(self) -> list[Entry]:
        """Hand out all promised entries for good, to be refused."""
        out = list(self._queues[Rank.PROMISED])
        self._queues[Rank.PROMISED].clear()
        return out

    def oldest_at(self) -> float | None:
        """Since when the oldest entry that is not in hand has waited; None when there is none."""
        queue = self._oldest()
        return None if queue is None else queue[0].queued_at

    def _oldest(self) -> deque[Entry] | None:
        filled = [queue for queue in self._queues.values() if queue]
        return min(filled, key=lambda queue: queue[0].number, default=None)
