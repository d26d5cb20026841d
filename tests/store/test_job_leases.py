"""Leases of jobs: one worker each, taken over when they run out, and no clock that is set moves them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store import database, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.job_leases import DIED, HUNG, Lease, LeaseLost, Moment, Waits
from appliance.store.jobs import Job, State, Wanted

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
START = Moment(NOW, "boot-1", 1_000_000)
WAITS = Waits(first_s=10, longest_s=100)
DAY = timedelta(days=1)


def later(seconds: float, *, set_by: timedelta = timedelta(0), boot: str = "boot-1") -> Moment:
    """So long after the start, the clock on the wall having been set meanwhile."""
    at = NOW + timedelta(seconds=seconds) + set_by
    return Moment(at, boot, START.up_ms + round(seconds * 1000))


def owe(db: Connection, key: str, *, kind: str = "text", tries: int = 3, at: datetime | None = None) -> int:
    return jobs.owe(db, Wanted(kind, key, {}, at, tries), now=NOW)


def claim(
    db: Connection, moment: Moment = START, *, worker: str = "w", kinds: tuple[str, ...] = ("text",)
) -> tuple[Job, Lease] | None:
    return job_leases.claim(db, kinds, worker=worker, moment=moment, lease_s=60)


def claimed(db: Connection, moment: Moment = START, *, worker: str = "w") -> Lease:
    found = claim(db, moment, worker=worker)
    assert found is not None
    return found[1]


def test_a_claimed_job_is_nobody_elses(db: Connection) -> None:
    job_id = owe(db, "a")
    found = claim(db)
    assert found is not None
    job, lease = found
    assert (job.id, job.state, job.attempts, job.worker) == (job_id, State.RUNNING, 1, "w")
    assert claim(db, worker="v") is None
    job_leases.done(db, lease, moment=later(2), took_ms=2000)
    ended = jobs.get(db, job_id)
    assert (ended.state, ended.took_ms, ended.ended_at) == (State.DONE, 2000, "2026-11-24T09:00:02.000Z")


def test_the_longest_due_comes_first_and_what_is_due_at_once_before_it(db: Connection) -> None:
    owe(db, "tomorrow", at=NOW + DAY)
    nine = owe(db, "nine", at=NOW)
    eight = owe(db, "eight", at=NOW - timedelta(hours=1), kind="mail")
    at_once = owe(db, "at once")
    order = []
    while (found := claim(db, kinds=("text", "mail", "unknown"))) is not None:
        order.append(found[0].id)
    assert order == [at_once, eight, nine]


def test_kinds_that_nobody_asks_for_stay(db: Connection) -> None:
    owe(db, "a", kind="new in the next version")
    assert claim(db) is None
    assert jobs.page(db)[0].state is State.QUEUED


def test_many_threads_claim_each_job_once(path: Path, db: Connection) -> None:
    ids = {owe(db, f"k{number}") for number in range(60)}
    found: list[int] = []

    def work(name: str) -> None:
        own = database.connect(path)
        while True:
            with database.immediate(own):
                got = claim(own, worker=name)
            if got is None:
                break
            found.append(got[0].id)
        own.close()

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(ids)


def test_a_lease_that_is_extended_holds(db: Connection) -> None:
    owe(db, "a")
    lease = claimed(db)
    job_leases.extend(db, lease, moment=later(50), lease_s=60)
    assert job_leases.wake(db, moment=later(100), waits=WAITS) == 0
    assert job_leases.wake(db, moment=later(110), waits=WAITS) == 1


def with_an_effect(db: Connection, end: Callable[[], object]) -> None:
    with database.immediate(db):
        owe(db, "an effect")
        end()


def test_what_a_lost_lease_wrote_is_not_kept(path: Path, db: Connection) -> None:
    job_id = owe(db, "a")
    old = claimed(db)
    job_leases.wake(db, moment=later(60), waits=WAITS)
    assert jobs.get(db, job_id).error == HUNG
    new = claimed(db, later(60), worker="v")
    for late in (
        lambda: job_leases.done(db, old, moment=later(61), took_ms=1),
        lambda: job_leases.extend(db, old, moment=later(61), lease_s=60),
        lambda: job_leases.give_back(db, old),
        lambda: job_leases.failed(db, old, "late", moment=later(61), took_ms=1, again_s=1),
    ):
        with pytest.raises(LeaseLost):
            with_an_effect(db, late)
    job_leases.done(db, new, moment=later(61), took_ms=1)
    assert [job.key for job in jobs.page(db)] == ["a"]


def test_a_failed_try_waits_and_the_last_one_ends_it(db: Connection) -> None:
    job_id = owe(db, "a", tries=2)
    fail = {"moment": START, "took_ms": 5, "again_s": 30.0}
    assert job_leases.failed(db, claimed(db), "no line", **fail) is State.WAITING  # type: ignore[arg-type]
    assert job_leases.wake(db, moment=later(29.9), waits=WAITS) == 0
    assert claim(db, later(29.9)) is None
    assert job_leases.wake(db, moment=later(30), waits=WAITS) == 1
    assert job_leases.failed(db, claimed(db, later(30)), "still no line", **fail) is State.DEAD  # type: ignore[arg-type]
    dead = jobs.get(db, job_id)
    assert (dead.error, dead.attempts) == ("still no line", 2)
    assert job_leases.wake(db, moment=later(9999), waits=WAITS) == 0


def test_long_errors_are_cut(db: Connection) -> None:
    job_id = owe(db, "a")
    job_leases.failed(db, claimed(db), "x" * 9999, moment=START, took_ms=0, again_s=1)
    assert len(jobs.get(db, job_id).error) == jobs.ERROR_LENGTH


def test_a_job_that_is_given_back_was_not_tried(db: Connection) -> None:
    job_id = owe(db, "a")
    job_leases.give_back(db, claimed(db))
    assert (jobs.get(db, job_id).state, jobs.get(db, job_id).attempts) == (State.QUEUED, 0)


def test_a_dead_workers_jobs_are_begun_again_and_one_that_kills_workers_ends(db: Connection) -> None:
    job_id, seen = owe(db, "deadly", tries=4), []
    moment = START
    while jobs.get(db, job_id).state is not State.DEAD:
        job_leases.wake(db, moment=moment, waits=WAITS)
        if claim(db, moment) is not None:
            assert job_leases.recover(db, moment=moment, waits=WAITS) == 1
            seen.append(moment.up_ms - START.up_ms)
        moment = later((moment.up_ms - START.up_ms) / 1000 + 1)
    assert seen == [0, 1000, 2000, 12_000]
    assert jobs.get(db, job_id).error == DIED
    assert job_leases.recover(db, moment=moment, waits=WAITS) == 0


@pytest.mark.parametrize("set_by", [-DAY, DAY])
def test_setting_the_clock_by_a_day_moves_no_lease_and_no_wait(db: Connection, set_by: timedelta) -> None:
    owe(db, "runs")
    runs = claimed(db)
    owe(db, "waits")
    job_leases.failed(db, claimed(db, worker="v"), "no line", moment=START, took_ms=0, again_s=30)
    owe(db, "at once")
    soon = later(1, set_by=set_by)
    assert job_leases.wake(db, moment=soon, waits=WAITS) == 0
    found = claim(db, soon, worker="u")
    assert found is not None
    assert found[0].key == "at once"
    assert job_leases.wake(db, moment=later(31, set_by=set_by), waits=WAITS) == 1
    assert job_leases.wake(db, moment=later(60, set_by=set_by), waits=WAITS) == 1
    with pytest.raises(LeaseLost):
        job_leases.done(db, runs, moment=later(61, set_by=set_by), took_ms=1)


@pytest.mark.parametrize("boot", ["boot-0", "boot-2"])
def test_after_another_boot_nothing_is_held_and_nothing_waits(db: Connection, boot: str) -> None:
    owe(db, "runs")
    claimed(db)
    owe(db, "waits")
    job_leases.failed(db, claimed(db, worker="v"), "no line", moment=START, took_ms=0, again_s=3000)
    young = Moment(NOW, boot, 5)
    assert job_leases.lapsed(db, young)
    assert job_leases.wake(db, moment=young, waits=WAITS) == 2
    assert claim(db, young) is not None
    assert claim(db, young) is not None


def test_somebody_asking_sees_what_is_due_and_what_lapsed(db: Connection) -> None:
    assert job_leases.due(db, ["text"], START) is None
    job_id = owe(db, "soon", at=NOW + timedelta(seconds=5))
    assert job_leases.due(db, ["text"], START) is None
    assert job_leases.due(db, ["mail", "text"], later(5)) == job_id
    assert job_leases.due(db, ["mail"], later(5)) is None
    lease = claimed(db, later(5))
    assert not job_leases.lapsed(db, later(64))
    assert job_leases.lapsed(db, later(65))
    job_leases.held(db, lease)
    job_leases.wake(db, moment=later(65), waits=WAITS)
    with pytest.raises(LeaseLost):
        job_leases.held(db, lease)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_up_to_a_ceiling_and_are_spread(attempts: int, spread: float) -> None:
    wait_s = WAITS.after(attempts, spread)
    full_s = min(100, 10 * 2 ** min(attempts - 1, 10))
    assert full_s / 2 <= wait_s <= full_s
    assert WAITS.after(attempts, 0) <= WAITS.after(attempts + 1, 0)


def test_the_clocks_of_this_machine_go_forward() -> None:
    first, second = Moment.now(), Moment.now()
    assert first.boot == second.boot != ""
    assert first.up_ms <= second.up_ms
