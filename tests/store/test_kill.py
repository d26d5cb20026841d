"""Killed at any moment: what was promised is there, and the database is sound."""

import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.store import calls, database
from appliance.store.database import Connection

ROOT = Path(__file__).parents[2]


def scribe(path: Path, prefix: str, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.scribe", str(path), prefix, *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def killed_after(process: subprocess.Popen[bytes], lines: int, wait_s: float) -> list[str]:
    """Kill after so many lines and a moment more; return the ids that were acknowledged by then."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(1 + lines)]
    # Not a sleep for an event: the moment of the kill is what the test varies.
    select.select([], [], [], wait_s)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=30)
    said += rest.splitlines(keepends=True)
    return [line.decode()[2:-1] for line in said if line.startswith(b"+ ") and line.endswith(b"\n")]


def lost(db: Connection, acknowledged: set[str]) -> set[str]:
    """The acknowledged calls whose disposition is not there."""
    there = {call.id for call in calls.page(db, limit=1_000_000) if call.disposition is not None}
    return acknowledged - there


def kill_many(path: Path, kills: int) -> int:
    moments = random.Random(7)
    acknowledged: set[str] = set()
    for number in range(kills):
        process = scribe(path, f"k{number}h")
        acknowledged.update(killed_after(process, moments.randrange(1, 30), moments.uniform(0, 0.03)))
        if number % 5 == 4:
            db = database.connect(path)
            assert lost(db, acknowledged) == set()
            db.close()
    db = database.connect(path)
    assert lost(db, acknowledged) == set()
    left_open = {call.id for call in calls.live(db)}
    with database.immediate(db):
        assert set(calls.sweep(db, "after")) == left_open
    assert calls.live(db) == []
    db.close()
    assert database.faults(path) == []
    return len(acknowledged)


def test_thirty_kills_lose_nothing_that_was_promised(path: Path) -> None:
    assert kill_many(path, 30) > 300


@pytest.mark.drill
def test_three_hundred_kills_lose_nothing_that_was_promised(path: Path) -> None:
    assert kill_many(path, 300) > 3000
