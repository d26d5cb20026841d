"""The reader: what it sees, what it refuses, and how long it takes at most."""

import asyncio
import threading
from pathlib import Path

import pytest

from appliance.core.dispositions import GOODBYE
from appliance.store import calls, errors
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.store.conftest import AT, OFFER

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"


async def test_a_read_sees_what_was_committed_before_it(writer: Writer, reader: Reader) -> None:
    assert await reader.run(calls.page) == []
    await writer.promise(lambda db: calls.begin(db, "c1", OFFER, AT))
    assert [call.id for call in await reader.run(calls.page)] == ["c1"]


async def test_a_read_sees_one_state_from_beginning_to_end(writer: Writer, reader: Reader) -> None:
    await writer.promise(lambda db: calls.begin(db, "c1", OFFER, AT))
    first, written = threading.Event(), threading.Event()

    def twice(db: Connection) -> list[object]:
        before = calls.disposition_of(db, "CA1")
        first.set()
        assert written.wait(10)
        return [before, calls.disposition_of(db, "CA1")]

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(reader.run(twice))
        await asyncio.to_thread(first.wait, 10)
        await writer.promise(lambda db: calls.leave(db, "c1", GOODBYE))
        written.set()
    assert reading.result() == [None, None]


async def test_an_endless_read_ends_with_its_deadline(reader: Reader) -> None:
    for _ in range(3):
        with pytest.raises(errors.ReadTooSlow):
            await reader.run(lambda db: db.execute(ENDLESS).fetchone(), within_s=0.05)
    assert await reader.run(calls.page) == []


async def test_a_reader_cannot_write(reader: Reader) -> None:
    with pytest.raises(errors.DatabaseReadOnly):
        await reader.run(lambda db: calls.begin(db, "c1", OFFER, AT))


async def test_a_missing_database_is_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "none.db")
    with pytest.raises(errors.DatabaseMissing):
        await reader.run(calls.page)
    await reader.close()
