"""What is put beside the box after a restore by root belongs to whose place it is, and to nobody else."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.backup import restoring
from appliance.backup.stage import LANGUAGES, PBX
from appliance.core import in_service
from tests.backup.clinic import Clinic, backed_up
from tests.backup.test_drill import command
from tests.forked import FORKED

OWNER, GROUP = (65534, 65533) if os.geteuid() == 0 else (os.geteuid(), os.getegid())


@pytest.mark.parametrize(("given", "made"), [(0o2770, 0o2770), (0o700, 0o700), (0o2755, 0o2750)])
def test_folders_that_are_made_are_whose_they_lie_with(tmp_path: Path, given: int, made: int) -> None:
    beside, data = tmp_path / "data.restoring", tmp_path / "data"
    for name in (f"{LANGUAGES}/pt/desk.toml", f"{PBX}/music/own.wav", f"{PBX}/spool/voicemail/new.wav"):
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"kept")
    data.mkdir()
    os.chown(data, OWNER, GROUP)
    data.chmod(given)
    # As the bridge makes it: what is there stays as it is.
    (data / "asterisk" / "spool").mkdir(parents=True)
    (data / "asterisk" / "spool").chmod(0o2750)

    places = restoring.Places(data, data / "asterisk", data / "languages", tmp_path / "attendant.toml")
    restoring.put_the_rest(beside, places, lambda _: None)

    for name in ("languages", "languages/pt"):
        found = (data / name).stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (OWNER, GROUP, made)
    found = (data / "languages" / "pt" / "desk.toml").stat()
    assert (found.st_uid, found.st_gid) == (OWNER, GROUP)
    for name in ("spool", "spool/voicemail"):
        assert (data / "asterisk" / name).stat().st_mode & 0o7777 == 0o2750


@pytest.fixture
def machine() -> Iterator[Path]:
    """A new machine, of which root has made the box's folder for a user of another number than it had."""
    folder = Path(tempfile.mkdtemp(prefix="attendant-machine-"))
    folder.chmod(0o711)
    data = folder / "data"
    data.mkdir()
    os.chown(data, OWNER, GROUP)
    data.chmod(0o2770)
    yield folder
    shutil.rmtree(folder)


def may(user: int, group: int, *words: str | Path) -> bool:
    """Whether a user may do something, such as reading a file."""
    who = ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups")
    return subprocess.run([*who, *words], capture_output=True, check=False).returncode == 0


@pytest.mark.drill
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another")
def test_what_root_restores_is_the_boxs_users_who_goes_on_with_it(
    kept: Clinic, elsewhere: Path, machine: Path
) -> None:
    data, repository, file = machine / "data", machine / "repository", machine / "attendant.toml"
    shutil.copytree(elsewhere, repository)
    file.write_text(
        f'[box]\ndata_dir = "{data}"\n[listen]\nlocal_port = 0\nadmin_port = 0\nworker_port = 0\n'
        f'[backup]\nrepository = "{repository}"\n',
        "utf-8",
    )
    password = kept.data / "secrets" / "backup_password"
    command("--config", file, "restore", "--password-file", password)

    found = {path: path.stat() for path in data.rglob("*")}
    assert len(found) > 10
    assert [str(path) for path, was in found.items() if (was.st_uid, was.st_gid) != (OWNER, GROUP)] == []
    assert data.stat().st_mode & 0o7777 == 0o2770
    secret = data / "secrets" / "openai_api_key"
    for path in (data / "attendant.db", secret, data / "recordings"):
        assert may(OWNER, GROUP, "test", "-r", path)
        assert may(OWNER, GROUP, "test", "-w", path)
        assert not may(OWNER - 2, GROUP - 2, "test", "-r", path), "nobody else"

    # The machine had stood down: it claims the name, and root's hand leaves nothing in the box's repository.
    for path in (repository, *repository.rglob("*")):
        os.chown(path, OWNER, GROUP)
    in_service.stand_down(data, "for the test")
    command("--config", file, "restore", "--replace", "--password-file", password)
    assert [str(path) for path in repository.rglob("*") if path.stat().st_uid != OWNER] == []

    # Root's hand again: the command goes on as whose box it is, and leaves nothing of root's behind.
    child = FORKED.Process(target=backed_up, args=(file,))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    found = {path: path.stat() for path in (*repository.rglob("*"), *data.rglob("*"))}
    assert [str(path) for path, was in found.items() if was.st_uid != OWNER] == []
