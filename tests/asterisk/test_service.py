"""Our unit under a real systemd: Asterisk comes up out of the tree, shut in, and comes back when it dies."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.baseline import baseline
from tests.asterisk.ports import Ports
from tests.asterisk.tree import own_tree, place_for_trees
from tests.drill.booted import Booted, booted
from tests.drill.debian_tree import CHECKOUT, DebianTree, fresh_tree

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="booting a tree takes root: mounts, namespaces, cgroups"),
    pytest.mark.skipif(shutil.which("systemd-nspawn") is None, reason="Debian has it in `systemd-container`"),
]

UNIT = "attendant-asterisk"
HOME, SHARED = Path("/var/lib/attendant-asterisk"), Path("/var/lib/attendant-pbx")
PREPARE = f"""
set -e
apt-get -qq update
apt-get -qq install --no-install-recommends systemd systemd-sysv dbus >/dev/null </dev/null
cd '{CHECKOUT}/systemd'
cp {UNIT}.service /etc/systemd/system/
cp sysusers.conf /usr/lib/sysusers.d/attendant.conf
systemd-sysusers
cp tmpfiles.conf /usr/lib/tmpfiles.d/attendant.conf
systemd-tmpfiles --create attendant.conf
chgrp -R attendant-pbx {SHARED}/etc
chmod -R u=rwX,g=rX,o= {SHARED}/etc
"""


def prepare(machine: DebianTree) -> None:
    """Install systemd, the unit, its user, and settings that only the user's group may read."""
    etc = machine.written(SHARED / "etc")
    etc.mkdir(parents=True)
    for name, text in baseline(Ports(5060, 8088, 5038, range(10000, 10100))).items():
        (etc / name).write_text(text, "utf-8")
    prepared = machine.run("bash", "-c", PREPARE, timeout_s=300)
    assert prepared.status == 0, prepared.output


@pytest.fixture(params=["bookworm", "trixie"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Booted]:
    with fresh_tree(request.param, tmp_path / "machine") as machine, place_for_trees() as place:
        prepare(machine)
        with booted(machine, {HOME / "tree": own_tree(place)}) as up:
            yield up


def shown(box: Booted, name: str) -> str:
    return box.run("systemctl", "show", f"--property={name}", "--value", UNIT).output.strip()


def asked(box: Booted, command: str) -> str:
    """What Asterisk's command line says, asked in the way that docs/asterisk-tree.md tells."""
    return box.run("nsenter", "-m", "-t", shown(box, "MainPID"), "asterisk", "-rx", command).output


def test_systemd_keeps_asterisk_up_and_shut_in(box: Booted) -> None:
    with box.journal(UNIT) as lines:
        started = box.run("systemctl", "start", UNIT)
        assert started.status == 0, started.output + box.run("journalctl", "-u", UNIT).output
        next(line for line in lines if line.startswith("Started"))
        assert "Asterisk 22." in asked(box, "core show version")
        assert re.search(r"udp .*127\.0\.0\.1:5060", asked(box, "pjsip show transports"))

        main = shown(box, "MainPID")
        status = box.run("cat", f"/proc/{main}/status").output
        for line in (
            "NoNewPrivs:\t1",
            "Seccomp:\t2",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
        ):
            assert f"\n{line}\n" in status
        assert "\nUid:\t0\t" not in status
        assert "SCHED_RR" in box.run("chrt", "-p", main).output
        written = box.run(
            "nsenter", "-m", "-t", main, "touch", "/etc/asterisk/x", "/usr/x", "/var/spool/asterisk/x"
        )
        assert written.output.count("Read-only file system") == 2
        assert "x" in box.run("ls", SHARED / "spool").output.split()

        assert box.run("systemctl", "reload", UNIT).status == 0
        assert box.run("sh", "-c", f"kill -9 {main}").status == 0
        next(line for line in lines if line.startswith("Started"))
    assert shown(box, "NRestarts") == "1"
    assert shown(box, "MainPID") != main
    assert "System uptime" in asked(box, "core show uptime")
