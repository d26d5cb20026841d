"""scripts/asterisk-tree as an operator uses it: what it makes, keeps, refuses, and never takes for whole."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.baseline import baseline
from tests.asterisk.pbx import Pbx
from tests.asterisk.ports import free_ports
from tests.asterisk.tree import MAKE_S, SCRIPT, asterisk, asterisk_tree, own_tree, place_for_trees
from tests.drill.debian_tree import CHECKOUT, fresh_tree

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

NOWHERE = "http://127.0.0.1:9/debian"
"""A mirror that nobody is behind."""


@pytest.fixture
def place() -> Iterator[Path]:
    with place_for_trees() as found:
        yield found


@pytest.fixture
def tree(place: Path) -> Path:
    return own_tree(place)


def inode(tree: Path) -> int:
    return tree.stat().st_ino


def test_a_tree_that_is_there_is_left_alone(tree: Path) -> None:
    before = inode(tree)
    made = asterisk("make", tree, "--mirror", NOWHERE, timeout_s=30)
    assert made.returncode == 0, made.stdout
    assert f"{tree} has Asterisk 22." in made.stdout
    assert inode(tree) == before


def test_all_modules_of_the_baseline_are_there(tree: Path, tmp_path: Path) -> None:
    with free_ports() as ports:
        (tmp_path / "modules.conf").write_text(baseline(ports)["modules.conf"])
    checked = asterisk("check", tree, "--modules", tmp_path / "modules.conf")
    assert checked.returncode == 0, checked.stdout
    assert "All modules that are needed are there." in checked.stdout


def test_a_missing_module_is_named(tree: Path, tmp_path: Path) -> None:
    assert asterisk("check", tree).returncode == 0
    (tmp_path / "modules.conf").write_text("[modules]\nload = app_dial.so\nload=>chan_teleport.so ; soon\n")
    checked = asterisk("check", tree, "--modules", tmp_path / "modules.conf")
    assert checked.returncode == 1
    assert "modules are missing: chan_teleport \n" in checked.stdout
    [module] = tree.glob("usr/lib/*/asterisk/modules/chan_websocket.so")
    module.unlink()
    assert "modules are missing: chan_websocket \n" in asterisk("check", tree).stdout


def test_a_tree_is_small_and_holds_no_settings(tree: Path) -> None:
    used = subprocess.run(["du", "-sm", asterisk_tree()], capture_output=True, text=True, check=True)
    assert int(used.stdout.split()[0]) < 600
    assert list((tree / "etc/asterisk").iterdir()) == []
    assert not list(tree.glob("var/cache/apt/archives/*.deb"))
    assert {path.name for path in (tree / "usr/share/doc/asterisk").iterdir()} == {"copyright"}


def test_a_folder_that_is_no_tree_is_not_touched(tmp_path: Path) -> None:
    theirs = tmp_path / "tree"
    (theirs / "var/lib/dpkg").mkdir(parents=True)  # it looks like one that was left half made
    (theirs / "mine").write_text("keep")
    for command in ("make", "update", "back", "check", "remove"):
        done = asterisk(command, theirs, "--mirror", NOWHERE, timeout_s=30)
        assert done.returncode == 1, done.stdout
    assert (theirs / "mine").read_text() == "keep"


def test_a_failed_update_leaves_the_old_tree(tree: Path) -> None:
    before = inode(tree)
    failed = asterisk("update", tree, "--mirror", NOWHERE, timeout_s=120)
    assert failed.returncode == 1
    assert f"cannot get Debian forky from {NOWHERE}" in failed.stdout
    assert inode(tree) == before
    assert asterisk("check", tree).returncode == 0
    assert not tree.with_name("tree.former").exists()


def test_keys_that_nobody_vouches_for_are_refused(place: Path) -> None:
    (place / "keys.gpg").touch()
    made = asterisk("make", place / "tree", "--keyring", place / "keys.gpg")
    assert made.returncode == 1
    assert "not signed by a key that this machine can trust" in made.stdout
    assert not (place / "tree").exists()


def test_an_update_brings_newer_keys_keeps_the_former_and_can_be_taken_back(tree: Path) -> None:
    old = inode(tree)
    # This key signs `stable` alone, as the keys of a machine that is one release behind do.
    behind = next(Path("/usr/share/keyrings").glob("debian-archive-trixie-stable.*"))
    updated = asterisk("update", tree, "--keyring", behind)
    assert updated.returncode == 0, updated.stdout
    assert "fetching the newer keyring" in updated.stdout
    former = tree.with_name("tree.former")
    new = inode(tree)
    assert (inode(former), asterisk("check", tree).returncode) == (old, 0)

    assert asterisk("back", tree).returncode == 0
    assert (inode(tree), inode(former)) == (old, new)

    assert asterisk("remove", tree).returncode == 0
    assert [path.name for path in tree.parent.iterdir()] == []


def test_a_tree_that_lost_its_name_in_a_swap_gets_it_back(tree: Path) -> None:
    before = inode(tree)
    tree.rename(tree.with_name("tree.former"))
    made = asterisk("make", tree, "--mirror", NOWHERE, timeout_s=30)
    assert made.returncode == 0, made.stdout
    assert inode(tree) == before


def test_trees_change_places_also_where_it_takes_more_than_one_step(tree: Path) -> None:
    former = tree.with_name("tree.former")
    subprocess.run(["cp", "-al", tree, former], check=True)
    old, new = inode(former), inode(tree)
    cannot = tree.with_name("bin")
    cannot.mkdir()
    (cannot / "python3").write_text("#!/bin/sh\nexit 1\n")
    (cannot / "python3").chmod(0o755)
    path = f"PATH={cannot}:{os.environ['PATH']}"
    subprocess.run(["env", path, SCRIPT, "back", tree], capture_output=True, check=True)
    assert (inode(tree), inode(former)) == (old, new)


def test_a_tree_that_was_left_half_made_is_none(place: Path) -> None:
    tree = place / "tree"
    with subprocess.Popen(
        [SCRIPT, "make", tree], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as making:
        assert making.stdout is not None
        while "making" not in (line := making.stdout.readline()):
            assert line, "it ended before it began"
        os.killpg(making.pid, 9)
    assert not tree.exists()
    assert asterisk("check", tree).returncode == 1
    assert asterisk("remove", tree).returncode == 0
    assert list(place.iterdir()) == []


async def test_a_tree_that_asterisk_runs_out_of_is_not_removed(tree: Path, tmp_path: Path) -> None:
    with free_ports() as ports:
        async with Pbx(tmp_path, baseline(ports), tree) as pbx:
            refused = asterisk("remove", tree)
            assert refused.returncode == 1
            assert "a program still runs out of" in refused.stdout
            assert "Asterisk 22." in await pbx.cli("core show version")
    assert asterisk("remove", tree).returncode == 0


def test_a_full_disk_is_said_in_plain_words(tmp_path: Path) -> None:
    inside = 'mount -t tmpfs -o size=64m tmpfs "$2" && exec "$1" make "$2/tree"'
    refused = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sh", SCRIPT, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "is too full" in refused.stdout


def test_it_takes_root() -> None:
    with tempfile.TemporaryDirectory() as folder:  # the checkout may be closed to others
        open_to_all = Path(folder)
        open_to_all.chmod(0o755)
        scripts = open_to_all / "scripts"
        scripts.mkdir(mode=0o755)
        for name in ("asterisk-tree", "environment.sh", "debian.sh"):
            shutil.copy(SCRIPT.with_name(name), scripts)
        nobody = ["setpriv", "--reuid=65534", "--clear-groups"]
        refused = subprocess.run(
            [*nobody, scripts / "asterisk-tree", "make", open_to_all / "tree"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert refused.returncode == 1
    assert "this takes root" in refused.stdout


def test_debian_13_makes_one_too(tmp_path: Path) -> None:
    with fresh_tree("trixie", tmp_path / "trixie") as machine:
        made = machine.run(CHECKOUT / "scripts/asterisk-tree", "make", "/srv/asterisk", timeout_s=MAKE_S)
        assert made.status == 0, made.output
        assert "/srv/asterisk has Asterisk 22." in made.output
        assert machine.run("chroot", "/srv/asterisk", "asterisk", "-V", timeout_s=30).status == 0
