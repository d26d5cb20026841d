"""How workers take jobs: a lease each, extended while the work goes on, and what becomes of those that end.

Leases, the waits between tries and those before a first one are measured by the clock that counts since the
machine's boot, and hold for that boot alone: the clock on the wall may jump by a day and moves none of them.
A lease that ran out is somebody else's; its old holder may neither end the job nor write anything in its
name, for `done` and the work's own rows are one transaction. Every function that writes is to run in a
transaction of its caller.
May import: the standard library, appliance.store.
"""

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.store import jobs, times
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.jobs import ERROR_LENGTH, Job, State, Wanted

DIED = "the worker ended while it ran this"
HUNG = "its lease ran out while it ran"


class LeaseLost(StoreError):
    """The lease ran out and the job is somebody else's now: nothing of this try may be kept."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by both clocks: on the wall, and in milliseconds since this boot of the machine."""

    at: datetime
    boot: str
    up_ms: int

    @classmethod
    def now(cls, at: datetime | None = None) -> "Moment":
        """What the clocks say; `at` where the one on the wall was read already."""
        up_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return cls(datetime.now(UTC) if at is None else at, _boot(), up_ms)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a job, for one try; `worker` is a name that no other try has."""

    job_id: int
    worker: str


@dataclass(frozen=True, slots=True)
class Waits:
    """How long to wait between tries, in seconds: twice as long each time, up to a ceiling.

    `spread` is drawn from 0 to 1 for each wait, which is then between half of its length and all of it: what
    failed together does not come back together.
    """

    first_s: float = 5.0
    longest_s: float = 3600.0

    def after(self, attempts: int, spread: float) -> float:
        """The wait after so many tries."""
        full = min(self.longest_s, self.first_s * 2.0 ** min(attempts - 1, 60))
        return full * (0.5 + spread / 2)


def owe_after(db: Connection, wanted: Wanted, wait: timedelta, *, moment: Moment) -> None:
    """Owe a job anew, to be begun so long after now; one that runs just now stays (see `jobs.owe_anew`)."""
    jobs.owe_anew(db, wanted, now=moment.at)
    db.execute(
        "UPDATE job SET wait_boot = ?, wait_until_ms = ? WHERE key = ? AND state = 'queued'",
        (moment.boot, _until(moment, wait.total_seconds()), wanted.key),
    )


def owe_once_after(db: Connection, wanted: Wanted, wait: timedelta, *, moment: Moment) -> None:
    """The same, but one of this key that is known, in whatever state, stays as it is."""
    if jobs.of_key(db, wanted.key) is None:
        owe_after(db, wanted, wait, moment=moment)


def claim(
    db: Connection, kinds: Sequence[str], *, worker: str, moment: Moment, lease_s: float
) -> tuple[Job, Lease] | None:
    """Take the one of these kinds that has been due for longest; None when none is.

    `worker` names this one try: no other may ever have the same.
    """
    job_id = due(db, kinds, moment)
    if job_id is None:
        return None
    row = db.execute(
        """
        UPDATE job SET state = 'running', worker = :worker, boot = :boot, until_ms = :until_ms,
            attempts = attempts + 1, started_at = :at, took_ms = NULL
        WHERE id = :id RETURNING *
        """,
        {
            "id": job_id,
            "worker": worker,
            "boot": moment.boot,
            "until_ms": _until(moment, lease_s),
            "at": times.written(moment.at),
        },
    ).fetchone()
    job = jobs.read(row)
    return job, Lease(job.id, worker)


def due(db: Connection, kinds: Sequence[str], moment: Moment) -> int | None:
    """The id of the one of these kinds that has been due for longest; first those that are due at once."""
    found: list[tuple[str, int]] = []
    for kind in kinds:
        row = db.execute(_AT_ONCE, (kind,)).fetchone()
        if row is None:
            row = db.execute(_TIMED, (kind, times.written(moment.at))).fetchone()
        if row is not None:
            found.append((row[0] or "", row[1]))
    return min(found)[1] if found else None


_AT_ONCE = """
    SELECT not_before, id FROM job
    WHERE state = 'queued' AND kind = ? AND not_before IS NULL AND wait_until_ms IS NULL
    ORDER BY id LIMIT 1
"""
_TIMED = """
    SELECT not_before, id FROM job WHERE state = 'queued' AND kind = ? AND not_before <= ?
    ORDER BY not_before, id LIMIT 1
"""


def held(db: Connection, lease: Lease) -> None:
    """See that the job is still this worker's. Raises LeaseLost."""
    _held(db, "UPDATE job SET worker = :holder", lease, {})


def extend(db: Connection, lease: Lease, *, moment: Moment, lease_s: float) -> None:
    """Keep a job for so long from now on. Raises LeaseLost."""
    _held(
        db,
        "UPDATE job SET boot = :boot, until_ms = :until_ms",
        lease,
        {"boot": moment.boot, "until_ms": _until(moment, lease_s)},
    )


def done(db: Connection, lease: Lease, *, moment: Moment, took_ms: int) -> None:
    """The work is done: what it wrote is to be in this same transaction. Raises LeaseLost."""
    _held(
        db,
        """
        UPDATE job SET state = 'done', error = '', ended_at = :at, took_ms = :took_ms,
            worker = NULL, boot = NULL, until_ms = NULL
        """,
        lease,
        {"at": times.written(moment.at), "took_ms": took_ms},
    )


def failed(
    db: Connection, lease: Lease, error: str, *, moment: Moment, took_ms: int, again_s: float | None
) -> State:
    """A try failed, and the next comes after so many seconds, or never; return what became of the job.

    The last of its tries ends it, too. Raises LeaseLost.
    """
    job = jobs.get(db, lease.job_id)
    over = again_s is None or job.attempts >= job.tries
    state = State.DEAD if over else State.WAITING
    _held(
        db,
        """
        UPDATE job SET state = :state, error = :error, took_ms = :took_ms, worker = NULL,
            ended_at = :ended_at, boot = :boot, until_ms = :until_ms
        """,
        lease,
        {
            "state": state,
            "error": error[:ERROR_LENGTH],
            "took_ms": took_ms,
            "ended_at": times.written(moment.at) if over else None,
            "boot": None if over else moment.boot,
            "until_ms": None if again_s is None or over else _until(moment, again_s),
        },
    )
    return state


def give_back(db: Connection, lease: Lease) -> None:
    """The worker stops before the work is done: it is due again, and that was no try. Raises LeaseLost."""
    _held(
        db,
        """
        UPDATE job SET state = 'queued', attempts = MAX(0, attempts - 1), worker = NULL, boot = NULL,
            until_ms = NULL
        """,
        lease,
        {},
    )


def wake(db: Connection, *, moment: Moment, waits: Waits) -> int:
    """Make due again what waited long enough, and what ran for longer than its lease; return how many."""
    over = _lapsed(db, State.RUNNING, moment)
    for job_id in over:
        _unfinished(db, job_id, HUNG, moment, waits)
    ready = _lapsed(db, State.WAITING, moment)
    for job_id in ready:
        db.execute(
            "UPDATE job SET state = 'queued', boot = NULL, until_ms = NULL WHERE id = ?",
            (job_id,),
        )
    begun = _waited(db, moment)
    for job_id in begun:
        db.execute("UPDATE job SET wait_boot = NULL, wait_until_ms = NULL WHERE id = ?", (job_id,))
    return len(over) + len(ready) + len(begun)


def recover(db: Connection, *, moment: Moment, waits: Waits) -> int:
    """Take over everything that runs, as its worker is known to be dead; return how many."""
    left = [row[0] for row in db.execute("SELECT id FROM job WHERE state = 'running'")]
    for job_id in left:
        _unfinished(db, job_id, DIED, moment, waits)
    return len(left)


def lapsed(db: Connection, moment: Moment) -> bool:
    """Whether there is something for `wake` to do; a read, to be asked often."""
    return bool(_waited(db, moment, most=1)) or any(
        _lapsed(db, state, moment, most=1) for state in (State.RUNNING, State.WAITING)
    )


CRASHES_AT_ONCE = 2
"""A job that ran when its worker died is begun again at once so often: most likely it was not its fault."""


def _unfinished(db: Connection, job_id: int, error: str, moment: Moment, waits: Waits) -> None:
    """Nobody knows how far this try came: the next one, or the end where that was the last."""
    job = jobs.get(db, job_id)
    lease = Lease(job_id, job.worker or "")
    wait_s = 0.0 if job.attempts <= CRASHES_AT_ONCE else waits.after(job.attempts - CRASHES_AT_ONCE, 1.0)
    state = failed(db, lease, error, moment=moment, took_ms=0, again_s=wait_s)
    if state is State.WAITING and not wait_s:
        db.execute("UPDATE job SET state = 'queued', boot = NULL, until_ms = NULL WHERE id = ?", (job_id,))


def _lapsed(db: Connection, state: State, moment: Moment, most: int = 500) -> list[int]:
    """Those of a state whose time is up; what another boot of the machine set is up in any case."""
    rows = db.execute(
        """
        SELECT id FROM job WHERE state = :state AND until_ms IS NOT NULL AND boot = :boot AND until_ms <= :up
        UNION ALL
        SELECT id FROM job WHERE state = :state AND until_ms IS NOT NULL AND boot < :boot
        UNION ALL
        SELECT id FROM job WHERE state = :state AND until_ms IS NOT NULL AND boot > :boot
        LIMIT :most
        """,
        {"state": state, "boot": moment.boot, "up": moment.up_ms, "most": most},
    )
    return [row[0] for row in rows]


def _waited(db: Connection, moment: Moment, most: int = 500) -> list[int]:
    """Those that were owed to be begun a while later, and have waited; also what another boot set."""
    rows = db.execute(
        """
        SELECT id FROM job
        WHERE wait_until_ms IS NOT NULL AND state = 'queued' AND (wait_boot <> :boot OR wait_until_ms <= :up)
        LIMIT :most
        """,
        {"boot": moment.boot, "up": moment.up_ms, "most": most},
    )
    return [row[0] for row in rows]


def _held(db: Connection, update: str, lease: Lease, values: dict[str, object]) -> None:
    row = db.execute(
        f"""
        {update} WHERE id = :job_id AND state = 'running' AND worker = :holder RETURNING id
        """,
        {**values, "job_id": lease.job_id, "holder": lease.worker},
    ).fetchone()
    if row is None:
        raise LeaseLost(f"Job {lease.job_id} is not this worker's any more.")


def _until(moment: Moment, seconds: float) -> int:
    return moment.up_ms + round(seconds * 1000)


@functools.cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
