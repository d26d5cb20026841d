"""The schema's numbered changes, one module each, and how they are applied. A change only ever adds.

May import: the standard library, sqlite-utils, appliance.core.files, appliance.store.database and its errors.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import sqlite_utils
from sqlite_utils.migrations import Migrations

from appliance.core.files import sync_folder
from appliance.store import database, errors
from appliance.store.migrations import (
    m0001_calls,
    m0002_office,
    m0003_messages,
    m0004_understanding,
    m0005_knowledge,
    m0006_access,
    m0007_filing,
    m0008_phones,
    m0009_codes,
    m0010_self_calls,
    m0011_bookings,
    m0012_public_phones,
    m0013_callbacks,
    m0014_appointments,
    m0015_seen_and_told,
    m0016_jobs,
    m0017_texts,
    m0018_menu,
    m0019_documents,
    m0020_answers,
    m0024_voicemail,
    m0025_callback_list,
    m0027_sent_and_asked,
    m0028_which_greeting,
    m0030_accounts,
    m0031_audit,
    m0032_versions,
    m0033_call_search,
    m0035_knowledge_pages,
    m0036_health_looks,
    m0037_corrections_and_days,
    m0038_request,
    m0039_rehearsals,
    m0043_what_was_said,
    m0045_seen_and_sent,
    m0047_backups,
    m0048_looked_at,
    m0049_drafts,
    m0050_troubles,
    m0051_tries_and_waits,
    m0053_elsewhere,
    m0054_gone_for_good,
    m0055_led_to_people,
)

COPIES_KEPT = 2


class Change(Protocol):
    """A module that changes the schema: its file name is its number and name."""

    __name__: str

    def apply(self, db: sqlite_utils.Database) -> None:
        """Make the change, within a transaction that is already open."""


CHANGES: tuple[Change, ...] = (
    m0001_calls,
    m0002_office,
    m0003_messages,
    m0004_understanding,
    m0005_knowledge,
    m0006_access,
    m0007_filing,
    m0008_phones,
    m0009_codes,
    m0010_self_calls,
    m0011_bookings,
    m0012_public_phones,
    m0013_callbacks,
    m0014_appointments,
    m0015_seen_and_told,
    m0016_jobs,
    m0017_texts,
    m0018_menu,
    m0019_documents,
    m0020_answers,
    m0024_voicemail,
    m0025_callback_list,
    m0027_sent_and_asked,
    m0028_which_greeting,
    m0030_accounts,
    m0031_audit,
    m0032_versions,
    m0033_call_search,
    m0035_knowledge_pages,
    m0036_health_looks,
    m0037_corrections_and_days,
    m0038_request,
    m0039_rehearsals,
    m0043_what_was_said,
    m0045_seen_and_sent,
    m0047_backups,
    m0048_looked_at,
    m0049_drafts,
    m0050_troubles,
    m0051_tries_and_waits,
    m0053_elsewhere,
    m0054_gone_for_good,
    m0055_led_to_people,
)


def migrate(path: Path, changes: Sequence[Change] = CHANGES) -> tuple[str, ...]:
    """Bring a database, made when missing, up to this schema; return the names of what was applied.

    All or nothing: one transaction, and a copy of what was there is kept beside it. A database that knows
    more changes than we do is left as it is: changes only add, so it serves us too. Raises MigrationFailed
    or another StoreError.
    """
    database.create(path)
    db = database.connect(path)
    try:
        with database.translated(path):
            applied = _applied(db, changes)
            if all(name_of(change) in applied for change in changes):
                return ()
            if applied:
                _keep_copy(db, path, applied[-1])
            return _apply(db, changes)
    finally:
        db.close()


def pending(path: Path, changes: Sequence[Change] = CHANGES) -> tuple[str, ...]:
    """The names of the changes that this database still lacks. Raises StoreError."""
    db = database.connect_readonly(path)
    try:
        with database.translated(path):
            applied = _applied(db, changes)
            return tuple(name for name in map(name_of, changes) if name not in applied)
    finally:
        db.close()


def name_of(change: Change) -> str:
    """The number and name of a change, such as `m0001_calls`."""
    return change.__name__.rpartition(".")[2]


def copies(path: Path) -> list[Path]:
    """The copies kept beside a database, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.m[0-9]*.copy"))


def _applied(db: database.Connection, changes: Sequence[Change]) -> list[str]:
    return [done.name for done in _chain(changes).applied(_wrapped(db))]


def _apply(db: database.Connection, changes: Sequence[Change]) -> tuple[str, ...]:
    chain, wrapped = _chain(changes), _wrapped(db)
    with database.immediate(db):
        # Asked again under the lock: another process may have been quicker.
        names = tuple(each.name for each in chain.pending(wrapped))
        try:
            chain.apply(wrapped)
        except (database.Error, ValueError, errors.StoreError) as exc:
            failed = chain.pending(wrapped)[0].name if db.in_transaction else names[0]
            raise errors.MigrationFailed(
                f"The change {failed} of the database did not succeed and nothing was changed: {exc}."
            ) from exc
    return names


def _keep_copy(db: database.Connection, path: Path, last: str) -> None:
    """Write what is there now into a file of its own, on disk before anything is changed."""
    copy = path.with_name(f"{path.name}.{last}.copy")
    half = copy.with_suffix(f".{os.getpid()}.half")
    for left in path.parent.glob(f"{path.name}.m[0-9]*.half"):
        # Of a process that was killed; one that starts together with us is still at its own.
        if not Path("/proc", left.suffixes[-2][1:]).exists():
            left.unlink(missing_ok=True)
    half.unlink(missing_ok=True)
    try:
        database.create(half)
        db.execute("VACUUM INTO ?", (str(half),))
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(copy)
        sync_folder(copy.parent)
    except OSError as exc:
        raise errors.MigrationFailed(
            f"No copy of the database could be kept, so it was not changed: {exc}."
        ) from exc
    finally:
        half.unlink(missing_ok=True)
    for old in copies(path)[:-COPIES_KEPT]:
        old.unlink(missing_ok=True)


def _chain(changes: Sequence[Change]) -> Migrations:
    chain = Migrations("attendant")
    for change in changes:
        chain(name=name_of(change))(change.apply)
    return chain


def _wrapped(db: database.Connection) -> sqlite_utils.Database:
    return sqlite_utils.Database(cast(Any, db), execute_plugins=False)
