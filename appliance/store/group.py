"""Group commit: many jobs in one transaction, each on a savepoint of its own.

May import: appliance.store.database, appliance.store.backlog.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.store import database, errors
from appliance.store.backlog import Job
from appliance.store.database import Connection

# Not the fault of one job: the whole group waits for a lock, or for a disk that works.
OUTSIDE = (
    errors.DatabaseBusy,
    errors.DatabaseDamaged,
    errors.DatabaseMissing,
    errors.DatabaseReadOnly,
    errors.DiskFailed,
    errors.DiskFull,
)


@dataclass(frozen=True, slots=True)
class Performed:
    """What became of one job: its value, or the error that undid this job alone."""

    value: object = None
    error: Exception | None = None


def perform(db: Connection, jobs: Sequence[Job]) -> list[Performed]:
    """Run jobs in one transaction; when this returns, what succeeded is on disk.

    Raises the engine's error when the group as a whole failed; then nothing of it was kept.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        performed = [_on_savepoint(db, job) for job in jobs]
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return performed


def _on_savepoint(db: Connection, job: Job) -> Performed:
    db.execute("SAVEPOINT job")
    try:
        value = job(db)
    except Exception as exc:  # one job must not undo its neighbours, whatever is wrong with it
        if is_outside(exc):
            raise
        if not db.in_transaction:
            raise errors.StoreError("A job ended the transaction of its group.") from exc
        db.execute("ROLLBACK TO job")
        db.execute("RELEASE job")
        return Performed(error=exc)
    db.execute("RELEASE job")
    return Performed(value)


def is_outside(error: Exception) -> bool:
    """Whether an error is the lock's or the disk's, and not that of the statement that met it."""
    ours = isinstance(error, database.Error | errors.StoreError)
    return ours and isinstance(database.told(error), OUTSIDE)
