"""The crew: who does what first, how many at once, and what becomes of work that stops, hangs or dies."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.jobs.crew import PATIENCE, Crew, Patience
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import JobFailed, Kind, registry
from appliance.store import database, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.job_leases import DIED, Moment
from appliance.store.jobs import State
from tests.jobs.owing import WAIT_S, Told, ended, having, kind, owe


@contextmanager
def crew(path: Path, *kinds: Kind[Any], threads: int = 2, patience: Patience = PATIENCE) -> Iterator[Crew]:
    """A crew that has begun, and is stopped."""
    made = Crew(path, registry(kinds), "w", threads=threads, patience=patience)
    made.start()
    try:
        yield made
    finally:
        made.stop(WAIT_S)


class Gate:
    """Work that waits to be let through; notes who came, and how many were in it at once."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.came: list[str] = []
        self.entered = threading.Semaphore(0)
        self.most = 0
        self._inside = 0
        self._lock = threading.Lock()

    def run(self, errand: Errand, _: Told) -> Change | None:
        with self._lock:
            self.came.append(errand.job.key)
            self._inside += 1
            self.most = max(self.most, self._inside)
        self.entered.release()
        assert self.opened.wait(WAIT_S)
        with self._lock:
            self._inside -= 1
        return None

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.entered.acquire(timeout=WAIT_S)


def fit(crew: Crew) -> bool:
    return crew.fit


def swept(crew: Crew, path: Path) -> None:
    db = database.connect(path)
    try:
        crew.sweep(db)
    finally:
        db.close()


def test_it_does_what_is_owed_in_order_and_rests(path: Path, db: Connection) -> None:
    done: list[str] = []
    of = kind(lambda errand, _: done.append(errand.job.key))
    for number in range(5):
        owe(db, of, f"k{number}")
    with crew(path, of, threads=1) as it:
        ended(path, 5)
        assert done == [f"k{number}" for number in range(5)]
        owe(db, of, "later")
        it.wake()
        ended(path, 6)
    assert it.became["text", "done"] == 6


def test_what_is_urgent_comes_first(path: Path, db: Connection) -> None:
    done: list[str] = []
    ordinary = kind(lambda errand, _: done.append(errand.job.key))
    urgent = kind(lambda errand, _: done.append(errand.job.key), "urgent", urgent=True)
    for number in range(3):
        owe(db, ordinary, f"ordinary {number}")
    owe(db, urgent, "urgent")
    with crew(path, ordinary, urgent, threads=1):
        ended(path, 4)
    assert done[0] == "urgent"


def test_no_more_of_a_kind_run_at_once_than_may(path: Path, db: Connection) -> None:
    heavy, light = Gate(), Gate()
    light.opened.set()
    of, other = kind(heavy.run, "heavy", at_once=1), kind(light.run, "light")
    for number in range(4):
        owe(db, of, f"heavy {number}")
        owe(db, other, f"light {number}")
    with crew(path, of, other, threads=3):
        heavy.wait_for(1)
        ended(path, 4)
        assert len(heavy.came) == 1
        heavy.opened.set()
        ended(path, 8)
    assert heavy.most == 1


def test_what_a_dead_worker_left_is_done_again(path: Path, db: Connection) -> None:
    gate = Gate()
    of = kind(gate.run)
    job_id = owe(db, of, "a")
    job_leases.claim(db, ["text"], worker="dead", moment=Moment.now(), lease_s=60)
    it = Crew(path, registry([of]), "w", threads=1)
    assert it.start() == 1
    gate.wait_for(1)
    again = jobs.get(db, job_id)
    assert (again.state, again.attempts, again.error) == (State.RUNNING, 2, DIED)
    gate.opened.set()
    (job,) = ended(path, 1)
    assert (job.attempts, job.error, gate.came) == (2, "", ["a"])
    it.stop(WAIT_S)


def test_the_sweep_finds_what_no_bell_told_of(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None)
    with crew(path, of) as it:
        owe(db, of, "soon", not_before=datetime.now(UTC) - timedelta(seconds=1))
        swept(it, path)
        ended(path, 1)


def test_the_sweep_brings_back_what_waits_for_another_try(path: Path, db: Connection) -> None:
    tries: list[int] = []

    def run(errand: Errand, _: Told) -> None:
        tries.append(errand.job.attempts)
        if len(tries) < 3:
            raise ConnectionError

    of = kind(run)
    owe(db, of, "a")
    with crew(path, of) as it:
        tick = threading.Event()
        while not having(path, State.DONE):
            swept(it, path)
            tick.wait(0.01)
    assert tries == [1, 2, 3]


def test_what_was_given_up_is_done_when_it_is_retried(path: Path, db: Connection) -> None:
    mended = threading.Event()

    def run(_errand: Errand, _: Told) -> None:
        if not mended.is_set():
            raise JobFailed("the line is cut", again=False)

    of = kind(run)
    job_id = owe(db, of, "a")
    with crew(path, of) as it:
        (dead,) = ended(path, 1, by=(State.DEAD,))
        assert (dead.error, dead.attempts) == ("the line is cut", 1)
        mended.set()
        jobs.retry(db, job_id)
        it.wake()
        (done,) = ended(path, 1)
        assert (done.error, done.attempts) == ("", 1)


def test_what_runs_for_long_keeps_its_lease(path: Path, db: Connection) -> None:
    gate = Gate()
    of = kind(gate.run)
    job_id = owe(db, of, "a")

    def until() -> int:
        return int(db.execute("SELECT until_ms FROM job WHERE id = ?", (job_id,)).fetchone()[0])

    with crew(path, of, patience=Patience(extend_s=-1)) as it:
        gate.wait_for(1)
        db.execute("UPDATE job SET until_ms = 1")
        swept(it, path)
        assert until() > Moment.now().up_ms + 50_000
        assert jobs.get(db, job_id).state is State.RUNNING
        gate.opened.set()
        ended(path, 1)


def test_what_runs_here_does_not_lapse_when_nobody_could_extend_it(path: Path, db: Connection) -> None:
    gate = Gate()
    of = kind(gate.run)
    owe(db, of, "a")
    with crew(path, of) as it:
        gate.wait_for(1)
        swept(it, path)  # from now on the next extension is due in some seconds alone
        db.execute("UPDATE job SET until_ms = 1")
        swept(it, path)
        gate.opened.set()
        (job,) = ended(path, 1)
    assert job.attempts == 1
    assert gate.came == ["a"]


def test_a_stop_lets_end_what_runs_and_begins_nothing(path: Path, db: Connection) -> None:
    gate = Gate()
    of = kind(gate.run, at_once=1)
    owe(db, of, "runs")
    owe(db, of, "waits")
    it = Crew(path, registry([of]), "w", threads=2)
    it.start()
    gate.wait_for(1)
    opener = threading.Timer(0.05, gate.opened.set)
    opener.start()
    assert it.stop(WAIT_S) == 0
    assert {job.key: job.state for job in having(path)} == {"runs": State.DONE, "waits": State.QUEUED}


def test_a_stop_gives_back_what_does_not_end_and_its_work_is_for_nothing(path: Path, db: Connection) -> None:
    gate = Gate()
    of = kind(gate.run)
    owe(db, of, "endless")
    it = Crew(path, registry([of]), "w", threads=1)
    it.start()
    gate.wait_for(1)
    assert it.stop(0) == 1
    (job,) = having(path)
    assert (job.state, job.attempts, job.error) == (State.QUEUED, 0, "")
    gate.opened.set()
    for thread in threading.enumerate():
        if thread.name.startswith("jobs "):
            thread.join(WAIT_S)
    assert it.became["text", "lost"] == 1


def test_a_stop_ends_long_work_at_its_next_step_and_awaited_work_where_it_waits(
    path: Path, db: Connection
) -> None:
    begun = threading.Semaphore(0)

    def in_steps(errand: Errand, _: Told) -> None:
        begun.release()
        while True:
            errand.rest(60)

    def awaits(errand: Errand, _: Told) -> None:
        async def wait() -> None:
            begun.release()
            await asyncio.Event().wait()

        errand.awaited(wait())

    first, second = kind(in_steps, "in steps"), kind(awaits, "awaits")
    owe(db, first, "a")
    owe(db, second, "b")
    it = Crew(path, registry([first, second]), "w", threads=2)
    it.start()
    assert begun.acquire(timeout=WAIT_S)
    assert begun.acquire(timeout=WAIT_S)
    assert it.stop(0.1) == 0
    assert it.became == {("in steps", "given back"): 1, ("awaits", "given back"): 1}
    assert {job.state for job in having(path)} == {State.QUEUED}


def test_work_that_cannot_be_stopped_is_left_and_tried_by_another_thread(path: Path, db: Connection) -> None:
    gate, calm = Gate(), threading.Event()

    def run(errand: Errand, told: Told) -> Change | None:
        if errand.job.attempts == 1:
            return gate.run(errand, told)
        calm.set()
        return None

    of = kind(run, deadline_s=0.05)
    owe(db, of, "a")
    with crew(path, of, threads=1, patience=Patience(overdue_s=0)) as it:
        gate.wait_for(1)
        while fit(it):  # as many hang as there are threads: who watches may end the process
            swept(it, path)
        while not calm.is_set():
            swept(it, path)
        (job,) = ended(path, 1)
        assert job.attempts == 2
        gate.opened.set()
        tick = threading.Event()
        while it.hung:
            tick.wait(0.01)
        assert fit(it)
    assert it.became == {("text", "hung"): 1, ("text", "lost"): 1, ("text", "done"): 1}


def test_a_job_whose_row_is_gone_ends_with_nothing(path: Path, db: Connection) -> None:
    def run(_errand: Errand, _: Told) -> None:
        db.execute("DELETE FROM job WHERE key = 'gone'")
        raise ConnectionError

    of, other = kind(run), kind(lambda _errand, _told: None, "other")
    owe(db, of, "gone")
    with crew(path, of, other, threads=1) as it:
        while not it.became["text", "left"]:
            threading.Event().wait(0.01)
        assert it.running == 0
        owe(db, other, "next")
        it.wake()
        ended(path, 1)


def test_an_end_that_waits_for_the_disk_does_not_hang(path: Path, db: Connection) -> None:
    gate, seen = Gate(), list[Errand]()

    def run(errand: Errand, told: Told) -> Change | None:
        seen.append(errand)
        return gate.run(errand, told)

    of = kind(run, deadline_s=0)
    owe(db, of, "a")
    with crew(path, of, threads=1, patience=Patience(overdue_s=0, busy_ms=10)) as it:
        gate.wait_for(1)
        blocker = database.connect(path)
        blocker.execute("BEGIN IMMEDIATE")
        gate.opened.set()
        while seen[0].working:
            threading.Event().wait(0.01)
        blocker.execute("ROLLBACK")
        blocker.close()
        swept(it, path)
        ended(path, 1)
    assert it.became == {("text", "done"): 1}


def test_a_locked_database_is_told_once_and_nothing_is_lost(
    path: Path, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    of = kind(lambda _errand, _told: None)
    blocker = database.connect(path)
    tick = threading.Event()
    with crew(path, of, patience=Patience(busy_ms=10)) as it:
        # A job that was begun before the lock is no case of this: then there is another.
        for owed in range(1, 51):
            owe(db, of, f"a{owed}")
            blocker.execute("BEGIN IMMEDIATE")
            if jobs.page(blocker, (State.QUEUED,)):
                break
            blocker.execute("ROLLBACK")
            ended(path, owed)
        for _ in range(2):
            it.wake()
            while not it.trouble:
                tick.wait(0.01)
        blocker.execute("ROLLBACK")
        blocker.close()
        it.wake()
        ended(path, owed)
    assert it.trouble == ""
    assert sum(record.message == "jobs cannot be begun" for record in caplog.records) == 1
