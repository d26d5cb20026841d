"""What cannot be read keeps the rest of a box from no backup: it is named, and staff see it."""

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.backup import making, standing
from appliance.backup.standing import State
from appliance.cli.main import main
from appliance.store import backups, database
from tests.backup.clinic import Clinic
from tests.backup.test_drill import command
from tests.backup.unreadable import as_anybody, bad_sector


def judged(kept: Clinic) -> standing.Judged:
    return standing.judged(kept.settings.backup, backups.of_file(kept.settings.database), datetime.now(UTC))


@pytest.fixture
def forbidden(kept: Clinic) -> Iterator[Path]:
    """A recording that nobody may read."""
    path = kept.data / "recordings" / "forbidden.flac"
    path.write_bytes(b"spoken")
    path.chmod(0)
    yield path
    path.unlink()


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_kept(
    kept: Clinic, forbidden: Path, tmp_path: Path
) -> None:
    (kept.data / "greetings" / "closed").mkdir()
    (kept.data / "greetings" / "closed").chmod(0)
    try:
        with as_anybody():
            done = CliRunner().invoke(main, ["--config", str(kept.file), "backup", "now"])
    finally:
        (kept.data / "greetings" / "closed").rmdir()
    assert done.exit_code == 3, done.output
    assert "data/recordings/forbidden.flac could not be read (Permission denied)" in done.output
    assert "data/greetings/closed could not be read" in done.output
    stands = judged(kept)
    assert stands.state is State.PARTLY
    assert "lacks something: " in stands.told
    assert "forbidden.flac" in stands.told

    assert "all as kept" in command("--config", kept.file, "backup", "verify"), "what is there is whole"
    said = command("--config", kept.file, "restore", "--into", tmp_path / "back")
    assert "It was kept without some things: " in said
    assert not (tmp_path / "back" / "recordings" / "forbidden.flac").exists()
    assert (tmp_path / "back" / "greetings" / "menu.wav").exists()


def test_a_bad_sector_does_not_stop_a_backup(kept: Clinic) -> None:
    path = kept.data / "recordings" / "sector.flac"
    path.write_bytes(b"spoken")
    with bad_sector(path):
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            path.read_bytes()
        made = making.back_up(kept.settings, kept.file)
    path.unlink()
    assert made.missing == f"data/recordings/sector.flac could not be read ({os.strerror(errno.EIO)})"
    assert making.back_up(kept.settings, kept.file).missing == "", "the next one is whole again"


def test_rows_that_belong_to_nobody_are_named_and_kept(kept: Clinic, tmp_path: Path) -> None:
    db = database.connect(kept.settings.database)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO question_sent (call_id, model) VALUES ('nobody', 'none')")
    try:
        made = making.back_up(kept.settings, kept.file)
        assert made.missing == "A row of question_sent belongs to no row of call_log"
        making.verify(kept.settings)
        command("--config", kept.file, "restore", "--into", tmp_path / "back")
    finally:
        db.execute("DELETE FROM question_sent WHERE call_id = 'nobody'")
        db.close()
    assert database.examined(tmp_path / "back" / "attendant.db")[1] == [f"{made.missing}."]
