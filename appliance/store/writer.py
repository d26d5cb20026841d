"""The one thread of a process that writes: a bounded backlog in, grouped commits out.

The event loop never touches SQLite: it hands a job over and goes on, or waits for the commit when
something is promised aloud. May import: the standard library, appliance.core, appliance.store.
"""

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from appliance.core.errors import AttendantError, StoreRefused, StoreUnsure
from appliance.store import database, errors
from appliance.store.backlog import Backlog, Entry, Job, Rank
from appliance.store.database import Connection
from appliance.store.group import Performed, is_outside, perform

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP = 256
"""The most rows in one transaction: a promised one waits for a few milliseconds of work at most."""

RETRY_S = 1.0
"""How long a disk that refused is left alone; a promised row tries it at once."""

# With a full disk the connection is kept: a new one could not even make its shared memory there.
REOPENED = (errors.DatabaseDamaged, errors.DatabaseMissing, errors.DiskFailed)


@dataclass(slots=True)
class WriterCounts:
    """Plain counters for the metrics page, since the process began."""

    queued: int = 0
    written: int = 0
    failed: int = 0
    """Jobs that a rule of the schema or a mistake of ours undid, alone."""
    dropped_partial: int = 0
    dropped: int = 0
    refused: int = 0
    commits: int = 0
    longest_commit_ms: float = 0.0


class Writer:
    """Writes what the process has to say, in order. Make one per process, when it starts.

    `bound` is in entries; `busy_ms` is how long one attempt waits for the lock before the next;
    `linger_s` is how long ordinary rows wait for company, which a promised row ends.
    """

    def __init__(
        self, path: Path, *, bound: int = 20_000, busy_ms: int = 1000, linger_s: float = 0.05
    ) -> None:
        self.counts = WriterCounts()
        self.trouble = ""
        """Why the disk takes nothing at present, in a sentence; empty when it does."""
        self._path = path
        self._busy_ms = busy_ms
        self._linger_s = linger_s
        self._db: Connection | None = None
        self._backlog = Backlog(bound)
        self._changed = threading.Condition(threading.Lock())
        self._asleep = False
        self._in_hand_since: float | None = None
        self._losing = False
        self._locked_out = False
        self._closing = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name="store-writer", daemon=True)
        self._thread.start()

    # The loop's side --------------------------------------------------------------------------------

    def submit(self, job: Job, *, partial: bool = False) -> None:
        """Hand a job over and go on; a partial one may be dropped for a later one that replaces it.

        Never blocks and never raises: what cannot be kept is counted, and told in the log.
        """
        self._take_in(Entry(job, Rank.PARTIAL if partial else Rank.ORDINARY, time.monotonic()))

    async def promise(
        self, job: Callable[[Connection], T], *, within_s: float = 5.0, unless_cancelled: bool = False
    ) -> T:
        """Write a job and return its value once that is on disk, so that it can be promised aloud.

        Raises StoreRefused when there is no room, no disk or no answer in time: then it is not written, and
        will not be. Raises StoreUnsure when it was being written as the time ran out. What the job itself
        raises comes back, the engine's errors as StoreError. Cancelling the wait takes the job back only
        where it is wanted `unless_cancelled`.
        """
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        entry = Entry(job, Rank.PROMISED, time.monotonic(), waiting)
        if self._take_in(entry) is entry:
            raise StoreRefused("The store takes no more rows: it is full, or closing.")
        try:
            async with asyncio.timeout(within_s):
                return await waiting
        except TimeoutError as exc:
            begun = self._taken_back(entry)
            error = StoreUnsure if begun else StoreRefused
            raise error(f"The store did not confirm the row within {within_s:g} s.") from exc
        except asyncio.CancelledError:
            if unless_cancelled:
                self._taken_back(entry)
            raise

    def _taken_back(self, entry: Entry) -> bool:
        """Have an entry not written; whether it was too late for that."""
        with self._changed:
            self._backlog.withdraw(entry)
            self.counts.refused += 1
            return entry.begun

    async def close(self, timeout_s: float = 5.0) -> int:
        """Write what waits, then stop; return how many rows could not be written. Safe to call again."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        await asyncio.to_thread(self._ended.wait, timeout_s)
        left = self.depth
        if left:
            log.error("the store was closed with %d rows unwritten: %s", left, self.trouble or "out of time")
        return left

    @property
    def depth(self) -> int:
        """Entries that wait or are being written."""
        return len(self._backlog)

    @property
    def alive(self) -> bool:
        """Whether the thread is there to write."""
        return self._thread.is_alive()

    def waiting_s(self) -> float:
        """How long the oldest entry has been waiting; 0 when there is none. For the watchdog."""
        with self._changed:
            since = self._in_hand_since or self._backlog.oldest_at()
        return 0.0 if since is None else max(0.0, time.monotonic() - since)

    def _take_in(self, entry: Entry) -> Entry | None:
        with self._changed:
            if self._closing:
                out: Entry | None = entry
            else:
                out = self._backlog.add(entry)
            if out is not entry:
                self.counts.queued += 1
                if self._asleep or entry.rank is Rank.PROMISED:
                    self._changed.notify()
            if out is not None:
                self._count_out(out)
        return out

    def _count_out(self, entry: Entry) -> None:
        if entry.rank is Rank.PROMISED:
            self.counts.refused += 1
            return
        if entry.rank is Rank.PARTIAL:
            self.counts.dropped_partial += 1
        else:
            self.counts.dropped += 1
        if not self._losing:
            log.error("the store takes no more rows: some are dropped, partial ones first")
        self._losing = True

    # The thread's side ------------------------------------------------------------------------------

    def _live(self) -> None:
        try:
            while (batch := self._next_batch()) is not None:
                if batch:
                    self._write(batch)
        finally:
            if self._db is not None:
                self._db.close()
            self._ended.set()

    def _next_batch(self) -> list[Entry] | None:
        """Wait for something to write, and for company if nobody waits for it; None at the end."""
        with self._changed:
            if self._closing and (self.trouble or not len(self._backlog)):
                return None
            if self.trouble:
                self._changed.wait_for(self._hurried, RETRY_S)
            self._asleep = True
            self._changed.wait_for(lambda: len(self._backlog) > 0 or self._closing)
            self._asleep = False
            self._changed.wait_for(lambda: self._hurried() or len(self._backlog) >= GROUP, self._linger_s)
            self._in_hand_since = self._backlog.oldest_at()
            return self._backlog.take(GROUP)

    def _hurried(self) -> bool:
        return self._backlog.promised() or self._closing

    def _write(self, batch: list[Entry]) -> None:
        began = time.monotonic()
        jobs = [self._unless_withdrawn(entry) for entry in batch]
        try:
            if self._db is None:
                self._db = database.connect(self._path, busy_ms=self._busy_ms)
            performed = perform(self._db, jobs)
        except (database.Error, errors.StoreError) as exc:
            if is_outside(exc):
                self._keep(batch, database.told(exc))
            else:
                self._one_by_one(batch)
        else:
            self._finish(batch, performed, began)

    def _one_by_one(self, batch: list[Entry]) -> None:
        """A job broke the group's transaction: find it by giving each one of its own."""
        for place, entry in enumerate(batch):
            began = time.monotonic()
            try:
                performed = perform(cast(Connection, self._db), [self._unless_withdrawn(entry)])
            except (database.Error, errors.StoreError) as exc:
                if is_outside(exc):
                    self._keep(batch[place:], database.told(exc))
                    return
                performed = [Performed(error=exc)]
            self._finish([entry], performed, began)

    def _unless_withdrawn(self, entry: Entry) -> Job:
        def job(db: Connection) -> object:
            with self._changed:
                if entry.withdrawn:
                    raise _Withdrawn
                entry.begun = True
            return entry.job(db)

        return job

    def _finish(self, batch: list[Entry], performed: list[Performed], began: float) -> None:
        wrong = [each.error for each in performed if each.error is not None]
        withdrawn = sum(isinstance(error, _Withdrawn) for error in wrong)
        with self._changed:
            self.counts.commits += 1
            self.counts.written += len(batch) - len(wrong)
            self.counts.failed += len(wrong) - withdrawn
            took_ms = (time.monotonic() - began) * 1000
            self.counts.longest_commit_ms = max(self.counts.longest_commit_ms, took_ms)
            self._backlog.done()
            self._in_hand_since = None
            recovered, self.trouble = self.trouble, ""
            self._losing = self._losing and len(self._backlog) > 0
        for entry, each in zip(batch, performed, strict=True):
            _answer(entry, each)
            if entry.waiting is None and each.error is not None:
                log.error("a row was not written: %s", _without_content(each.error))
        if recovered or self._locked_out:
            log.warning("the store writes again")
        self._locked_out = False

    def _keep(self, batch: list[Entry], error: errors.StoreError) -> None:
        """The lock or the disk is to blame: try again later, and let nobody wait for a disk."""
        with self._changed:
            self._backlog.put_back([entry for entry in batch if not entry.withdrawn])
            self._in_hand_since = None
        if isinstance(error, errors.DatabaseBusy):
            if not self._locked_out:
                log.warning("the store waits for a lock: %s", error)
            self._locked_out = True
            return
        if self._db is not None and isinstance(error, REOPENED):
            self._db.close()
            self._db = None
        with self._changed:
            refused = self._backlog.take_promised()
            self.counts.refused += len(refused)
            known, self.trouble = self.trouble, str(error)
        for entry in refused:
            _answer(entry, Performed(error=StoreRefused(f"The store cannot keep this now: {error}")))
        if not known:
            log.error("the store keeps rows in memory: %s", error)


class _Withdrawn(AttendantError):
    """Nobody waits for this row any more, and it must not be written."""


def _answer(entry: Entry, performed: Performed) -> None:
    if entry.waiting is None:
        return
    try:
        entry.waiting.get_loop().call_soon_threadsafe(_resolve, entry.waiting, performed)
    except RuntimeError:
        log.warning("a loop was closed while a row was being written for it")


def _resolve(waiting: asyncio.Future[Any], performed: Performed) -> None:
    if waiting.done():
        return
    if performed.error is None:
        waiting.set_result(performed.value)
    elif isinstance(performed.error, database.Error):
        waiting.set_exception(database.told(performed.error))
    else:
        waiting.set_exception(performed.error)


def _without_content(error: Exception) -> str:
    """The kind and place of an error: its text could quote what was said on a call."""
    if isinstance(error, database.Error):
        return str(database.told(error))
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join([type(error).__name__, *(f"{f.name}:{f.lineno}" for f in reversed(frames[-3:]))])
