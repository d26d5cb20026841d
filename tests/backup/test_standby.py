"""A second box follows the first by its backups, takes over, and only one of them answers."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.backup import claims, following, making, place
from appliance.cli.main import main
from appliance.core import in_service
from appliance.core import settings as boot
from appliance.core.settings import Settings
from tests.backup.clinic import Clinic, contents, rows
from tests.backup.test_drill import command, failed


class Second:
    """Another machine: a folder with the keys of the repository, and nothing else yet."""

    def __init__(self, folder: Path, first: Clinic, repository: Path, more: str = "") -> None:
        self.data, self.file = folder / "data", folder / "attendant.toml"
        (self.data / "secrets").mkdir(mode=0o700, parents=True)
        shutil.copy2(first.data / "secrets" / "backup_password", self.data / "secrets")
        self.file.write_text(
            f'[box]\ndata_dir = "{self.data}"\n[listen]\nlocal_port = 0\nadmin_port = 0\nworker_port = 0\n'
            f'[backup]\nrepository = "{repository}"\n[standby]\nfollows = "{name_of(first)}"\n{more}',
            "utf-8",
        )

    @property
    def settings(self) -> Settings:
        return boot.load(self.file)

    def does(self, *words: str) -> str:
        return command("--config", self.file, "standby", *words)

    def fails(self, *words: str) -> str:
        return failed("--config", self.file, "standby", *words)


CHANGED = ("audit", "backup_run", "snapshot", "version")
"""Tables in which a backup and a restore leave something."""
TRUNK = 'wait_s = 0\n[asterisk]\nenabled = true\ntrunk = {host = "sip.example.net"}\n'


def name_of(first: Clinic) -> str:
    return making.name_of(first.settings)


@pytest.fixture
def pair(kept: Clinic, elsewhere: Path, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The settings file of the first box, with a repository of this test alone; and that repository."""
    file = tmp_path / "first.toml"
    file.write_text(kept.file.read_text("utf-8").replace(str(kept.repository), str(elsewhere)), "utf-8")
    yield file, elsewhere
    in_service.stand_up(kept.data)


def test_what_is_new_alone_is_fetched_and_a_copy_is_whole(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    file, repository = pair
    second = Second(tmp_path / "second", kept, repository)
    assert "Nothing of" in second.does("status")
    assert second.does("follow").startswith("Ready: the backup of ")
    first = following.ready(second.data)
    assert first is not None
    recording = next((following.folder(second.data, first) / "data" / "recordings").iterdir())
    inode = recording.stat().st_ino

    (kept.data / "recordings" / "new.flac").write_bytes(b"since")
    command("--config", file, "backup", "now")
    second.does("look")
    copy = following.ready(second.data)
    assert copy is not None
    assert copy.snapshot != first.snapshot
    folder = following.folder(second.data, copy)
    assert (folder / "data" / "recordings" / "new.flac").read_bytes() == b"since"
    assert (folder / "data" / "recordings" / recording.name).stat().st_ino == inode, (
        "it was not fetched again"
    )
    assert [path for path in folder.parent.iterdir() if path.is_dir()] == [folder], "one copy is kept"
    (kept.data / "recordings" / "new.flac").unlink()

    # What is damaged on this disk, or lost, is fetched again with the next backup.
    recording = folder / "data" / "recordings" / recording.name
    recording.write_bytes(b"a bad sector")
    (folder / "data" / "greetings" / "menu.wav").unlink()
    command("--config", file, "backup", "now")
    second.does("follow")
    again = following.ready(second.data)
    assert again is not None
    for name in ("recordings", "greetings"):
        found = contents(following.folder(second.data, again) / "data" / name)
        assert found == contents(kept.data / name) != {}


@pytest.mark.drill
def test_a_box_that_stands_ready_answers_nothing_until_it_takes_over_and_then_the_other_stands_down(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    file, repository = pair
    second = Second(tmp_path / "second", kept, repository)
    second.does("follow")
    for program in ("bridge", "worker"):
        assert "stands ready for" in failed("--config", second.file, program)
    before = rows(kept.settings.database)
    said = second.does("takeover")
    assert f"This box is {name_of(kept)} now" in said
    assert "Every file and every row is as it was kept." in said
    after = rows(second.settings.database)
    assert {name: found for name, found in after.items() if name not in CHANGED} == {
        name: found for name, found in before.items() if name not in CHANGED
    }
    assert contents(second.data / "recordings") == contents(kept.data / "recordings")
    assert (second.data / "backup_name").read_text().strip() == name_of(kept)
    assert not (second.data / following.FOLDER).exists()
    assert "answers this machine" in second.does("status")
    assert "There is a box in" in second.fails("follow")
    second.does("look")

    # The first one comes back, and sees it before it answers; no backup of its comes over those of the other.
    assert "Another box took over" in failed("--config", file, "standby", "look")
    assert "Another box took over" in failed("--config", file, "bridge")
    assert "Another box took over" in failed("--config", file, "backup", "now")
    assert "answers another machine" in command("--config", file, "standby", "status")
    assert command("--config", second.file, "backup", "now").startswith("Kept ")


@pytest.mark.drill
def test_with_a_trunk_nothing_is_taken_over_until_the_other_has_said_that_it_stands_down(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    file, repository = pair
    second = Second(tmp_path / "second", kept, repository, TRUNK)
    assert "the trunk would ring both" in second.fails("takeover")
    assert not second.settings.database.exists()
    assert in_service.why_not(second.data)
    # It was claimed: the other one stands down as soon as it looks, and says so.
    assert "Another box took over" in failed("--config", file, "standby", "look")
    assert f"This box is {name_of(kept)} now" in second.does("takeover")


@pytest.mark.drill
def test_a_planned_change_loses_nothing_and_goes_back(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    file, repository = pair
    second = Second(tmp_path / "second", kept, repository, TRUNK)
    (kept.data / "recordings" / "last.flac").write_bytes(b"a moment ago")
    assert "answers no more" in command("--config", file, "standby", "stand-down")
    (kept.data / "recordings" / "last.flac").unlink()
    second.does("takeover")
    assert (second.data / "recordings" / "last.flac").read_bytes() == b"a moment ago"
    restic = place.restic(second.settings)
    assert [each.what for each in claims.all_of(restic, name_of(kept))] == ["yielded", "taken"]

    # Back: now the first machine follows the second one, whose word counts anew.
    with file.open("a") as settings:
        settings.write(f'[standby]\nfollows = "{name_of(kept)}"\n{TRUNK}')
    assert "the trunk would ring both" in failed("--config", file, "standby", "takeover")
    assert "answers no more" not in second.does("status")
    assert "Another box took over" in second.fails("look")


def test_while_the_other_answers_nothing_is_taken_over(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as pages:
        port = pages.getsockname()[1]
        second = Second(tmp_path / "second", kept, pair[1], f'other = "127.0.0.1:{port}"\n')
        second.does("follow")
        assert "The other box is there" in second.fails("takeover")
        assert "The other box is there" in second.fails("takeover", "--other-is-off")
    assert f"This box is {name_of(kept)} now" in second.does("takeover")


@pytest.mark.drill
def test_what_is_ready_here_is_enough_when_the_repository_is_lost_with_the_box(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    second = Second(tmp_path / "second", kept, pair[1])
    assert "is ready here" in second.fails("takeover", "--without-repository", "--other-is-off")
    second.does("follow")
    pair[1].rename(tmp_path / "burnt")
    assert "is the disk plugged in" in second.fails("takeover")
    assert "see that it is off" in second.fails("takeover", "--without-repository")
    said = second.does("takeover", "--without-repository", "--other-is-off")
    assert f"This box is {name_of(kept)} now" in said
    assert in_service.why_not(second.data) == ""


def test_a_box_with_books_of_its_own_does_not_begin_to_follow(kept: Clinic, pair: tuple[Path, Path]) -> None:
    file, _ = pair
    assert "This box follows none" in failed("--config", file, "standby", "follow")
    with file.open("a") as settings:
        settings.write('[standby]\nfollows = "another"\n')
    assert "which answers" in failed("--config", file, "standby", "follow")
    assert in_service.why_not(kept.data) == ""


@pytest.mark.drill
def test_an_empty_box_never_goes_by_the_name_of_the_one_that_it_follows(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    second = Second(tmp_path / "second", kept, pair[1])
    with second.file.open("a") as settings:
        settings.write(f'[front]\nname = "{name_of(kept)}"\n')
    # As an installation leaves it: it has books, and nothing in them.
    second.settings.database.touch(mode=0o600)
    restic = place.restic(second.settings)
    before = restic.snapshots(), claims.all_of(restic, name_of(kept))
    for words in (("backup", "now"), ("standby", "look")):
        assert "and was never it" in failed("--config", second.file, *words)
    assert "`attendant standby follow`" in second.does("stand-down")
    assert (restic.snapshots(), claims.all_of(restic, name_of(kept))) == before
    assert not (second.data / "backup_name").exists()
    assert second.does("follow").startswith("Ready: the backup of ")


@pytest.mark.drill
def test_a_machine_that_had_stood_down_answers_after_a_restore(
    kept: Clinic, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    second = Second(tmp_path / "second", kept, pair[1])
    second.does("follow")
    assert "attendant-front" in command("--config", second.file, "restore")
    assert in_service.why_not(second.data) == ""
    assert "answers this machine" in second.does("status")
    assert "Another box took over" in failed("--config", pair[0], "standby", "look")


def test_a_box_that_shares_no_repository_says_so(kept: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    file.write_text(f'[box]\ndata_dir = "{kept.data}"\n', "utf-8")
    assert "No place for backups is set" in failed("--config", file, "standby", "look")
    assert (
        "This box answers." in CliRunner().invoke(main, ["--config", str(file), "standby", "status"]).output
    )
