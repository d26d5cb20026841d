"""The bridge's unit under a real systemd: it comes up, shut in, and comes back when it hangs or dies."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill.booted import Booted, booted
from tests.drill.debian_tree import CHECKOUT, DebianTree, fresh_tree

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="booting a tree takes root: mounts, namespaces, cgroups"),
    pytest.mark.skipif(shutil.which("systemd-nspawn") is None, reason="Debian has it in `systemd-container`"),
    pytest.mark.skipif(
        (sys.base_prefix, sys.version_info[:2]) != ("/usr", (3, 11)),
        reason="the tree borrows this environment, which must be of its own Python: Debian 12's",
    ),
]

UNIT = "attendant-bridge"
CONFIG = "/etc/attendant/attendant.toml"
ENVIRONMENT = Path("/srv/environment")
"""Where this one lies in the tree: the unit sees nothing in folders such as /home and /tmp."""
PYTHON = f"{ENVIRONMENT}/bin/python"
SETTINGS = """
[box]
data_dir = "/var/lib/attendant"
[listen]
public_port = 8080
local_port = 8081
[twilio]
account_sid = ""
[cloud]
enabled = false
"""
BORROWED = f"""
[Service]
ExecStart=
ExecStart={PYTHON} -m appliance.cli.main --config {CONFIG} bridge
Environment="PYTHONPATH={CHECKOUT}"
"""
PREPARE = f"""
set -e
apt-get -qq update
apt-get -qq install --no-install-recommends systemd systemd-sysv dbus python3 >/dev/null </dev/null
cd '{CHECKOUT}/systemd'
cp {UNIT}.service /etc/systemd/system/
cp sysusers.conf /usr/lib/sysusers.d/attendant.conf
systemd-sysusers
"""
ASK = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8081/alive', timeout=1).read())"
ENDED_S, BACK_S = 6.0, 20.0


def prepare(machine: DebianTree) -> None:
    """Install systemd, the unit, its user and settings."""
    prepared = machine.run("bash", "-c", PREPARE, timeout_s=300)
    assert prepared.status == 0, prepared.output
    for name, text in ((CONFIG, SETTINGS), (f"/etc/systemd/system/{UNIT}.service.d/here.conf", BORROWED)):
        path = machine.written(Path(name))
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Booted]:
    with fresh_tree("bookworm", tmp_path / "machine") as machine:
        prepare(machine)
        with booted(machine, {ENVIRONMENT: Path(sys.prefix)}) as up:
            yield up


def shown(box: Booted, name: str) -> str:
    return box.run("systemctl", "show", f"--property={name}", "--value", UNIT).output.strip()


def test_systemd_ends_a_bridge_that_hangs_and_has_it_back(
    box: Booted, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal(UNIT, last_s=120) as lines:
        started = box.run("systemctl", "start", UNIT, timeout_s=60)
        assert started.status == 0, started.output + box.run("journalctl", "-u", UNIT).output
        next(line for line in lines if line.startswith("Started"))
        main = shown(box, "MainPID")
        assert "ok" in box.run(PYTHON, "-c", ASK).output
        status = box.run("cat", f"/proc/{main}/status").output
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"):
            assert f"\n{line}\n" in status
        assert "\nUid:\t0\t" not in status

        hung_s = time.monotonic()
        assert box.run("sh", "-c", f"kill -STOP {main}").status == 0
        next(line for line in lines if "Watchdog timeout" in line)
        told = next(line for line in lines if "Main process exited" in line or "Fatal Python error" in line)
        ended_s = time.monotonic() - hung_s
        next(line for line in lines if line.startswith("Started"))
        back_s = time.monotonic() - hung_s
        again = shown(box, "MainPID")
        assert again != main
        assert "ok" in box.run(PYTHON, "-c", ASK).output

        killed_s = time.monotonic()
        assert box.run("sh", "-c", f"kill -9 {again}").status == 0
        next(line for line in lines if line.startswith("Started"))
        up_s = time.monotonic() - killed_s
    with capsys.disabled():
        print(
            f"\nbridge hung: ended after {ended_s:.1f} s ({told.strip()}), back after {back_s:.1f} s;"
            f" killed: back after {up_s:.1f} s"
        )
    assert ended_s < ENDED_S
    assert back_s < BACK_S
    assert shown(box, "NRestarts") == "2"
    assert "Fatal Python error: Aborted" in box.run("journalctl", "-u", UNIT).output
