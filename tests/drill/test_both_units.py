"""The bridge and Asterisk as their units run them: two users who share one folder, and neither is root."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.asterisk.ports import Ports
from tests.asterisk.test_existing import CALLER, DESK, PASSWORD, clinics_own, put_in
from tests.asterisk.tree import own_tree, place_for_trees
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

BRIDGE, PBX = "attendant-bridge", "attendant-asterisk"
CONFIG = "/etc/attendant/attendant.toml"
ENVIRONMENT = Path("/srv/environment")
PYTHON = f"{ENVIRONMENT}/bin/python"
SHARED = Path("/var/lib/attendant-pbx")
OURS = Path("/var/lib/attendant")
TREE = Path("/var/lib/attendant-asterisk/tree")
SOUNDS = SHARED / "etc/sounds"
SPOKEN_S = 90
SETTINGS = f"""
[box]
data_dir = "{OURS}"
[listen]
public_port = 8080
local_port = 8081
[twilio]
account_sid = ""
[cloud]
enabled = false
[asterisk]
enabled = true
folder = "{SHARED}"
sip_host = "127.0.0.1"
phone_networks = ["127.0.0.0/8"]
self_call_minutes = 0
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
apt-get -qq install --no-install-recommends systemd systemd-sysv dbus python3 espeak-ng >/dev/null </dev/null
cd '{CHECKOUT}/systemd'
cp {BRIDGE}.service {PBX}.service /etc/systemd/system/
cp sysusers.conf /usr/lib/sysusers.d/attendant.conf
cp tmpfiles.conf /usr/lib/tmpfiles.d/attendant.conf
systemd-sysusers
systemd-tmpfiles --create attendant.conf
"""
MESSAGES = (
    "import sqlite3; db = sqlite3.connect('file:{}?mode=ro', uri=True);print(db.execute('{}').fetchall())"
)


CLINICS_OWN = "clinic-asterisk"
ITS_FOLDER = Path("/etc/clinic")
ITS_UNIT = f"""
[Service]
Type=notify
ExecStart=/usr/sbin/asterisk -f
RootDirectory={TREE}
MountAPIVFS=yes
BindReadOnlyPaths={ITS_FOLDER}:/etc/asterisk
BindPaths={SHARED}
StateDirectory=clinic/lib clinic/spool clinic/log
BindPaths=/var/lib/clinic/lib:/var/lib/asterisk
BindPaths=/var/lib/clinic/spool:/var/spool/asterisk
BindPaths=/var/lib/clinic/log:/var/log/asterisk
RuntimeDirectory=clinic
BindPaths=/run/clinic:/run/asterisk
Environment=HOME=/var/lib/asterisk
User=asterisk
UMask=0027
"""


def prepare(machine: DebianTree, settings: str) -> None:
    """Install systemd, the units, their users and folders, and the settings."""
    prepared = machine.run("bash", "-c", PREPARE, timeout_s=300)
    assert prepared.status == 0, prepared.output
    for name, text in ((CONFIG, settings), (f"/etc/systemd/system/{BRIDGE}.service.d/here.conf", BORROWED)):
        path = machine.written(Path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@contextmanager
def machine_up(folder: Path, settings: str = SETTINGS) -> Iterator[Booted]:
    """A machine with both units, at rest, and Asterisk's tree where the unit has it."""
    with fresh_tree("bookworm", folder / "machine") as machine, place_for_trees() as place:
        prepare(machine, settings)
        with booted(machine, {ENVIRONMENT: Path(sys.prefix), TREE: own_tree(place)}) as up:
            yield up


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Booted]:
    with machine_up(tmp_path) as up:
        yield up


def done(box: Booted, *command: str | Path, timeout_s: float = 60) -> str:
    """What a command prints, which has to do well."""
    ran = box.run(*command, timeout_s=timeout_s)
    assert ran.status == 0, ran.output + journals(box)
    return ran.output


def journals(box: Booted) -> str:
    """The last that both units told."""
    lines = ("-n", "60", "--no-pager", "-o", "cat")
    return "".join(box.run("journalctl", *lines, "-u", unit).output for unit in (BRIDGE, PBX))


ATTENDANT = (
    *("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-m", "appliance.cli.main"),
    *("--config", CONFIG),
)


def attendant(box: Booted, *command: str) -> str:
    """The `attendant` command, as root types it."""
    return done(box, *ATTENDANT, *command)


def phone(box: Booted, extension: str, name: str) -> str:
    """A phone's password, now that the clinic has it."""
    added = attendant(box, "phones", "add", extension, name)
    found = re.search(r"^\s*password:?\s+(\S+)$", added, re.MULTILINE | re.IGNORECASE)
    assert found is not None, added
    return found[1]


def calls(box: Booted, password: str, *code: str, extension: str = "101") -> str:
    """What came of a call of a phone."""
    program = ("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-m", "tests.drill.callers")
    return done(box, *program, extension, password, SOUNDS, *code, timeout_s=120)


def shown(box: Booted, unit: str, name: str) -> str:
    return box.run("systemctl", "show", f"--property={name}", "--value", unit).output.strip()


def wait_until(box: Booted, met: str) -> None:
    """Wait until a line of shell does well: sentences are spoken and phones made known beside the calls."""
    waits = f"for _ in $(seq 300); do {met} && exit 0; sleep 0.2; done; exit 1"
    done(box, "sh", "-c", waits, timeout_s=SPOKEN_S)


def wait_for_phone(box: Booted, extension: str) -> None:
    """Wait until Asterisk knows a phone."""
    asked = f"nsenter -m -t $(systemctl show -P MainPID {PBX}) asterisk -rx 'pjsip list endpoints'"
    wait_until(box, f"{asked} | grep -q ' {extension}/{extension} '")


def messages(box: Booted) -> list[str]:
    """The recordings that are kept; each stands in the books."""
    listed = done(box, "ls", OURS / "recordings").split()
    program = MESSAGES.format(OURS / "attendant.db", "SELECT count(*) FROM message")
    assert done(box, PYTHON, "-c", program).strip() == f"[({len(listed)},)]"
    return listed


def owner(box: Booted, path: Path) -> str:
    return done(box, "stat", "-c", "%U:%G %a", path).strip()


def test_two_users_serve_calls_and_survive_each_others_restarts(box: Booted) -> None:
    with box.journal(PBX, last_s=300) as lines:
        # Asterisk comes first, and waits for what the bridge writes.
        done(box, "systemctl", "start", "--no-block", PBX)
        done(box, "systemctl", "start", BRIDGE)
        next(line for line in lines if line.startswith("Started"))
        password = phone(box, "101", "Front desk")
        wait_until(box, f"test -s {SOUNDS}/code_closed_usual.ulaw -a -s {SOUNDS}/code_open.ulaw")
        wait_for_phone(box, "101")

        assert "kept" in calls(box, password)
        assert len(messages(box)) == 1
        assert done(box, "find", SHARED / "spool", "-type", "f") == ""
        assert "code_closed_usual" in calls(box, password, "*61", "code_closed_usual")
        assert "closed_on" in attendant(box, "staff", "list")

        for unit in (BRIDGE, PBX):
            main = shown(box, unit, "MainPID")
            status = done(box, "cat", f"/proc/{main}/status")
            assert "\nUid:\t0\t" not in status
            done(box, "systemctl", "restart", unit)
            wait_for_phone(box, "101")
            assert "kept" in calls(box, password)
        assert len(messages(box)) == 3
        assert "code_open" in calls(box, password, "*62", "code_open")

    assert owner(box, SHARED) == "attendant-bridge:attendant-pbx 2750"
    assert owner(box, SHARED / "etc/pjsip.conf") == "attendant-bridge:attendant-pbx 640"
    assert owner(box, SHARED / "spool/voicemail") == "attendant-bridge:attendant-pbx 2770"
    assert owner(box, OURS / "attendant.db") == "attendant-bridge:attendant 660"
    # Who answers strangers has no business with books and passwords.
    as_asterisk = ("setpriv", "--reuid=attendant-asterisk", "--regid=attendant-pbx", "--init-groups")
    assert box.run(*as_asterisk, "ls", OURS).status != 0


RUN, KEPT = Path("/run/attendant-asterisk-lib"), Path("/var/lib/attendant-asterisk/lib")


def cli(box: Booted, command: str) -> str:
    """What Asterisk's command line says."""
    return done(box, "nsenter", "-m", "-t", shown(box, PBX, "MainPID"), "asterisk", "-rx", command)


def test_asterisks_own_database_needs_no_disk_and_outlives_it_and_an_orderly_boot(box: Booted) -> None:
    # The disk under it is full.
    done(box, "mkdir", "-p", KEPT)
    done(box, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", KEPT)
    box.run("sh", "-c", f"cat /dev/zero >{KEPT}/filler")
    done(box, "systemctl", "start", BRIDGE, PBX)
    cli(box, "database put test where here")
    wait_until(box, f"test -s {RUN}/astdb.sqlite3")
    # It is committed once a second, and what fails then is taken back: so it has to be there later.
    done(box, "sleep", "3")
    assert "here" in cli(box, "database get test where")
    done(box, "systemctl", "kill", "--signal=KILL", PBX)
    restarted = f"test $(systemctl show -P NRestarts {PBX}) = 1"
    wait_until(box, f"{restarted} && systemctl -q is-active {PBX}")
    assert "here" in cli(box, "database get test where")
    # With room an orderly end keeps it over a boot, once.
    done(box, "rm", KEPT / "filler")
    done(box, "systemctl", "stop", PBX)
    assert done(box, "ls", KEPT).split() == ["astdb.sqlite3"]
    done(box, "sh", "-c", f"rm -r {RUN}/*")
    done(box, "systemctl", "start", PBX)
    assert "here" in cli(box, "database get test where")
    assert done(box, "ls", KEPT) == ""
    done(box, "systemctl", "stop", PBX)
    done(box, "umount", KEPT)


def written(box: Booted, path: Path, text: str) -> None:
    """Write a file on the machine."""
    done(box, "sh", "-c", 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"', "sh", path, text)


def shared_folder(box: Booted) -> str:
    """What the doctor says of the folder that both share."""
    examined = box.run(*ATTENDANT, "doctor", timeout_s=60).output
    return next(line for line in examined.splitlines() if " shared folder: " in line)


def test_a_pbx_of_another_user_shares_the_folder_and_the_doctor_sees_when_not(tmp_path: Path) -> None:
    with machine_up(tmp_path, SETTINGS + 'existing = true\nassistant_extension = "100"\n') as box:
        done(box, "useradd", "--system", "--user-group", "asterisk")
        done(box, "systemctl", "start", BRIDGE)
        attendant(box, "staff", "set", "people", f'["{DESK}"]')
        etc = tmp_path / "etc"
        etc.mkdir()
        for name, text in clinics_own(Ports(5060, 8088, 5038, range(10000, 10100))).items():
            (etc / name).write_text(text)
        put_in(attendant(box, "asterisk", "render", "--existing"), etc)
        for path in etc.iterdir():
            written(box, ITS_FOLDER / path.name, path.read_text())
        written(box, Path(f"/etc/systemd/system/{CLINICS_OWN}.service"), ITS_UNIT)
        done(box, "systemctl", "daemon-reload")
        done(box, "systemctl", "start", CLINICS_OWN)
        found = shared_folder(box)
        assert found.startswith("missing")
        assert "usermod -aG attendant-pbx asterisk" in found

        done(box, "usermod", "-aG", "attendant-pbx", "asterisk")
        done(box, "systemctl", "restart", CLINICS_OWN)
        assert shared_folder(box).startswith("ok")
        wait_until(box, f"test -s {SOUNDS}/message_kept.ulaw -a -s {SHARED}/etc.good")
        assert "kept" in calls(box, PASSWORD, extension=CALLER)
        assert len(messages(box)) == 1
        # What staff decide is in its dialplan.
        attendant(box, "staff", "set", "ring_s", "17")
        wait_until(box, f"grep -q ,17,front-desk {SHARED}/etc.good")
