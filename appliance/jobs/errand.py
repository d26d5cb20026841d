"""One try of a job, as the work sees it: what is asked, how much time is left, and the database.

May import: the standard library, appliance.core, appliance.store.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from appliance.core.errors import AttendantError
from appliance.store import database, job_leases
from appliance.store.database import Connection
from appliance.store.job_leases import Lease
from appliance.store.jobs import Job

T = TypeVar("T")
Change = Callable[[Connection], object]
"""Writes rows in a transaction that is already open."""


class TooLong(AttendantError):
    """The try took longer than its kind may."""


class Stopped(AttendantError):
    """The worker stops: the job is given back and begun again later. Not a failure of the job."""


class Errand:
    """One try. It is used by the thread that has it, but for `stop` and `cancel`."""

    def __init__(self, job: Job, lease: Lease, db: Connection, deadline_s: float) -> None:
        self.job = job
        self.lease = lease
        self.deadline_s = deadline_s
        self.began_s = time.monotonic()
        self.working = True
        """Whether its work goes on; then its end is to be written, which may wait for the disk."""
        self._db = db
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._awaiting: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._cancelled = False

    @property
    def took_s(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self.began_s

    @property
    def left_s(self) -> float:
        """How much time is left; never below 0."""
        return max(0.0, self.deadline_s - self.took_s)

    def check(self) -> None:
        """To be asked between two steps of long work. Raises Stopped or TooLong, so that it ends here."""
        if self._stop.is_set():
            raise Stopped("The worker was told to stop.")
        if not self.left_s:
            raise TooLong(f"It took longer than {self.deadline_s:g} s.")

    def rest(self, seconds: float) -> None:
        """Let others have the database for so long. Raises as `check` does."""
        self._stop.wait(min(seconds, self.left_s))
        self.check()

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read that sees one state of the database. Raises StoreError."""
        with database.snapshot(self._db):
            return query(self._db)

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change in a transaction of its own, which stays made. Raises StoreError, LeaseLost."""
        with database.immediate(self._db):
            job_leases.held(self._db, self.lease)
            return change(self._db)

    def apart(self, use: Callable[[Connection], T]) -> T:
        """What a use of the database returns that is no transaction. Raises StoreError."""
        return use(self._db)

    def awaited(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine returns, within the time that is left. Raises Stopped, TooLong, what it raises."""
        return asyncio.run(self._within(work))

    async def _within(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.current_task()
        with self._lock:
            self._awaiting = None if task is None else (asyncio.get_running_loop(), task)
            cancelled = self._cancelled
        limit = asyncio.timeout(self.left_s)
        try:
            async with limit:
                if cancelled:
                    work.close()
                    self.check()
                return await work
        except TimeoutError as exc:
            if not limit.expired():
                raise
            raise TooLong(f"It took longer than {self.deadline_s:g} s.") from exc
        except asyncio.CancelledError as exc:
            raise Stopped("The worker was told to stop.") from exc
        finally:
            with self._lock:
                self._awaiting = None

    def stop(self) -> None:
        """Have it end at its next `check`; from another thread."""
        self._stop.set()

    def cancel(self) -> None:
        """Have it end now, where it awaits something; from another thread."""
        self.stop()
        with self._lock:
            self._cancelled = True
            if self._awaiting is not None:
                loop, task = self._awaiting
                loop.call_soon_threadsafe(task.cancel)
