"""Connecting: what a connection is like, and what is refused in clear words."""

import stat
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from appliance.core.dispositions import VOICEMAIL
from appliance.core.steps import CallOffered
from appliance.store import calls, database, errors
from appliance.store.database import Connection
from tests.store.conftest import AT, OFFER


def test_a_connection_commits_to_disk_and_keeps_the_rules(db: Connection) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
    assert [db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == ["wal", 2, 1, 1, 5000]


def test_only_the_owner_can_read_what_is_made(path: Path) -> None:
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in [path.parent, *path.parent.iterdir()]}
    assert modes.pop("box") == 0o700
    assert set(modes.values()) == {0o600}


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o750)
    assert database.create(folder / "a.db")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert not database.create(folder / "a.db")


def test_a_missing_database_is_not_made_by_connecting(tmp_path: Path) -> None:
    for connect in (database.connect, database.connect_readonly):
        with pytest.raises(errors.DatabaseMissing, match=r"none\.db"):
            connect(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(b"not a database at all, but long enough to have a header" * 40)
    for connect in (database.connect, database.connect_readonly):
        with pytest.raises(errors.DatabaseDamaged, match="restore a backup"):
            connect(file)
    assert "restore a backup" in database.faults(file)[0]


def test_flipped_bytes_are_found(path: Path, db: Connection) -> None:
    assert database.faults(path) == []
    for number in range(300):
        calls.begin(db, f"c{number}", CallOffered(f"CA{number}", "", "", "twilio"), AT)
    db.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        for offset in range(8192, size, 4096):
            file.seek(offset)
            file.write(b"\xff" * 64)
    assert database.faults(path)


def test_a_damaged_table_is_reported_as_damage(path: Path, db: Connection) -> None:
    for number in range(300):
        calls.begin(db, f"c{number}", CallOffered(f"CA{number}", "", "", "twilio"), AT)
    db.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        for offset in range(4096, size, 4096):
            file.seek(offset)
            file.write(b"\xff" * 64)
    broken = database.connect_readonly(path)
    with pytest.raises(errors.DatabaseDamaged), database.snapshot(broken):
        calls.page(broken)
    broken.close()


def test_a_row_that_belongs_to_nothing_is_a_fault(path: Path, db: Connection) -> None:
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO call_event VALUES ('none', 1, 0, 'CallAnswered', '{}')")
    assert database.faults(path) == ["A row of call_event belongs to no row of call_log."]


def test_a_readonly_connection_cannot_write(path: Path) -> None:
    db = database.connect_readonly(path)
    try:
        with pytest.raises(errors.DatabaseReadOnly), database.immediate(db):
            calls.begin(db, "c1", OFFER, AT)
    finally:
        db.close()


def test_an_old_engine_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST_ENGINE", (99, 0, 0))
    with pytest.raises(errors.EngineTooOld, match=r"99\.0\.0 or newer"):
        database.connect(path)


def begin_and_fail(db: Connection) -> None:
    calls.begin(db, "c1", OFFER, AT)
    calls.leave(db, "none", VOICEMAIL)


def test_an_error_undoes_the_transaction(db: Connection) -> None:
    with pytest.raises(errors.NoSuchRow), database.immediate(db):
        begin_and_fail(db)
    assert not db.in_transaction
    assert calls.page(db) == []


def test_a_rule_of_the_schema_is_a_refused_row(db: Connection, call: str) -> None:
    with pytest.raises(errors.RowRefused, match=r"UNIQUE .*call_log\.call_sid"), database.immediate(db):
        calls.begin(db, "other", OFFER, AT)
    with pytest.raises(errors.StoreError, match="SQLITE_ERROR"), database.immediate(db):
        db.execute("nonsense")


def test_a_lock_held_by_another_is_busy(path: Path, db: Connection) -> None:
    other = database.connect(path, busy_ms=1)
    with database.immediate(db), pytest.raises(errors.DatabaseBusy), database.immediate(other):
        pass
    other.close()


def test_a_database_that_cannot_keep_a_log_is_refused() -> None:
    memory = sqlite.connect(":memory:", isolation_level=None)
    with pytest.raises(errors.DiskFailed, match="write-ahead log"):
        database.prepare(memory)
    memory.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(errors.DatabaseMissing, match="Not a directory"):
        database.create(tmp_path / "file" / "folder" / "a.db")
