"""One try of a job: its time, its database, and how it is stopped."""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.jobs.errand import Errand, Stopped, TooLong
from appliance.store import database, errors, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.job_leases import LeaseLost, Moment
from appliance.store.jobs import Wanted

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def errand(db: Connection, deadline_s: float = 30) -> Errand:
    jobs.owe(db, Wanted("text", "a"), now=NOW)
    found = job_leases.claim(db, ["text"], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    return Errand(*found, db, deadline_s)


async def for_ever() -> None:
    await asyncio.Event().wait()


def test_time_runs_out(db: Connection) -> None:
    plenty, none = errand(db), Errand(jobs.get(db, 1), job_leases.Lease(1, "w"), db, 0)
    plenty.check()
    assert 29 < plenty.left_s <= 30
    assert none.left_s == 0
    with pytest.raises(TooLong, match="longer than 0 s"):
        none.check()
    with pytest.raises(TooLong):
        none.rest(60)


def test_what_it_writes_stays_and_what_is_not_its_any_more_does_not(path: Path, db: Connection) -> None:
    mine = errand(db)
    other = database.connect_readonly(path)
    assert mine.write(lambda db: jobs.owe(db, Wanted("text", "b"), now=NOW)) == 2
    assert mine.read(lambda db: len(jobs.page(db))) == len(jobs.page(other)) == 2
    job_leases.give_back(db, mine.lease)
    with pytest.raises(LeaseLost):
        mine.write(lambda db: jobs.owe(db, Wanted("text", "c"), now=NOW))
    with pytest.raises(errors.NoSuchRow):
        mine.read(lambda db: jobs.get(db, 3))
    assert mine.apart(lambda db: db.in_transaction) is False
    other.close()


def test_a_coroutine_has_the_time_that_is_left(db: Connection) -> None:
    mine = errand(db, deadline_s=0.05)
    assert Errand(mine.job, mine.lease, db, 9).awaited(asyncio.sleep(0, "well")) == "well"
    with pytest.raises(TooLong, match=r"longer than 0\.05 s"):
        mine.awaited(for_ever())


def test_a_time_out_of_the_works_own_is_its_own(db: Connection) -> None:
    async def peer_is_slow() -> None:
        async with asyncio.timeout(0):
            await for_ever()

    with pytest.raises(TimeoutError):
        errand(db).awaited(peer_is_slow())


def test_one_that_is_told_to_stop_ends_at_its_next_check(db: Connection) -> None:
    mine = errand(db)
    mine.stop()
    with pytest.raises(Stopped):
        mine.check()
    with pytest.raises(Stopped):
        mine.rest(60)
    assert mine.awaited(asyncio.sleep(0, "goes on")) == "goes on"


def test_one_that_is_cancelled_ends_where_it_waits(db: Connection) -> None:
    mine, begun = errand(db), threading.Event()

    async def waits() -> None:
        begun.set()
        await for_ever()

    def cancel() -> None:
        begun.wait()
        mine.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with pytest.raises(Stopped):
        mine.awaited(waits())
    canceller.join()
    with pytest.raises(Stopped):
        mine.awaited(for_ever())
