"""Jobs in numbers, for a page, the metrics and the doctor: how many, how old, how quick. All by index.

May import: the standard library, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.store import database, times
from appliance.store.database import Connection
from appliance.store.jobs import State


@dataclass(frozen=True, slots=True)
class Passed:
    """What ended within a span of time. The times are those of the tries that succeeded."""

    done: int
    dead: int
    mean_ms: float
    longest_ms: int


@dataclass(frozen=True, slots=True)
class Counts:
    """All jobs as they stand. A state or a kind without a job is not named."""

    by_state: Mapping[State, int]
    by_kind: Mapping[str, Mapping[State, int]]
    due: int
    """To be begun, and their time has come."""
    oldest_due_s: float
    """How long the oldest of them has been due."""
    oldest_owed_s: float
    """How long the oldest has been owed that has not ended, be its time come or not."""
    last_hour: Passed
    last_day: Passed

    def of(self, state: State) -> int:
        """How many are in this state."""
        return self.by_state.get(state, 0)


def counts(db: Connection, now: datetime) -> Counts:
    """All of them. Ages count by the clock on the wall, and are never below 0."""
    by_state: dict[State, int] = {}
    by_kind: dict[str, dict[State, int]] = {}
    rows = db.execute("SELECT kind, state, COUNT(*) FROM job INDEXED BY job_kind GROUP BY kind, state")
    for kind, state, number in rows:
        by_kind.setdefault(kind, {})[State(state)] = number
        by_state[State(state)] = by_state.get(State(state), 0) + number
    due, since = _due(db, now)
    owed = db.execute("SELECT MIN(owed_at) FROM job INDEXED BY job_owed WHERE ended_at IS NULL").fetchone()[0]
    return Counts(by_state, by_kind, due, _age_s(since, now), _age_s(owed, now), *_passed(db, now))


def of_file(path: Path, now: datetime) -> Counts:
    """All of those in a database file. Raises StoreError."""
    db = database.connect_readonly(path)
    try:
        with database.snapshot(db):
            return counts(db, now)
    finally:
        db.close()


def _passed(db: Connection, now: datetime) -> list[Passed]:
    """What ended within the last hour, and within the last day."""
    found, done, dead, total_ms, longest_ms = [], 0, 0, 0.0, 0
    until = times.written(datetime.max)
    for span in (timedelta(hours=1), timedelta(days=1)):
        since = times.written(now - span)
        ended = {"since": since, "until": until}
        row = db.execute(_DONE, ended).fetchone()
        done, total_ms, longest_ms = done + row[0], total_ms + row[1], max(longest_ms, row[2] or 0)
        dead += db.execute(_DEAD, ended).fetchone()[0]
        found.append(Passed(done, dead, total_ms / done if done else 0.0, longest_ms))
        # The day goes on where the hour began.
        until = since
    return found


_DONE = """
    SELECT COUNT(*), TOTAL(took_ms), MAX(took_ms) FROM job INDEXED BY job_ended
    WHERE state = 'done' AND ended_at >= :since AND ended_at < :until
"""
_DEAD = """
    SELECT COUNT(*) FROM job INDEXED BY job_ended
    WHERE state = 'dead' AND ended_at >= :since AND ended_at < :until
"""


def _due(db: Connection, now: datetime) -> tuple[int, str | None]:
    """How many are due, and since when the oldest has been."""
    timed, since = db.execute(
        """
        SELECT COUNT(*), MIN(not_before) FROM job INDEXED BY job_due
        WHERE state = 'queued' AND not_before <= ?
        """,
        (times.written(now),),
    ).fetchone()
    at_once, first = db.execute(
        "SELECT COUNT(*), MIN(id) FROM job INDEXED BY job_due WHERE state = 'queued' AND not_before IS NULL"
    ).fetchone()
    # A few wait for some seconds before their first try: they are counted apart, as the index does not know.
    waits = db.execute(
        "SELECT COUNT(*) FROM job INDEXED BY job_wait WHERE wait_until_ms IS NOT NULL AND state = 'queued'"
    ).fetchone()[0]
    oldest = db.execute("SELECT owed_at FROM job WHERE id = ? AND wait_until_ms IS NULL", (first,)).fetchone()
    if oldest is not None:
        since = oldest[0] if since is None else min(since, oldest[0])
    return timed + at_once - waits, since


def _age_s(at: str | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - times.read(at)).total_seconds())
