"""install.sh where something is in its way, and without a network: what it says, and that it goes on.

With `--full` alone.
"""

import os
import shutil
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.drill.debian_tree import CHECKOUT, fresh_tree, way_out
from tests.drill.installing import ANSWERS, INSTALL, Machine, link, machine_up, put_asterisk

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="booting a tree takes root: mounts, namespaces, cgroups"),
    pytest.mark.skipif(shutil.which("systemd-nspawn") is None, reason="Debian has it in `systemd-container`"),
]

BUNDLE_S = 900.0
SOMEBODY = """
set -e
cd /etc/systemd/system
printf '[Socket]\\nListenStream=80\\n' >somebody.socket
printf '[Service]\\nExecStart=/bin/true\\n' >somebody.service
systemctl daemon-reload
systemctl start somebody.socket
"""
TORN = """
cd /root
head -c -4096 attendant.tar >torn.tar
sed s/attendant.tar/torn.tar/ attendant.tar.sha256 >torn.tar.sha256
"""
MAKER = (
    "apt-get -qq update && apt-get -qq install --no-install-recommends python3-venv ca-certificates"
    ' >/dev/null </dev/null && "$@"'
)
FETCHED = "test $(du -cm /tmp/pip-* 2>/dev/null | tail -n 1 | cut -f1) -ge 20"
"""So far has pip come: in the middle."""


@pytest.fixture(autouse=True)
def _in_full(full: bool) -> None:
    if not full:
        pytest.skip("with --full")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with machine_up("bookworm", tmp_path) as up:
        yield up


def refused(machine: Machine, *options: str | Path) -> str:
    """What it says when it cannot go on."""
    said = machine.install(*options)
    assert said.status == 1, said.output
    return said.output


def test_whatever_is_in_the_way_is_named_and_it_goes_on_from_there(machine: Machine) -> None:
    machine.done("bash", "-c", "mkdir -p /opt && mount -t tmpfs -o size=200m tmpfs /opt")
    said = refused(machine, "--answers", ANSWERS)
    assert "the disk that holds /opt is too full" in said
    assert "Make room and run the same command again" in said
    machine.done("umount", "/opt")

    machine.done("bash", "-c", SOMEBODY)
    said = refused(machine, "--answers", ANSWERS)
    assert "port 80 (tcp) is taken by systemd" in said
    assert "Nothing of the box runs yet" in said
    machine.done("systemctl", "stop", "somebody.socket")

    aside: tuple[str | Path, ...] = (
        "systemd-run",
        "--unit=installing",
        "env",
        *way_out(),
        INSTALL,
        "--answers",
        ANSWERS,
    )
    machine.done(*aside)
    with machine.up.journal("installing", last_s=600) as lines:
        next(line for line in lines if line.startswith("Programs: laying them ready"))
        machine.wait_until(FETCHED)
        with machine.line.cut():
            told = "".join(takewhile(lambda line: "Failed with result" not in line, lines))
    assert "The same command goes on from here" in told, told

    done = machine.install("--answers", ANSWERS)
    assert done.status == 0, done.output
    assert link(done)
    machine.takes_a_call()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle that was made on a Debian 12 of its own."""
    with fresh_tree("bookworm", tmp_path / "maker") as tree:
        put_asterisk(tree, Path("/srv/asterisk"))
        made = tree.run(
            *("sh", "-c", MAKER, "sh"),
            *(CHECKOUT / "scripts/bundle", "/srv/attendant.tar", "--tree", "/srv/asterisk"),
            timeout_s=BUNDLE_S,
        )
        assert made.status == 0, made.output
        for name in ("attendant.tar", "attendant.tar.sha256"):
            shutil.move(tree.written(Path("/srv") / name), tmp_path / name)
    return tmp_path / "attendant.tar"


def test_a_bundle_installs_without_a_network(bundle: Path, tmp_path: Path) -> None:
    brought = (bundle, bundle.with_name("attendant.tar.sha256"))
    with machine_up("bookworm", tmp_path / "box", *brought, asterisk=False) as machine, machine.line.cut():
        at = Path("/root/attendant.tar")
        machine.done("bash", "-c", TORN)
        assert "torn.tar is damaged" in refused(machine, "--answers", ANSWERS, "--offline", "/root/torn.tar")
        said = machine.install("--answers", ANSWERS, "--offline", at)
        assert said.status == 0, said.output
        assert "Bundle: whole" in said.output
        assert link(said)
        machine.takes_a_call()
