"""The writer: order, promises, a full queue, locks held by others, and its end."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.dispositions import GOODBYE
from appliance.core.errors import StoreRefused, StoreUnsure
from appliance.core.steps import CallOffered
from appliance.store import calls, database, errors
from appliance.store.database import Connection
from appliance.store.writer import Writer
from tests.store.conftest import AT
from tests.store.gate import Gate, held


def begin(call_id: str) -> Callable[[Connection], str]:
    def job(db: Connection) -> str:
        calls.begin(db, call_id, CallOffered(f"CA{call_id}", "", "", "twilio"), AT)
        return call_id

    return job


def begun(path: Path) -> set[str]:
    db = database.connect_readonly(path)
    found = {call.id for call in calls.page(db, limit=100_000)}
    db.close()
    return found


async def test_a_promise_is_on_disk_when_it_returns(path: Path, writer: Writer) -> None:
    assert await writer.promise(begin("c1")) == "c1"
    assert begun(path) == {"c1"}


async def test_rows_are_written_in_the_order_they_came(path: Path, writer: Writer) -> None:
    writer.submit(begin("c1"))
    writer.submit(lambda db: calls.leave(db, "c1", GOODBYE), partial=True)
    await writer.promise(lambda db: calls.add_menu_step(db, "CAc1", "main:3"))
    assert writer.counts.written == 3
    assert writer.counts.failed == 0


async def test_rows_share_a_commit(path: Path, writer: Writer) -> None:
    for number in range(200):
        writer.submit(begin(f"c{number}"))
    await writer.promise(begin("last"))
    assert len(begun(path)) == 201
    assert writer.counts.commits <= 3
    assert writer.counts.longest_commit_ms > 0


async def test_a_promise_does_not_linger_for_company(path: Path) -> None:
    writer = Writer(path, linger_s=3600)
    for number in range(3):
        writer.submit(begin(f"c{number}"))
        assert await writer.promise(begin(f"promised{number}")) == f"promised{number}"
    writer.submit(begin("last"))
    assert await writer.close() == 0
    assert len(begun(path)) == 7
    assert writer.counts.commits <= 7


async def test_a_failing_job_does_not_undo_its_neighbours(
    path: Path, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def half(db: Connection) -> None:
        begin("half")(db)
        raise ValueError("said on a call")

    writer.submit(begin("c1"))
    writer.submit(half)
    writer.submit(lambda db: calls.leave(db, "none", GOODBYE))
    writer.submit(lambda db: calls.begin(db, "other", CallOffered("CAc1", "", "", "twilio"), AT))
    await writer.promise(begin("c2"))
    assert begun(path) == {"c1", "c2"}
    assert (writer.counts.written, writer.counts.failed) == (2, 3)
    assert "ValueError" in caplog.text
    assert "said on a call" not in caplog.text


async def test_what_a_promised_job_raises_comes_back(writer: Writer) -> None:
    with pytest.raises(errors.NoSuchRow):
        await writer.promise(lambda db: calls.leave(db, "none", GOODBYE))
    with pytest.raises(errors.StoreError, match="no such table"):
        await writer.promise(lambda db: db.execute("SELECT * FROM none"))


async def test_a_job_that_breaks_the_transaction_fails_alone(path: Path, writer: Writer) -> None:
    def break_and_fail(db: Connection) -> None:
        db.execute("ROLLBACK")
        raise ValueError

    writer.submit(begin("c1"))
    writer.submit(lambda db: db.execute("ROLLBACK"))
    writer.submit(begin("c2"))
    writer.submit(break_and_fail)
    with pytest.raises(errors.StoreError):
        await writer.promise(lambda db: db.execute("ROLLBACK"))
    await writer.promise(begin("c3"))
    assert begun(path) == {"c1", "c2", "c3"}
    assert writer.counts.failed == 3


async def test_a_full_queue_drops_partial_rows_first_and_counts(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer(path, bound=11)
    gate = await held(writer)
    for number in range(5):
        writer.submit(begin(f"part{number}"), partial=True)
        writer.submit(begin(f"row{number}"))
    for number in range(5, 9):
        writer.submit(begin(f"row{number}"))
    assert (writer.counts.dropped_partial, writer.counts.dropped, writer.depth) == (4, 0, 11)
    promise = asyncio.gather(*(writer.promise(begin(f"promise{number}")) for number in range(2)))
    await asyncio.sleep(0)
    assert (writer.counts.dropped_partial, writer.counts.dropped) == (5, 1)
    writer.submit(begin("late"))
    assert writer.counts.dropped == 2
    gate.opened.set()
    assert await promise == ["promise0", "promise1"]
    assert await writer.close() == 0
    assert begun(path) == {f"row{number}" for number in range(8)} | {"promise0", "promise1"}
    assert len([r for r in caplog.records if r.levelno == logging.ERROR]) == 1


async def test_a_queue_full_of_promises_refuses_the_next(path: Path) -> None:
    writer = Writer(path, bound=3)
    gate = await held(writer)
    promises = asyncio.gather(*(writer.promise(begin(f"c{number}")) for number in range(2)))
    await asyncio.sleep(0)
    with pytest.raises(StoreRefused, match="no more rows"):
        await writer.promise(begin("late"))
    gate.opened.set()
    await promises
    assert await writer.close() == 0
    assert begun(path) == {"c0", "c1"}
    assert (writer.counts.refused, writer.counts.dropped) == (1, 0)


async def test_an_unanswered_promise_is_refused_and_not_written(path: Path) -> None:
    writer = Writer(path)
    gate = await held(writer)
    with pytest.raises(StoreRefused, match=r"within 0\.01 s"):
        await writer.promise(begin("late"), within_s=0.01)
    assert writer.waiting_s() > 0.01
    gate.opened.set()
    assert await writer.close() == 0
    assert begun(path) == set()
    assert writer.waiting_s() == 0


async def test_cancelling_does_not_take_a_promised_row_back(path: Path) -> None:
    writer = Writer(path)
    gate = await held(writer)
    async with asyncio.TaskGroup() as tasks:
        promise = tasks.create_task(writer.promise(begin("c1")))
        await asyncio.sleep(0)
        promise.cancel()
    gate.opened.set()
    assert await writer.close() == 0
    assert begun(path) == {"c1"}


async def test_cancelling_takes_back_what_is_wanted_only_while_somebody_waits(path: Path) -> None:
    writer = Writer(path)
    gate = await held(writer)
    async with asyncio.TaskGroup() as tasks:
        promise = tasks.create_task(writer.promise(begin("c1"), unless_cancelled=True))
        await asyncio.sleep(0)
        promise.cancel()
    gate.opened.set()
    assert await writer.close() == 0
    assert begun(path) == set()


async def test_what_is_being_written_when_its_time_is_up_is_unsure(path: Path) -> None:
    writer, gate = Writer(path), Gate()

    def slow(db: Connection) -> str:
        gate(db)
        return begin("c1")(db)

    with pytest.raises(StoreUnsure):
        await writer.promise(slow, within_s=0.2)
    gate.opened.set()
    assert await writer.close() == 0
    # Here it was; nobody said that it was not.
    assert begun(path) == {"c1"}


async def test_a_lock_held_by_another_for_a_second_costs_a_second(path: Path) -> None:
    writer = Writer(path, busy_ms=200)
    other = database.connect(path)
    other.execute("BEGIN IMMEDIATE")
    loop = asyncio.get_running_loop()
    loop.call_later(1.0, other.execute, "ROLLBACK")
    began = loop.time()
    lateness = []

    async def tick() -> None:
        while True:
            due = loop.time() + 0.02
            await asyncio.sleep(0.02)
            lateness.append(loop.time() - due)

    async with asyncio.TaskGroup() as tasks:
        ticking = tasks.create_task(tick())
        writer.submit(begin("c0"))
        assert await writer.promise(begin("c1")) == "c1"
        ticking.cancel()
    assert 0.9 < loop.time() - began < 4
    assert max(lateness) < 0.5
    assert await writer.close() == 0
    assert begun(path) == {"c0", "c1"}
    other.close()


async def test_a_lock_held_too_long_refuses_the_promise_alone(path: Path) -> None:
    writer = Writer(path, busy_ms=20)
    other = database.connect(path)
    other.execute("BEGIN IMMEDIATE")
    writer.submit(begin("c0"))
    with pytest.raises(StoreRefused) as refused:
        await writer.promise(begin("c1"), within_s=0.2)
    assert not isinstance(refused.value, StoreUnsure)
    other.execute("ROLLBACK")
    assert await writer.close() == 0
    assert begun(path) == {"c0"}
    other.close()


async def test_closing_writes_what_waits_and_takes_no_more(path: Path) -> None:
    writer = Writer(path)
    for number in range(1000):
        writer.submit(begin(f"c{number}"))
    assert await writer.close() == 0
    assert len(begun(path)) == 1000
    writer.submit(begin("late"))
    with pytest.raises(StoreRefused, match="closing"):
        await writer.promise(begin("later"))
    assert await writer.close() == 0
    assert len(begun(path)) == 1000
    assert (writer.counts.dropped, writer.counts.refused) == (1, 1)


async def test_closing_gives_up_in_time(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = Writer(path)
    gate = await held(writer)
    writer.submit(begin("c1"))
    assert await writer.close(0.01) == 2
    assert "2 rows unwritten" in caplog.text
    gate.opened.set()
    assert await writer.close() == 0


async def test_a_missing_database_refuses_promises_and_keeps_rows(path: Path) -> None:
    away = path.with_name("away")
    os.rename(path, away)
    writer = Writer(path)
    writer.submit(begin("c0"))
    with pytest.raises(StoreRefused, match="cannot be opened"):
        await writer.promise(begin("c1"))
    assert writer.trouble
    assert writer.alive
    os.rename(away, path)
    assert await writer.promise(begin("c2")) == "c2"
    assert not writer.trouble
    assert await writer.close() == 0
    assert begun(path) == {"c0", "c2"}


def test_a_damaged_database_is_not_written_to(path: Path) -> None:
    async def write() -> int:
        writer = Writer(path)
        writer.submit(begin("c0"))
        with pytest.raises(StoreRefused, match="restore a backup"):
            await writer.promise(begin("c1"))
        return await writer.close()

    path.write_bytes(b"x" * 9000)
    assert asyncio.run(write()) == 1
    assert path.read_bytes() == b"x" * 9000


def test_a_loop_that_is_gone_does_not_stop_the_writer(path: Path) -> None:
    async def leave_early(writer: Writer) -> Gate:
        gate = await held(writer)
        async with asyncio.TaskGroup() as tasks:
            promise = tasks.create_task(writer.promise(begin("c1")))
            await asyncio.sleep(0)
            promise.cancel()
        return gate

    async def write(writer: Writer) -> int:
        await writer.promise(begin("c2"))
        return await writer.close()

    writer = Writer(path)
    asyncio.run(leave_early(writer)).opened.set()
    assert asyncio.run(write(writer)) == 0
    assert begun(path) == {"c1", "c2"}
