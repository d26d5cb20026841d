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
    for state, kind, number in db.execute("SELECT state, kind, COUNT(*) FROM job GROUP BY state, kind"):
        by_kind.setdefault(kind, {})[State(state)] = number
        by_state[State(state)] = by_state.get(State(state), 0) + number
    due, oldest = 0, now
    for kind in by_kind:
        number, since = _due(db, kind, now)
        due, oldest = due + number, min(oldest, since or now)
    owed = db.execute("SELECT MIN(owed_at) FROM job WHERE ended_at IS NULL").fetchone()[0]
    return Counts(
        by_state,
        by_kind,
        due,
        (now - oldest).total_seconds(),
        max(0.0, (now - times.read(owed)).total_seconds()) if owed else 0.0,
        passed(db, now - timedelta(hours=1)),
        passed(db, now - timedelta(days=1)),
    )


def of_file(path: Path, now: datetime) -> Counts:
    """All of those in a database file. Raises StoreError."""
    db = database.connect_readonly(path)
    try:
        with database.snapshot(db):
            return counts(db, now)
    finally:
        db.close()


def passed(db: Connection, since: datetime) -> Passed:
    """What ended since then."""
    row = db.execute(
        """
        SELECT COUNT(*) FILTER (WHERE state = 'done'), COUNT(*) FILTER (WHERE state = 'dead'),
            AVG(took_ms) FILTER (WHERE state = 'done'), MAX(took_ms) FILTER (WHERE state = 'done')
        FROM job WHERE ended_at IS NOT NULL AND ended_at >= ?
        """,
        (times.written(since),),
    ).fetchone()
    return Passed(row[0], row[1], row[2] or 0.0, row[3] or 0)


def _due(db: Connection, kind: str, now: datetime) -> tuple[int, datetime | None]:
    """How many of a kind are due, and since when the oldest has been."""
    at = times.written(now)
    at_once, first = db.execute(
        "SELECT COUNT(*), MIN(id) FROM job WHERE state = 'queued' AND kind = ? AND not_before IS NULL",
        (kind,),
    ).fetchone()
    timed, since = db.execute(
        "SELECT COUNT(*), MIN(not_before) FROM job WHERE state = 'queued' AND kind = ? AND not_before <= ?",
        (kind, at),
    ).fetchone()
    begins = [] if since is None else [times.read(since)]
    if first is not None:
        begins.append(times.read(db.execute("SELECT owed_at FROM job WHERE id = ?", (first,)).fetchone()[0]))
    return at_once + timed, min(begins, default=None)
