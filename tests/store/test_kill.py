"""Killed at any moment: what was promised is there, and the database is sound."""

import os
import random
import select
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.store import calls, database
from appliance.store.database import Connection
from tests.forked import FORKED
from tests.store.scribe import write_to

ROOT = Path(__file__).parents[2]


def scribe(path: Path, prefix: str, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.scribe", str(path), prefix, *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def killed_after(path: Path, prefix: str, lines: int, wait_s: float) -> list[str]:
    """Kill one that writes after so many lines and a moment more; return what was acknowledged by then."""
    ours, theirs = FORKED.Pipe(duplex=False)
    process = FORKED.Process(target=write_to, args=(theirs, path, prefix))
    process.start()
    theirs.close()
    with ours, os.fdopen(ours.fileno(), "rb", closefd=False) as output:
        said = [output.readline() for _ in range(1 + lines)]
        # Not a sleep for an event: the moment of the kill is what the test varies.
        select.select([], [], [], wait_s)
        process.kill()
        process.join()
        said += output.readlines()
    process.close()
    # One that was refused, because the disk was too late for it, ends with a row that has no disposition.
    ours_begin = f"+ {prefix}".encode()
    return [line.decode()[2:-1] for line in said if line.startswith(ours_begin) and line.endswith(b"\n")]


def lost(db: Connection, acknowledged: set[str]) -> set[str]:
    """The acknowledged calls whose disposition is not there."""
    there = {call.id for call in calls.page(db, limit=1_000_000) if call.disposition is not None}
    return acknowledged - there


def kill_many(path: Path, kills: int) -> int:
    moments = random.Random(7)
    acknowledged: set[str] = set()
    for number in range(kills):
        lines, wait_s = moments.randrange(1, 30), moments.uniform(0, 0.03)
        acknowledged.update(killed_after(path, f"k{number}h", lines, wait_s))
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
