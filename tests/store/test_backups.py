"""Backups leave rows; those that saw the repository say what it holds."""

from datetime import UTC, datetime

from appliance.store import backups, database, versions
from appliance.store.backups import Result, Snapshot, What
from appliance.store.database import Connection

AT = "2026-11-24T04:40:00.000Z"
OLD, NEW = (Snapshot(name, datetime(2026, 11, day, 4, 40, tzinfo=UTC), "box", "0.1.0")
            for name, day in (("0a", 23), ("4f", 24)))  # fmt: skip


def test_what_the_repository_holds_is_what_was_seen_last(db: Connection) -> None:
    with database.immediate(db):
        backups.add(db, What.BACKUP, AT, 900, Result("0a", 1, 1, 1, held=(OLD,)))
        before = versions.of(db, "box")
        backups.add(db, What.BACKUP, AT, 900, Result("4f", 1, 1, 1, held=(OLD, NEW)))
    assert backups.snapshots(db) == [NEW, OLD]
    assert versions.of(db, "box") != before
    with database.immediate(db):
        backups.add(db, What.VERIFICATION, AT, 900, Result(problem="the disk is away"))
    assert backups.snapshots(db) == [NEW, OLD]
    assert backups.snapshots(db, limit=1) == [NEW]
    with database.immediate(db):
        backups.add(db, What.VERIFICATION, AT, 900, Result("4f", 1, 1, held=(NEW,)))
    assert backups.snapshots(db) == [NEW]
