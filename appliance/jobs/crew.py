"""The crew: threads that do what is owed, for as long as there is something, and a sweep that misses nothing.

May import: the standard library, appliance.store, appliance.jobs.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.jobs import work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import WAITS, Registry
from appliance.store import database, job_leases
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.job_leases import LeaseLost, Moment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a crew waits for what."""

    lease_s: float = 60.0
    extend_s: float = 15.0
    """How often leases are extended."""
    overdue_s: float = 10.0
    """A try that goes on for so long after its deadline cannot be stopped: it is left to itself."""
    last_s: float = 2.0
    """What was cancelled has so long to give its job back by itself."""
    busy_ms: int = database.BUSY_MS
    """How long others may keep the database locked."""


PATIENCE = Patience()


class Crew:
    """Does jobs of these kinds in so many threads. `worker` is a name that no other process has or had."""

    def __init__(
        self,
        path: Path,
        kinds: Registry,
        worker: str,
        *,
        threads: int,
        clock: Callable[[], Moment] = Moment.now,
        patience: Patience = PATIENCE,
    ) -> None:
        self._path = path
        self._kinds = kinds
        self._worker = worker
        self._size = threads
        self._clock = clock
        self._patience = patience
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._running: dict[str, Errand] = {}
        self._claims = 0
        self._rung = 0
        self._stopping = False
        self._ended = threading.Event()
        self._extended_s = 0.0
        self.became: Counter[tuple[str, str]] = Counter()
        """How many tries there were, by kind and by what became of them."""
        self.hung = 0
        """Tries that could not be stopped; each keeps a thread for good."""
        self.trouble = ""
        """Why nothing can be claimed now; empty while it can."""

    def start(self) -> int:
        """Take over what a dead worker left, and begin; return how much that was. Raises StoreError."""
        db = database.connect(self._path)
        try:
            with database.immediate(db):
                left = job_leases.recover(db, moment=self._clock(), waits=WAITS)
        finally:
            db.close()
        for _ in range(self._size):
            self._add_thread()
        self.wake()
        return left

    def wake(self) -> None:
        """There may be something to do."""
        with self._changed:
            self._rung += 1
            self._changed.notify_all()

    @property
    def running(self) -> int:
        """How many jobs are being done."""
        return len(self._running)

    @property
    def fit(self) -> bool:
        """Whether there are threads to do something."""
        return self.hung < self._size and all(thread.is_alive() for thread in self._threads)

    def stop(self, grace_s: float) -> int:
        """Begin nothing more, and let end what runs within the time; return how many were given back."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            for errand in self._running.values():
                errand.stop()
            self._changed.wait_for(lambda: not self._running, grace_s)
            for errand in self._running.values():
                errand.cancel()
            self._ended.set()
            self._changed.wait_for(lambda: not self._running, self._patience.last_s)
            left = [*self._running.values()]
        for thread in self._threads:
            thread.join(0 if left else self._patience.last_s)
        return self._give_back(left)

    def _give_back(self, left: list[Errand]) -> int:
        """What does not end is due again, and no failure; what it does from now on is for nothing."""
        if not left:
            return 0
        given = 0
        db = database.connect(self._path)
        try:
            for errand in left:
                try:
                    with database.immediate(db):
                        job_leases.give_back(db, errand.lease)
                    given += 1
                except LeaseLost:
                    continue  # It has ended after all.
        finally:
            db.close()
        return given

    # A thread -----------------------------------------------------------------------------------------

    def _add_thread(self) -> None:
        name = f"jobs {len(self._threads)}"
        thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _live(self) -> None:
        seen = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=seen: self._rung != seen or self._stopping)  # type: ignore[misc]
                if self._stopping:
                    return
                seen = self._rung
            try:
                with database.translated(self._path):
                    wanted = self._drain()
            except StoreError as exc:
                self._troubled(exc)
            else:
                if not wanted:
                    return

    def _drain(self) -> bool:
        """Do all that is due; False when this thread is not wanted any more. Raises StoreError."""
        db = database.connect(self._path, busy_ms=self._patience.busy_ms)
        try:
            while (errand := self._claimed(db)) is not None:
                became = "left"
                try:
                    became = work.do(self._kinds, errand, db, self._clock, self._ended.wait)
                finally:
                    # Whatever becomes of it, its lease is not extended any more.
                    wanted = self._ended_is_wanted(errand, became)
                if not wanted:
                    return False
        finally:
            db.close()
        return True

    def _ended_is_wanted(self, errand: Errand, became: str) -> bool:
        """Note the end of a try; False when its thread was given up meanwhile, and goes."""
        with self._changed:
            self.became[errand.job.kind, became] += 1
            wanted = self._running.pop(errand.lease.worker, None) is not None
            if not wanted:
                self._threads.remove(threading.current_thread())
                self.hung -= 1
            self._changed.notify_all()
        return wanted

    def _claimed(self, db: Connection) -> Errand | None:
        """Take what is due, what is urgent first; None when nothing is, or no more of it may run now."""
        with self._changed:
            if self._stopping:
                return None
            held = Counter(errand.job.kind for errand in self._running.values())
            for urgent in (True, False):
                kinds = [
                    kind.name
                    for kind in self._kinds.values()
                    if kind.urgent is urgent and held[kind.name] < kind.at_once
                ]
                moment = self._clock()
                # Asked first: that is a read, and holds up nobody.
                if job_leases.due(db, kinds, moment) is not None:
                    return self._taken(db, kinds, moment)
        return None

    def _taken(self, db: Connection, kinds: list[str], moment: Moment) -> Errand | None:
        self._claims += 1
        name = f"{self._worker}/{self._claims}"
        with database.immediate(db):
            found = job_leases.claim(db, kinds, worker=name, moment=moment, lease_s=self._patience.lease_s)
        self._troubled(None)
        if found is None:
            return None
        job, lease = found
        errand = self._running[name] = Errand(job, lease, db, self._kinds[job.kind].deadline_s)
        return errand

    # The sweep ----------------------------------------------------------------------------------------

    def sweep(self, db: Connection) -> None:
        """Keep what runs, leave what hangs, make due what waited: every second. Raises StoreError."""
        with database.translated(self._path):
            self._swept(db)

    def _swept(self, db: Connection) -> None:
        self._leave_hung(db)
        now_s, moment = time.monotonic(), self._clock()
        if self._running and now_s - self._extended_s > self._patience.extend_s:
            self._extend(db, moment)
            self._extended_s = now_s
        if job_leases.lapsed(db, moment):
            # What runs here is extended first: it does not lapse because nobody could write for a minute.
            self._extend(db, moment)
            with database.immediate(db):
                job_leases.wake(db, moment=moment, waits=WAITS)
        if job_leases.due(db, [*self._kinds], moment) is not None:
            self.wake()
        else:
            # With something due it is known by the next claim: this was a read.
            self._troubled(None)

    def _extend(self, db: Connection, moment: Moment) -> None:
        with self._changed:
            leases = [errand.lease for errand in self._running.values()]
        with database.immediate(db):
            for lease in leases:
                try:
                    job_leases.extend(db, lease, moment=moment, lease_s=self._patience.lease_s)
                except LeaseLost:
                    continue  # It ends in this moment.

    def _leave_hung(self, db: Connection) -> None:
        """Have a new thread in the place of one that cannot be stopped, and its job tried again."""
        with self._changed:
            hung = [
                errand
                for errand in self._running.values()
                if errand.working and errand.took_s > errand.deadline_s + self._patience.overdue_s
            ]
        for errand in hung:
            log.error("a job hangs and is left", extra={"job": errand.job.id, "kind": errand.job.kind})
            told = f"It went on for {errand.took_s:.0f} s and could not be stopped."
            again_s = self._kinds[errand.job.kind].waits.after(errand.job.attempts, work.SPREAD.random())
            took_ms, moment = round(errand.took_s * 1000), self._clock()
            try:
                with database.immediate(db):
                    job_leases.failed(db, errand.lease, told, moment=moment, took_ms=took_ms, again_s=again_s)
            except LeaseLost:
                continue
            with self._changed:
                if self._running.pop(errand.lease.worker, None) is not None:
                    self.hung += 1
                    self.became[errand.job.kind, "hung"] += 1
                    self._add_thread()

    def _troubled(self, error: StoreError | None) -> None:
        """Say once that the database cannot be used, and once that it can again."""
        before, self.trouble = self.trouble, "" if error is None else str(error)
        if error is not None and not before:
            log.error("jobs cannot be begun", extra={"problem": str(error)})
        elif error is None and before:
            log.warning("jobs are begun again")
