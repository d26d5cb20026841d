"""A full disk: promises are refused aloud, the process lives, and goes on when there is room again."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from appliance.store import calls, database, errors, office
from appliance.store.database import Connection
from appliance.store.migrations import CHANGES, copies, migrate, name_of
from tests.small_disk import free
from tests.store.conftest import AT
from tests.store.test_kill import lost, scribe


def read_until(process: subprocess.Popen[bytes], start: str) -> tuple[list[str], str]:
    """The ids acknowledged before a line that starts so, and that line."""
    assert process.stdout is not None
    acknowledged = []
    for line in iter(process.stdout.readline, b""):
        text = line.decode().strip()
        if text.startswith("+ "):
            acknowledged.append(text[2:])
        if text.startswith(start):
            return acknowledged, text
    raise AssertionError(f"the process ended without {start!r}")


def test_a_file_that_cannot_grow_refuses_promises_and_recovers(path: Path) -> None:
    process = scribe(path, "h", str(path.stat().st_size + 400_000))
    before, trouble = read_until(process, "trouble")
    assert before
    assert trouble != "trouble"
    out, _ = process.communicate(b"room\n", timeout=30)
    assert process.returncode == 0
    assert out.decode().splitlines() == ["+ again", "left 0 dropped 0 failed 0"]
    db = database.connect(path)
    assert lost(db, set(before)) == set()
    # What nobody waited for was kept in memory and written when there was room.
    assert len(calls.page(db, limit=100_000)) == len(before) + 3 + 1
    db.close()
    assert database.faults(path) == []


def test_a_full_disk_refuses_promises_and_recovers(small_disk: Path) -> None:
    path, filler = small_disk / "attendant.db", small_disk / "filler"
    migrate(path)
    filler.write_bytes(b"x" * 1_000_000)
    process = scribe(path, "h", "1000000000")
    before, trouble = read_until(process, "trouble")
    assert "The disk is full" in trouble
    filler.unlink()
    out, _ = process.communicate(b"room\n", timeout=30)
    assert out.decode().splitlines() == ["+ again", "left 0 dropped 0 failed 0"]
    db = database.connect(path)
    assert lost(db, set(before)) == set()
    db.close()
    assert database.faults(path) == []


def put(db: Connection, keys: Iterable[int]) -> None:
    with database.immediate(db):
        for key in keys:
            office.set_value(db, "assistant_notes", f"{key} " * 700, at=AT, by=str(key))
            office.add_department(db, f"Room {key}", ["+14155550100"], ["word" * 1000])
            office.remove_department(db, f"room-{key}")


def test_a_full_disk_can_be_read_and_a_transaction_that_did_not_fit_is_undone(small_disk: Path) -> None:
    path, filler = small_disk / "attendant.db", small_disk / "filler"
    migrate(path)
    db = database.connect(path)
    put(db, [1])
    before = office.load(db)
    with filler.open("wb", buffering=0) as file:
        while free(small_disk):
            file.write(b"x" * 4096)
    with pytest.raises(errors.DiskFull, match="The disk is full"):
        put(db, range(2, 1000))
    assert office.load(db) == before
    filler.unlink()
    put(db, [2])
    db.close()
    assert database.faults(path) == []


def test_a_database_on_a_full_disk_is_not_migrated(small_disk: Path) -> None:
    path, filler = small_disk / "attendant.db", small_disk / "filler"
    migrate(path, CHANGES[:3])
    with filler.open("wb", buffering=0) as file:
        while free(small_disk) > 40_000:
            file.write(b"x" * 4096)
    with pytest.raises(errors.DiskFull):
        migrate(path)
    assert copies(path) == []
    assert len(list(small_disk.glob("*.half"))) == 0
    filler.unlink()
    assert migrate(path) == tuple(map(name_of, CHANGES[3:]))


def test_a_disk_that_cannot_be_written_is_told(small_disk: Path) -> None:
    path = small_disk / "attendant.db"
    migrate(path)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for connect in (database.connect, database.connect_readonly):
        with pytest.raises(errors.DatabaseReadOnly, match="cannot be written"):
            connect(path)
    with pytest.raises(errors.DatabaseReadOnly, match="Read-only"):
        migrate(small_disk / "other.db")
