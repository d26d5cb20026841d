"""A migrated database for each test, and what opens it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core.steps import CallOffered
from appliance.store import calls, database
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.migrated import migrated
from tests.small_disk import small_disk as disk_of

OFFER = CallOffered("CA1", "+14155550100", "+14155550199", "twilio")
AT = "2026-11-24T09:00:00.000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database file with our schema."""
    return migrated(tmp_path / "box" / "attendant.db")


@pytest.fixture
def db(path: Path) -> Iterator[Connection]:
    """A connection to it."""
    connection = database.connect(path)
    yield connection
    connection.close()


@pytest.fixture
def call(db: Connection) -> str:
    """A call that has begun."""
    calls.begin(db, "c1", OFFER, AT, "p1")
    return "c1"


@pytest_asyncio.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    """A writer on it, closed and empty at the end."""
    made = Writer(path)
    yield made
    assert await made.close() == 0


@pytest_asyncio.fixture
async def reader(path: Path) -> AsyncIterator[Reader]:
    """A reader beside it."""
    made = Reader(path)
    yield made
    await made.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(tmp_path / "disk", "2m") as folder:
        yield folder
