"""The whole way: a box is backed up while it is written to, lost, and brought back to the row and byte."""

import os
import shutil
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.backup import making, place, stage
from appliance.backup.restic import BackupFailed, Damaged, Keep, NoRepository
from appliance.cli.main import main
from appliance.core.backup_settings import Backups
from appliance.store import backups, calls, database
from appliance.store.backups import What
from tests.backup.clinic import FILES, LEFT_OUT, Clinic, child, contents, rows
from tests.store.conftest import OFFER


def command(*words: str | Path, typed: str | None = None) -> str:
    """What `attendant` says; an assertion fails when it does not end well."""
    done = CliRunner().invoke(main, [str(word) for word in words], input=typed)
    assert done.exit_code == 0, done.output
    return done.output


def failed(*words: str | Path) -> str:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 1, done.output
    return done.output


def test_a_box_comes_back_to_the_row_and_byte_on_a_machine_with_nothing_but_the_password(
    kept: Clinic, tmp_path: Path
) -> None:
    before = rows(kept.settings.database)
    password = (kept.data / "secrets" / "backup_password").read_text().strip()
    kept.data.rename(tmp_path / "the disk that died")
    try:
        new = tmp_path / "new" / "attendant.toml"
        said = command("--config", new, "restore", "--repository", kept.repository, typed=f"{password}\n")
        assert "Every file and every row is as it was kept." in said
        assert new.read_bytes() == kept.file.read_bytes()
        after = rows(kept.settings.database)
        assert [row[6] for row in after["audit"]] == ["box restored"]
        assert {name: found for name, found in after.items() if name != "audit"} == {
            name: found for name, found in before.items() if name != "audit"
        }
        back = contents(kept.data)
        lost = contents(tmp_path / "the disk that died")
        assert back["backup_name"] == lost["backup_name"]
        for name in (*FILES, *(f"recordings/{path.name}" for path in (kept.data / "recordings").iterdir())):
            assert back[name] == lost[name]
        assert sum(name.startswith("recordings/") for name in back) == 6
        assert not {*LEFT_OUT} & back.keys()
        assert (kept.data / "secrets" / "openai_api_key").stat().st_mode & 0o077 == 0
        assert command("--config", new, "backup", "now").startswith("Kept ")
    finally:
        if kept.data.exists():
            kept.data.rename(tmp_path / "brought back")
        (tmp_path / "the disk that died").rename(kept.data)


@pytest.mark.drill
def test_what_is_there_is_never_written_over(kept: Clinic, tmp_path: Path) -> None:
    config = ("--config", kept.file)
    before = contents(kept.data / "recordings")
    assert "There is a box in" in failed(*config, "restore")
    folder = tmp_path / "looked into"
    said = command(*config, "restore", "--into", folder)
    assert f"The box is back in {folder}." in said
    assert contents(folder / "recordings") == before
    assert "name a new folder" in failed(*config, "restore", "--into", folder)

    (kept.data / "recordings" / "since.flac").write_bytes(b"since")
    written = kept.file.read_text("utf-8")
    kept.file.write_text(f"# of this machine\n{written}", "utf-8")
    said = command(*config, "restore", "--replace", "--with-settings")
    assert kept.file.read_text("utf-8") == written
    assert kept.file.with_name("attendant.toml.before").read_text("utf-8").startswith("# of this machine")
    aside = next(kept.data.parent.glob("data.before-*"))
    assert f"What was there is in {aside}" in said
    assert (aside / "recordings" / "since.flac").exists()
    assert contents(kept.data / "recordings") == before
    assert (kept.data / "models" / "whisper" / "model.bin").exists(), "weights are taken along"


def test_nothing_is_restored_while_the_admin_runs(kept: Clinic, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listens:
        port = listens.getsockname()[1]
        file = tmp_path / "attendant.toml"
        file.write_text(
            kept.file.read_text("utf-8").replace("admin_port = 0", f"admin_port = {port}"), "utf-8"
        )
        said = failed("--config", file, "restore", "--replace")
    assert f"The admin runs (port {port} answers): `systemctl stop attendant-admin.socket " in said


@pytest.mark.drill
def test_a_backup_is_whole_while_the_box_is_written_to(kept: Clinic) -> None:
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        db = database.connect(kept.settings.database)
        while not stop.is_set():
            name = f"w{written}"
            with database.immediate(db):
                calls.begin(db, name, replace(OFFER, call_sid=name), "2026-11-27T09:00:00.000Z", "p1")
            (kept.data / "recordings" / f"{name}.flac").write_bytes(name.encode())
            (kept.data / "recordings" / f"{name}.flac").unlink()
            written += 1
        db.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = making.back_up(kept.settings, kept.file)
    finally:
        stop.set()
        writer.join()
    assert written > 20
    verified = making.verify(kept.settings)
    assert verified.snapshot.startswith(made.snapshot)


@pytest.mark.drill
def test_what_is_killed_in_the_middle_leaves_nothing_in_the_way(kept: Clinic) -> None:
    locks = kept.repository / "locks"

    def kill() -> None:
        if any(locks.iterdir()) and (pid := child()):
            os.kill(pid, 9)

    with pytest.raises(BackupFailed, match="status -9"):
        making.back_up(kept.settings, kept.file, kill)
    assert any(locks.iterdir())
    assert not (kept.data / ".backup" / "stage").exists()

    class Stopped(Exception):
        pass

    def stop() -> None:
        if (kept.data / ".backup" / "stage" / "manifest.json").exists() and child():
            raise Stopped

    with pytest.raises(Stopped):
        making.back_up(kept.settings, kept.file, stop)
    assert not child(), "restic was told to end"
    assert not (kept.data / ".backup" / "stage").exists()
    assert making.back_up(kept.settings, kept.file).files > 0
    assert not any(locks.iterdir()), "the lock of the dead was taken away"


def test_only_so_many_are_kept(kept: Clinic) -> None:
    restic = place.restic(kept.settings)
    # All of them are of today: of each day the last one stays.
    assert len(restic.snapshots()) == 1


@pytest.mark.drill
def test_two_boxes_leave_each_others_backups_alone(kept: Clinic, elsewhere: Path, tmp_path: Path) -> None:
    restic = place.restic(kept.settings.model_copy(update={"backup": at(kept, elsewhere)}))
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage" / "file").write_bytes(b"of another")
    restic.backup(tmp_path / "stage", "another box", ())
    restic.forget(Keep(1, 0, 0), "another box")
    name = (kept.data / "backup_name").read_text("utf-8").strip()
    assert [each.host for each in restic.snapshots()] == [name, "another box"]


@pytest.mark.drill
def test_a_repository_that_lost_something_is_found_by_restoring(
    kept: Clinic, elsewhere: Path, tmp_path: Path
) -> None:
    for pack in (elsewhere / "data").rglob("*"):
        if pack.is_file():
            held = bytearray(pack.read_bytes())
            held[len(held) // 3] ^= 0xFF
            pack.chmod(0o600)
            pack.write_bytes(held)
    told = moved(kept, elsewhere, tmp_path)
    said = failed("--config", told, "backup", "verify")
    assert "damaged" in said
    db = database.connect_readonly(kept.settings.database)
    run = backups.last(db, What.VERIFICATION)
    db.close()
    assert run is not None
    assert run.failed_in_row == 1
    assert "damaged" in run.result.problem
    with pytest.raises(Damaged):
        making.verify(kept.settings.model_copy(update={"backup": at(kept, elsewhere)}))


def test_a_password_of_another_repository_and_a_disk_that_is_not_there_are_said(
    kept: Clinic, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another\n")
    said = failed("--config", kept.file, "restore", "--password-file", wrong)
    assert "The password does not open" in said
    with pytest.raises(NoRepository, match="is the disk plugged in and mounted"):
        making.back_up(kept.settings.model_copy(update={"backup": at(kept, tmp_path / "usb" / "x")}), None)
    assert not (tmp_path / "usb").exists(), "nothing is written where the disk would be"
    unmade = moved(kept, tmp_path / "usb" / "x", tmp_path)
    assert "plug the disk in" in failed("--config", unmade, "backup", "init")
    assert "already" in failed("--config", kept.file, "backup", "init")


def test_a_password_is_shown_by_the_init_that_comes_to_its_end(kept: Clinic, tmp_path: Path) -> None:
    password = (kept.data / "secrets" / "backup_password").read_text("utf-8").strip()
    assert password not in failed("--config", moved(kept, tmp_path / "usb" / "x", tmp_path), "backup", "init")
    said = command("--config", moved(kept, tmp_path / "another", tmp_path), "backup", "init")
    assert f"Its password is  {password}\n" in said


def test_a_full_place_is_said(kept: Clinic, elsewhere: Path, small_disk: Path) -> None:
    place_there = shutil.copytree(elsewhere, small_disk / "repository")
    full = kept.settings.model_copy(update={"backup": at(kept, place_there)})
    large = kept.data / "recordings" / "large.flac"
    large.write_bytes(os.urandom(3_000_000))
    try:
        with pytest.raises(BackupFailed, match="is full"):
            making.back_up(full, kept.file)
        with pytest.raises(BackupFailed, match="The disk is too full"):
            stage.see_room(small_disk, 1)
    finally:
        large.unlink()


def at(kept: Clinic, repository: Path) -> Backups:
    return kept.settings.backup.model_copy(update={"repository": str(repository)})


def moved(kept: Clinic, repository: Path, folder: Path) -> Path:
    """The settings with another place for backups."""
    file = folder / "moved.toml"
    file.write_text(kept.file.read_text("utf-8").replace(str(kept.repository), str(repository)), "utf-8")
    return file
