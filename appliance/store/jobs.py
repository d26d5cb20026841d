"""Jobs: what is owed after a call or by timetable. The row is the debt; who rings a bell only says "look".

A job is owed in the transaction of the change that it belongs to, so that neither is ever there without the
other. Its key is owed once, however often it is asked for, as long as the row is kept. `job_leases` has what
a worker does with them. Every function that writes is to run in a transaction of its caller.
May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from appliance.store import times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow, StoreError

TRIES = 10
"""How often a job is begun before it is given up, when its owner does not say: with its waits, some hours."""

ERROR_LENGTH = 500


class NotInThisState(StoreError):
    """The job is not where this can be done with it: look at it again."""


class State(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    """To be begun, at once or from `not_before` on."""
    WAITING = "waiting"
    """A try failed; the next comes after a while."""
    RUNNING = "running"
    """A worker has it, for as long as its lease holds."""
    DONE = "done"
    DEAD = "dead"
    """Given up, and kept with its error until somebody retries or drops it."""
    DROPPED = "dropped"
    """Not wanted any more."""


OPEN = (State.QUEUED, State.WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job that is to be owed. `key` names the one effect that it stands for, such as `confirm:AB12C`.

    Without `not_before` it is due at once, whatever the clock does. The payload is JSON: ids, not contents.
    """

    kind: str
    key: str
    payload: Mapping[str, object] = field(default_factory=dict)
    not_before: datetime | None = None
    tries: int = TRIES


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands."""

    id: int
    key: str
    kind: str
    payload: Mapping[str, Any]
    state: State
    not_before: str | None
    tries: int
    attempts: int
    """How often it was begun."""
    error: str
    """What the last try failed of."""
    worker: str | None
    owed_at: str
    started_at: str | None
    """When the last try began."""
    ended_at: str | None
    took_ms: int | None
    """How long the last try took."""


def owe(db: Connection, wanted: Wanted, *, now: datetime) -> int:
    """Owe a job and return its id; one of this key that is known, in whatever state, stays as it is."""
    at = None if wanted.not_before is None else times.written(wanted.not_before)
    made = db.execute(
        """
        INSERT INTO job (key, kind, payload, state, not_before, tries, owed_at)
        VALUES (:key, :kind, :payload, 'queued', :not_before, :tries, :now)
        ON CONFLICT (key) DO NOTHING RETURNING id
        """,
        {
            "key": wanted.key,
            "kind": wanted.kind,
            "payload": orjson.dumps(dict(wanted.payload)).decode(),
            "not_before": at,
            "tries": wanted.tries,
            "now": times.written(now),
        },
    ).fetchone()
    if made is None:
        made = db.execute("SELECT id FROM job WHERE key = ?", (wanted.key,)).fetchone()
    return int(made[0])


def owe_now(db: Connection, kind: str, *, tries: int, now: datetime) -> None:
    """Owe what somebody asks for, unless one of this kind is owed already."""
    if not under_way(db, kind):
        owe(db, Wanted(kind, f"{kind}:{times.written(now)}", tries=tries), now=now)


def under_way(db: Connection, kind: str) -> bool:
    """Whether one of this kind is owed and not done yet."""
    return bool(page(db, OPEN, kind=kind, limit=1))


def owe_anew(db: Connection, wanted: Wanted, *, now: datetime) -> None:
    """Owe a job with all its tries before it, whatever became of the one of this key.

    One that runs just now stays: whoever does it looks at its end whether there is more to be done.
    """
    db.execute("DELETE FROM job WHERE key = ? AND state <> 'running'", (wanted.key,))
    owe(db, wanted, now=now)


def withdraw(db: Connection, key: str, *, now: datetime) -> bool:
    """Owe the job of this key no more; False when there is none to be withdrawn, or it runs or has ended."""
    found = db.execute(
        "SELECT id FROM job WHERE key = ? AND state IN ('queued', 'waiting')", (key,)
    ).fetchone()
    if found is not None:
        drop(db, found[0], now=now)
    return found is not None


def retry(db: Connection, job_id: int) -> Job:
    """Have one that was given up, or that waits, begun again at once, with all its tries before it.

    Raises NoSuchRow, NotInThisState.
    """
    _of_state(db, job_id, "retried", State.DEAD, State.WAITING, State.QUEUED)
    db.execute(
        """
        UPDATE job SET state = 'queued', not_before = NULL, attempts = 0, boot = NULL, until_ms = NULL,
            ended_at = NULL, wait_boot = NULL, wait_until_ms = NULL
        WHERE id = ?
        """,
        (job_id,),
    )
    return get(db, job_id)


def drop(db: Connection, job_id: int, *, now: datetime) -> Job:
    """Give up for good one that does not run; its key stays taken. Raises NoSuchRow, NotInThisState."""
    _of_state(db, job_id, "dropped", State.DEAD, State.WAITING, State.QUEUED)
    db.execute(
        """
        UPDATE job SET state = 'dropped', boot = NULL, until_ms = NULL, wait_boot = NULL,
            wait_until_ms = NULL, ended_at = ?
        WHERE id = ?
        """,
        (times.written(now), job_id),
    )
    return get(db, job_id)


def get(db: Connection, job_id: int) -> Job:
    """The job of this id. Raises NoSuchRow."""
    row = db.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no job {job_id}.")
    return read(row)


def of_key(db: Connection, key: str) -> Job | None:
    """The job of this key; None when it was never owed, or is forgotten."""
    row = db.execute("SELECT * FROM job WHERE key = ?", (key,)).fetchone()
    return None if row is None else read(row)


def page(
    db: Connection,
    states: Sequence[State] = tuple(State),
    *,
    kind: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Job]:
    """Jobs of these states, and of one kind, the newest first; `before` is the last id of the page before."""
    found: list[Job] = []
    values = {"kind": kind, "before": 1 << 62 if before is None else before, "limit": limit}
    for state in states:
        # One look into the index for each state, rather than one through all rows.
        rows = db.execute(_PAGE if kind is None else _PAGE_OF_KIND, {**values, "state": state})
        found += [read(row) for row in rows]
    return sorted(found, key=lambda job: job.id, reverse=True)[:limit]


# The index is named: by statistics of another day the engine may choose one that is slow now.
_PAGE = """
    SELECT * FROM job INDEXED BY job_state WHERE state = :state AND id < :before
    ORDER BY id DESC LIMIT :limit
"""
_PAGE_OF_KIND = """
    SELECT * FROM job INDEXED BY job_kind WHERE kind = :kind AND state = :state AND id < :before
    ORDER BY id DESC LIMIT :limit
"""


def forget(db: Connection, before: datetime, *, limit: int = 500) -> int:
    """Delete some that were done or dropped before then, and return how many; those given up are kept.

    A key that is forgotten can be owed again.
    """
    return len(
        db.execute(
            """
            DELETE FROM job WHERE id IN (
                SELECT id FROM job INDEXED BY job_ended
                WHERE state IN ('done', 'dropped') AND ended_at < :before LIMIT :limit
            ) RETURNING id
            """,
            {"before": times.written(before), "limit": limit},
        ).fetchall()
    )


def read(row: Any) -> Job:
    """A job from its row."""
    return Job(
        id=row["id"],
        key=row["key"],
        kind=row["kind"],
        payload=orjson.loads(row["payload"]),
        state=State(row["state"]),
        not_before=row["not_before"],
        tries=row["tries"],
        attempts=row["attempts"],
        error=row["error"],
        worker=row["worker"],
        owed_at=row["owed_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        took_ms=row["took_ms"],
    )


def _of_state(db: Connection, job_id: int, what: str, *states: State) -> None:
    found = get(db, job_id)
    if found.state not in states:
        raise NotInThisState(f"Job {job_id} is {found.state}: it cannot be {what}.")
