"""Backups and their verifications: one row for each, also for those that failed.

May import: the standard library, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from appliance.store import database, times
from appliance.store.database import Connection

KEPT, EACH_KEPT = timedelta(days=400), timedelta(days=2)
PROBLEM_LENGTH = 500


class What(StrEnum):
    """What was done."""

    BACKUP = "backup"
    VERIFICATION = "verification"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One backup in the repository: of which box, made by which version of it."""

    id: str
    at: datetime
    host: str
    version: str = ""
    """That of the box which made it."""
    tags: tuple[str, ...] = ()
    """What was noted at it; not kept here."""

    def tagged(self, name: str) -> str:
        """The value of a tag such as version=1.0; nothing without one."""
        return next((tag.partition("=")[2] for tag in self.tags if tag.startswith(f"{name}=")), "")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; with a `problem` it failed, and the figures tell nothing."""

    snapshot: str = ""
    files: int = 0
    bytes: int = 0
    added: int = 0
    """How much of it the repository did not have yet, in bytes."""
    problem: str = ""
    held: tuple[Snapshot, ...] | None = None
    """What the repository holds after it; None where that was not seen."""
    missing: str = ""
    """What could not be read and is not in it; the rest is kept."""


@dataclass(frozen=True, slots=True)
class Run:
    """One backup or verification. `failed_in_row` counts the failures since the last that went well."""

    id: int
    what: What
    began_at: str
    took_ms: int
    result: Result
    failed_in_row: int


def add(db: Connection, what: What, began_at: str, took_ms: int, result: Result) -> Run:
    """Keep what became of one, and drop those of long ago."""
    before = last(db, what)
    in_row = (before.failed_in_row if before else 0) + 1 if result.problem else 0
    _drop_old(db, times.read(began_at))
    row = db.execute(
        """
        INSERT INTO backup_run
            (what, began_at, took_ms, problem, snapshot, files, bytes, added, failed_in_row, missing)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
        """,
        (
            str(what),
            began_at,
            took_ms,
            result.problem[:PROBLEM_LENGTH],
            result.snapshot,
            result.files,
            result.bytes,
            result.added,
            in_row,
            result.missing[:PROBLEM_LENGTH],
        ),
    ).fetchone()
    if result.held is not None:
        _seen(db, result.held)
    return _run(row)


def _drop_old(db: Connection, now: datetime) -> None:
    """Drop what was long ago, and of days before yesterday all but the last that went well."""
    db.execute("DELETE FROM backup_run WHERE began_at < ?", (times.written(now - KEPT),))
    db.execute(
        """
        DELETE FROM backup_run WHERE problem = '' AND began_at < ? AND id NOT IN
            (SELECT max(id) FROM backup_run WHERE problem = '' GROUP BY what, substr(began_at, 1, 10))
        """,
        (times.written(now - EACH_KEPT),),
    )


def last(db: Connection, what: What) -> Run | None:
    """The newest; None when there was none."""
    return _first(db, "SELECT * FROM backup_run WHERE what = ? ORDER BY id DESC LIMIT 1", what)


def last_good(db: Connection, what: What) -> Run | None:
    """The newest that went well; None when none did."""
    return _first(
        db, "SELECT * FROM backup_run WHERE what = ? AND problem = '' ORDER BY id DESC LIMIT 1", what
    )


def snapshots(db: Connection, limit: int = 100) -> list[Snapshot]:
    """The backups that the repository held when it was last seen, the newest first."""
    rows = db.execute("SELECT * FROM snapshot ORDER BY at DESC, id LIMIT ?", (limit,))
    return [Snapshot(row["id"], times.read(row["at"]), row["host"], row["version"]) for row in rows]


def recent(db: Connection, limit: int = 10) -> list[Run]:
    """The newest of both, the newest first."""
    return [_run(row) for row in db.execute("SELECT * FROM backup_run ORDER BY id DESC LIMIT ?", (limit,))]


@dataclass(frozen=True, slots=True)
class Standing:
    """How backups stand: the last of each, the last that went well, and the first of all."""

    backup: Run | None = None
    good: Run | None = None
    first: Run | None = None
    verification: Run | None = None
    verified: Run | None = None


def standing(db: Connection) -> Standing:
    """How they stand."""
    return Standing(
        last(db, What.BACKUP),
        last_good(db, What.BACKUP),
        _first(
            db, "SELECT * FROM backup_run WHERE what = ? AND problem = '' ORDER BY id LIMIT 1", What.BACKUP
        ),
        last(db, What.VERIFICATION),
        last_good(db, What.VERIFICATION),
    )


def _seen(db: Connection, held: Sequence[Snapshot]) -> None:
    """Keep which backups the repository holds, instead of those of before."""
    db.execute("DELETE FROM snapshot")
    for each in held:
        db.execute(
            "INSERT OR REPLACE INTO snapshot (id, at, host, version) VALUES (?, ?, ?, ?)",
            (each.id, times.written(each.at), each.host, each.version),
        )


def _first(db: Connection, statement: str, what: What) -> Run | None:
    row = db.execute(statement, (str(what),)).fetchone()
    return None if row is None else _run(row)


def _run(row: Any) -> Run:
    return Run(
        id=row["id"],
        what=What(row["what"]),
        began_at=row["began_at"],
        took_ms=row["took_ms"],
        result=Result(
            row["snapshot"],
            row["files"],
            row["bytes"],
            row["added"],
            row["problem"],
            missing=row["missing"],
        ),
        failed_in_row=row["failed_in_row"],
    )


def of_file(path: Path) -> Standing:
    """How they stand by a database file. Raises StoreError."""
    db = database.connect_readonly(path)
    try:
        with database.snapshot(db):
            return standing(db)
    finally:
        db.close()
