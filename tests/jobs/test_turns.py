"""Writing in turn: a busy crew leaves the database to others, too."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.jobs.crew import Crew
from appliance.jobs.kinds import registry
from appliance.jobs.turns import LEAST_S, MOST_S, Turns
from appliance.store import bookmarks, database, errors, jobs
from appliance.store.database import Connection
from tests.jobs.owing import WAIT_S, ended, kind, owe

NOW = datetime.now(UTC)
AT = "2026-11-24T09:00:00.000Z"


def test_after_a_turn_others_have_as_long_within_bounds(db: Connection) -> None:
    turns = Turns()
    for held_s, at_least_s in ((0.0, LEAST_S), (0.02, 0.02), (0.2, MOST_S)):
        with turns.immediate(db):
            threading.Event().wait(held_s)
        ended_s = time.monotonic()
        with turns.immediate(db):
            assert time.monotonic() - ended_s >= at_least_s * 0.9


def test_a_turn_that_fails_is_undone_and_the_next_comes(db: Connection) -> None:
    turns = Turns()
    with pytest.raises(errors.RowRefused), turns.immediate(db):
        jobs.owe(db, jobs.Wanted("text", "a", tries=0), now=NOW)
    with turns.immediate(db):
        jobs.owe(db, jobs.Wanted("text", "b"), now=NOW)
    assert [job.key for job in jobs.page(db)] == ["b"]


def test_a_call_can_write_while_a_crew_has_much_to_do(path: Path, db: Connection) -> None:
    of = kind(lambda errand, _: lambda db: jobs.owe(db, jobs.Wanted("never", errand.job.key + "x"), now=NOW))
    for number in range(200):
        owe(db, of, f"k{number}")
    crew = Crew(path, registry([of]), "w", threads=4)
    crew.start()
    took: list[float] = []
    while crew.became["text", "done"] < 200:
        began_s = time.monotonic()
        with database.immediate(db):
            bookmarks.put(db, "a call", AT)
        took.append(time.monotonic() - began_s)
        threading.Event().wait(0.02)
    crew.stop(WAIT_S)
    assert len(ended(path, 200)) == 200
    assert len(took) > 5
    assert max(took) < 3.0  # it would wait for 5 s, and then be refused
