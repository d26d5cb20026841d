"""The only place that connects to SQLite: the engine, how a connection is set up, what its errors mean.

May import: the standard library, pysqlite3, appliance.core, appliance.store.errors.
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from pysqlite3 import dbapi2 as sqlite

from appliance.core import files
from appliance.store import errors

# The first release without the WAL-reset bug (sqlite.org/wal.html#walresetbug), which several writing
# processes can run into. Its backports 3.44.6 and 3.50.7 come with no wheel that we use.
OLDEST_ENGINE = (3, 51, 3)
ENGINE = str(sqlite.sqlite_version)
"""The version of SQLite in use."""
BUSY_MS = 5000
# secure_delete: what retention deletes is gone from the file. journal_size_limit: the WAL file shrinks
# again after a burst. trusted_schema: a database from elsewhere runs nothing of its own.
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA journal_size_limit = 67108864",
)
Error = sqlite.Error
Parameters = Mapping[str, object] | Sequence[object]


class Cursor(Protocol):
    """The result of a statement."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection, as far as the store uses one; rows can be read by position and by name."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, parameters: Parameters = ..., /) -> Cursor:
        """Run one statement. Raises Error."""

    def close(self) -> None:
        """Let go of the file."""


def connect(path: Path, *, busy_ms: int = BUSY_MS) -> Connection:
    """Open an existing database to read and write; the lock is waited for so many ms.

    Raises EngineTooOld, DatabaseMissing, DatabaseDamaged, DatabaseReadOnly, DatabaseBusy or DiskFailed.
    """
    with translated(path), ExitStack() as undo:
        db = _open(path, "rw", busy_ms)
        undo.callback(db.close)
        prepare(db)
        undo.pop_all()
    return db


def connect_readonly(path: Path, *, busy_ms: int = BUSY_MS) -> Connection:
    """Open an existing database to read only; sees every commit of the others. Raises as connect does."""
    with translated(path), ExitStack() as undo:
        db = _open(path, "ro", busy_ms)
        undo.callback(db.close)
        db.execute("PRAGMA schema_version")
        undo.pop_all()
    return db


def prepare(db: Connection) -> None:
    """Set a new connection up for durable writing. Raises DiskFailed where WAL cannot be had."""
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise errors.DiskFailed(f"The disk of the database cannot keep a write-ahead log (it gave {mode!r}).")
    for pragma in PRAGMAS:
        db.execute(pragma)


_CREATING = {
    errno.ENOSPC: errors.DiskFull,
    errno.EROFS: errors.DatabaseReadOnly,
    errno.EIO: errors.DiskFailed,
}


def create(path: Path) -> bool:
    """Make an empty database file, for us and who shares the folder; False when there is one already.

    An existing folder keeps its mode. Raises DatabaseReadOnly, DiskFull or DatabaseMissing.
    """
    try:
        made_folder = not path.parent.exists()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.fchmod(handle, files.private_in(path.parent))
        finally:
            os.close(handle)
        files.sync_folder(path.parent)
        if made_folder:
            files.sync_folder(path.parent.parent)
    except FileExistsError:
        return False
    except OSError as exc:
        kind = _CREATING.get(exc.errno or 0, errors.DatabaseMissing)
        raise kind(f"The database {path} cannot be made: {exc.strerror}.") from exc
    return True


@contextmanager
def immediate(db: Connection) -> Iterator[Connection]:
    """One writing transaction: the lock is taken at its beginning, on disk at its end, undone by an error.

    Raises what `translated` names.
    """
    with translated():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")


@contextmanager
def snapshot(db: Connection) -> Iterator[Connection]:
    """Several reads that see one and the same state of the database."""
    with translated():
        db.execute("BEGIN")
        try:
            yield db
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")


def faults(path: Path) -> list[str]:
    """What a thorough check finds wrong with the file: nothing, or a line for each fault."""
    damaged, orphans = examined(path)
    return damaged + orphans


def examined(path: Path) -> tuple[list[str], list[str]]:
    """The same apart: what of the file is damaged, and rows of a sound file that belong to no other row."""
    try:
        db = connect_readonly(path)
    except errors.StoreError as exc:
        return [str(exc)], []
    try:
        damaged = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        orphans = db.execute("PRAGMA foreign_key_check").fetchall()
        return damaged, [f"A row of {row[0]} belongs to no row of {row[2]}." for row in orphans]
    except Error as exc:
        return [str(told(exc, path))], []
    finally:
        db.close()


@contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Turn the engine's errors into ours."""
    try:
        yield
    except Error as exc:
        raise told(exc, path) from exc


_MEANINGS: dict[str, tuple[type[errors.StoreError], str]] = {
    "SQLITE_FULL": (errors.DiskFull, "The disk is full: nothing more can be stored."),
    "SQLITE_IOERR": (errors.DiskFailed, "The disk reported an error."),
    "SQLITE_NOMEM": (errors.DiskFailed, "There is not enough memory for the database."),
    "SQLITE_CORRUPT": (errors.DatabaseDamaged, "The database is damaged: restore a backup."),
    "SQLITE_NOTADB": (errors.DatabaseDamaged, "The file is not a database of ours: restore a backup."),
    "SQLITE_CANTOPEN": (errors.DatabaseMissing, "The database cannot be opened; migrating makes a new one."),
    "SQLITE_READONLY": (errors.DatabaseReadOnly, "The disk of the database cannot be written to."),
    "SQLITE_PERM": (errors.DatabaseReadOnly, "The database may not be written to."),
    "SQLITE_BUSY": (errors.DatabaseBusy, "Another process keeps the database locked."),
    "SQLITE_LOCKED": (errors.DatabaseBusy, "The database is locked."),
    "SQLITE_INTERRUPT": (errors.ReadTooSlow, "The read took too long and was given up."),
    "SQLITE_CONSTRAINT": (errors.RowRefused, "A rule of the schema forbids this row."),
}


def told(error: Exception, path: Path | None = None) -> errors.StoreError:
    """Our error for one of the engine's, with its own words, which name columns but quote no values."""
    if isinstance(error, errors.StoreError):
        return error
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    # Extended codes continue the plain one: SQLITE_IOERR_FSYNC is an SQLITE_IOERR.
    plain = "_".join(name.split("_")[:2])
    if plain == "SQLITE_CANTOPEN" and path is not None and path.exists():
        # Readers too keep a file of shared memory beside the database.
        plain = "SQLITE_READONLY"
    kind, sentence = _MEANINGS.get(plain, (errors.StoreError, "The database refused a statement."))
    where = f" File: {path}." if path else ""
    return kind(f"{sentence} ({name}: {error}){where}")


def _open(path: Path, mode: str, busy_ms: int) -> Connection:
    if sqlite.sqlite_version_info < OLDEST_ENGINE:
        raise errors.EngineTooOld(
            f"SQLite {sqlite.sqlite_version} can damage a database that several processes write;"
            f" {'.'.join(map(str, OLDEST_ENGINE))} or newer is needed. Install from requirements.lock."
        )
    # Made in one thread, closed in another: a connection still has one user at a time.
    db = sqlite.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    db.row_factory = sqlite.Row
    return cast(Connection, db)
