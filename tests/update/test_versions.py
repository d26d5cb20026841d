"""Versions on the disk: laid ready whole or not at all, switched in one step, swept when not wanted."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from appliance.core.installed import COMPLETE
from appliance.service.update import first, placing
from appliance.service.update.versions import Unsettled, UpdateFailed, Versions

HERE = Path(sys.prefix)


def tree(folder: Path, number: str = "1.0", more: str = "") -> Path:
    """As little as a version can be."""
    for package in placing.PACKAGES:
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("")
    (folder / "appliance" / "__init__.py").write_text(f'"""A version."""\n\nVERSION = "{number}"\n{more}')
    (folder / "appliance" / "cli").mkdir()
    (folder / "appliance" / "cli" / "main.py").write_text("def main():\n    print('runs')\n")
    (folder / placing.LOCK).write_text("nothing==1\n")
    (folder / "tests").mkdir()
    return folder


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "opt")


def test_a_version_is_laid_ready_with_its_code_alone(versions: Versions, tmp_path: Path) -> None:
    name = placing.place(versions, tree(tmp_path / "a"), environment=HERE)
    assert name.startswith("1.0-")
    assert versions.names() == [name]
    assert versions.number(name) == "1.0"
    assert not (versions.folder(name) / "code" / "tests").exists()
    assert list((versions.folder(name) / "code" / "appliance" / "__pycache__").glob("*.pyc"))
    assert placing.place(versions, tmp_path / "a", environment=HERE) == name
    other = placing.place(versions, tree(tmp_path / "b", more="# otherwise\n"), environment=HERE)
    assert other != name
    assert other.startswith("1.0-")


def test_what_a_careful_root_lays_ready_is_read_by_the_boxs_users(versions: Versions, tmp_path: Path) -> None:
    was = os.umask(0o077)
    try:
        source = tree(tmp_path / "checkout")
        (source / "install.sh").touch(mode=0o700)
        folder = versions.folder(placing.place(versions, source, environment=HERE))
    finally:
        os.umask(was)
    laid = [folder, *folder.rglob("*")]
    assert [str(path) for path in laid if path.is_dir() and path.stat().st_mode & 0o777 != 0o755] == []
    assert [str(path) for path in laid if path.is_file() and path.stat().st_mode & 0o444 != 0o444] == []
    assert (folder / "code" / "install.sh").stat().st_mode & 0o777 == 0o755


def test_a_bundle_and_a_wheel_are_the_same_version(versions: Versions, tmp_path: Path) -> None:
    source = tree(tmp_path / "attendant-1.0")
    name = placing.place(versions, source, environment=HERE)
    bundle = tmp_path / "attendant-1.0.tar.gz"
    with tarfile.open(bundle, "w:gz") as archive:
        archive.add(source, "attendant-1.0")
    assert placing.place(versions, bundle, environment=HERE) == name
    wheel = tmp_path / "attendant-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive_:
        for path in source.rglob("*.py"):
            archive_.write(path, path.relative_to(source))
    shutil.copy(source / placing.LOCK, tmp_path / placing.LOCK)
    assert placing.place(versions, wheel, environment=HERE) == name
    with pytest.raises(UpdateFailed, match="not what the sum was made of"):
        placing.place(versions, bundle, sha256="0" * 64, environment=HERE)


def test_what_is_no_version_is_refused_and_nothing_is_left(versions: Versions, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UpdateFailed, match="is no version of Attendant"):
        placing.place(versions, tmp_path / "empty", environment=HERE)
    torn = tmp_path / "torn.tar.gz"
    torn.write_bytes(b"\x1f\x8b torn")
    with pytest.raises(UpdateFailed, match="cannot be opened"):
        placing.place(versions, torn, environment=HERE)
    climbs = tmp_path / "climbs.tar"
    with tarfile.open(climbs, "w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    with pytest.raises(UpdateFailed, match="in no bundle of ours"):
        placing.place(versions, climbs, environment=HERE)
    with pytest.raises(UpdateFailed, match="Its code could not be compiled"):
        placing.place(versions, tree(tmp_path / "b", more="def broken(:\n"), environment=HERE)
    assert versions.names() == []


@pytest.mark.drill
def test_an_environment_is_made_once_for_a_lock_and_runs_the_version(
    versions: Versions, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        (tree(tmp_path / folder, more=f"# {folder}\n") / placing.LOCK).write_text("# nothing\n")
    names = [placing.place(versions, tmp_path / folder) for folder in ("a", "b")]
    assert len({*names}) == 2
    assert len([*(versions.root / "environments").iterdir()]) == 1
    done = subprocess.run([versions.command(names[1])], capture_output=True, text=True, check=True)
    assert done.stdout == "runs\n"


def test_the_installer_needs_nothing_but_the_systems_own_python(tmp_path: Path) -> None:
    bare = [sys.executable, "-S", "-P", "-m", first.__name__, str(tmp_path)]
    here = {"PYTHONPATH": str(Path(__file__).parents[2])}
    refused = subprocess.run(bare, env=here, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{tmp_path} is no version of Attendant"), refused.stderr


@pytest.mark.drill
def test_the_first_version_is_current_and_a_later_one_waits_for_an_update(
    versions: Versions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("a", "b"):
        (tree(tmp_path / folder, more=f"# {folder}\n") / placing.LOCK).write_text("# nothing\n")
        assert first.main(tmp_path / folder, versions.root) == 0
    one, other = capsys.readouterr().out.split()
    assert versions.current == one != other
    assert {*versions.names()} == {one, other}


def laid(versions: Versions, *names: str) -> None:
    for name in names:
        (versions.folder(name) / "bin").mkdir(parents=True)
        (versions.folder(name) / COMPLETE).write_text(name.partition("-")[0])


def test_a_switch_is_one_step_and_known_until_it_is_judged(versions: Versions) -> None:
    laid(versions, "1-a", "2-b")
    assert [versions.current, versions.previous] == [None, None]
    versions.switch("1-a")
    versions.switch("2-b")
    assert (versions.current, versions.previous) == ("2-b", "1-a")
    assert (versions.root / "current" / COMPLETE).read_text() == "2"
    versions.switch("2-b")
    assert versions.previous == "1-a"
    versions.unsettle(Unsettled("2-b", "1-a"))
    again = Versions(versions.root)
    assert again.unsettled == Unsettled("2-b", "1-a")
    versions.settle()
    assert Versions(versions.root).unsettled is None
    for wrong in ("3-c", "../../etc", ""):
        with pytest.raises(UpdateFailed):
            versions.switch(wrong)
    assert versions.current == "2-b"


def test_what_cannot_be_changed_is_told_as_a_sentence(versions: Versions) -> None:
    laid(versions, "1-a", "2-b")
    for name in ("current", "unsettled.json"):
        (versions.root / name / "in the way").mkdir(parents=True)
    with pytest.raises(UpdateFailed, match="current is no link"):
        versions.switch("1-a")
    with pytest.raises(UpdateFailed, match="current cannot be changed"):
        versions.take_back(Unsettled("2-b", "1-a"))
    with pytest.raises(UpdateFailed, match=r"unsettled\.json cannot be changed"):
        versions.unsettle(Unsettled("2-b", "1-a"))
    with pytest.raises(UpdateFailed, match=r"unsettled\.json cannot be changed"):
        versions.settle()


def test_old_versions_go_and_those_that_may_be_wanted_stay(versions: Versions, tmp_path: Path) -> None:
    laid(versions, *(f"{number}-x" for number in range(6)))
    used, unused = versions.environment("used"), versions.environment("unused")
    for environment in (used, unused):
        environment.mkdir(parents=True)
    (versions.folder("5-x") / "environment").symlink_to(used)
    versions.folder("half").mkdir()
    versions.switch("0-x")
    versions.switch("1-x")
    versions.sweep()
    left = {path.name for path in (versions.root / "versions").iterdir()}
    assert {"0-x", "1-x"} <= left
    assert len(left) <= 5
    assert "half" not in left
    assert used.exists()
    assert not unused.exists()
