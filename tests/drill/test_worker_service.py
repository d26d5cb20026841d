"""The worker's unit under a real systemd: it comes up, shut in, works, and is back when it hangs."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill import test_bridge_service as bridge
from tests.drill.booted import Booted, booted
from tests.drill.debian_tree import CHECKOUT, fresh_tree
from tests.drill.test_bridge_service import CONFIG, ENVIRONMENT, PYTHON

pytestmark = bridge.pytestmark

UNIT = "attendant-worker"
BACKUP = '[backup]\nrepository = "/mnt/backup/attendant"\n'
ATTENDANT = ("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-m", "appliance.cli.main", "--config", CONFIG)
OWE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from appliance.store import database, jobs
db = database.connect(Path("/var/lib/attendant/attendant.db"))
with database.immediate(db):
    jobs.owe(db, jobs.Wanted(sys.argv[2], sys.argv[1]), now=datetime.now(UTC))
"""
PLUGGED = """
set -e
mount -t tmpfs tmpfs /mnt/backup
install -d -o attendant-bridge /mnt/backup/attendant
"""
"""A disk is mounted while the worker runs, shut in."""
RESTART = "from appliance.service.update.programs import Systemd; Systemd().restart()"
HEALTH = (
    "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8083/healthz', timeout=5).read())"
)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Booted]:
    with fresh_tree("bookworm", tmp_path / "machine") as machine:
        bridge.prepare(machine, settings=bridge.SETTINGS + BACKUP)
        if restic := shutil.which("restic"):
            # One program without libraries of its own.
            shutil.copy(restic, machine.written(Path("/usr/bin/restic")))
        copied = machine.run("cp", f"{CHECKOUT}/systemd/{UNIT}.service", "/etc/systemd/system/", timeout_s=30)
        assert copied.status == 0, copied.output
        assert machine.run("mkdir", "-p", "/mnt/backup", timeout_s=30).status == 0
        bridge.borrow(machine, UNIT, "worker")
        with booted(machine, {ENVIRONMENT: Path(sys.prefix)}) as up:
            yield up


def shown(box: Booted, name: str) -> str:
    return box.run("systemctl", "show", f"--property={name}", "--value", UNIT).output.strip()


def done(box: Booted, key: str, lines: Iterator[str], kind: str = "tidy") -> None:
    """Owe a job, and wait until the worker says that it is done."""
    owed = box.run("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-c", OWE, key, kind)
    assert owed.status == 0, owed.output
    next(line for line in lines if '"job done"' in line and f'"{kind}"' in line)
    listed = box.run(*ATTENDANT, "jobs", "list", "--state", "done", "--json")
    assert key in {job["key"] for job in json.loads(listed.output)}


def test_systemd_keeps_a_worker_that_does_what_is_owed(box: Booted) -> None:
    with box.journal(UNIT, last_s=180) as lines:
        started = box.run("systemctl", "start", UNIT, timeout_s=60)
        assert started.status == 0, started.output + box.run("journalctl", "-u", UNIT).output
        next(line for line in lines if line.startswith("Started"))
        main = shown(box, "MainPID")
        status = box.run("cat", f"/proc/{main}/status").output
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"):
            assert f"\n{line}\n" in status
        assert "\nUid:\t0\t" not in status
        assert '"state":"ok"' in box.run(PYTHON, "-c", HEALTH).output.replace(" ", "")
        done(box, "first", lines)

        assert box.run("sh", "-c", f"kill -9 {main}").status == 0
        next(line for line in lines if line.startswith("Started"))
        done(box, "after a kill", lines)

        assert box.run("sh", "-c", f"kill -STOP {shown(box, 'MainPID')}").status == 0
        next(line for line in lines if "Watchdog timeout" in line)
        next(line for line in lines if line.startswith("Started"))
        done(box, "after it hung", lines)
        assert shown(box, "NRestarts") == "2"

        plugged = box.run("sh", "-c", PLUGGED)
        assert plugged.status == 0, plugged.output
        made = box.run(*ATTENDANT, "backup", "init", timeout_s=60)
        assert made.status == 0, made.output
        done(box, "a backup", lines, "backup")
        listed = box.run(*ATTENDANT, "backup", "list", timeout_s=60)
        assert "Backups: ok;" in listed.output, listed.output
        owner = box.run("stat", "--format=%U", "/mnt/backup/attendant/config", "/var/lib/attendant/secrets")
        assert {*owner.output.split()} == {"attendant-bridge"}

        main = shown(box, "MainPID")
        again = box.run("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-c", RESTART)
        assert again.status == 0, again.output
        next(line for line in lines if line.startswith("Started"))
        assert shown(box, "MainPID") != main, "an update begins what runs anew"

        assert box.run("systemctl", "stop", UNIT, timeout_s=60).status == 0
        assert shown(box, "Result") == "success"
