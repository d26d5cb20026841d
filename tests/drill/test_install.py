"""install.sh on fresh machines: the box runs, takes a call, is installed again, and goes."""

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.drill.installing import ANSWERS, PYTHON, Machine, link, machine_up

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="booting a tree takes root: mounts, namespaces, cgroups"),
    pytest.mark.skipif(shutil.which("systemd-nspawn") is None, reason="Debian has it in `systemd-container`"),
]

RELEASES = {"bookworm": "12", "trixie": "13"}
RUNNING = (
    "attendant-bridge.service",
    "attendant-worker.service",
    "attendant-speech.service",
    "attendant-admin.service",
    "attendant-front.service",
    "attendant-asterisk.service",
    "attendant-firewall.service",
    "attendant-certificate.timer",
    "attendant-stood-down.path",
)
SETTINGS = "/etc/attendant/attendant.toml"
OPEN = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile="/var/lib/attendant-certificate/authority.pem")
print(urllib.request.urlopen(sys.argv[1], context=context, timeout=20).status)
"""
IN_THE_TREE = (
    "attendant-asterisk.service: Command /usr/sbin/asterisk is not executable: No such file or directory"
)
"""It looks for the program on the machine, and not where RootDirectory= has it."""
LINE_MBIT = 20
"""A clinic's line, on which it may take a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A machine, and how its installation went."""

    machine: Machine
    link: str
    took_s: float
    brought_mb: float


@pytest.fixture(scope="module", params=RELEASES)
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    with machine_up(request.param, tmp_path_factory.mktemp("machine")) as machine:
        begun_s, before = time.monotonic(), machine.line.brought
        said = machine.install("--answers", ANSWERS)
        assert said.status == 0, said.output + machine.up.run("journalctl", "-n", "80", "--no-pager").output
        assert f"System: debian {RELEASES[request.param]}" in said.output
        took_s, brought_mb = time.monotonic() - begun_s, (machine.line.brought - before) / 1e6
        yield Installed(machine, link(said), took_s, brought_mb)


def test_the_box_runs_and_whoever_opens_the_link_is_its_owner(
    installed: Installed, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = installed.machine
    for unit in RUNNING:
        machine.done("systemctl", "is-active", unit)
        machine.done("systemctl", "is-enabled", unit)
    assert machine.done(PYTHON, "-c", OPEN, installed.link).strip() == "200"
    decided = machine.done("attendant", "staff", "list")
    assert 'business_name = "Riverside Family Clinic"' in decided
    assert 'time_zone = "America/Chicago"' in decided
    assert "drop" in machine.done("nft", "list", "table", "inet", "attendant")
    with capsys.disabled():
        line_min = installed.brought_mb * 8 / LINE_MBIT / 60
        print(
            f"\ninstalled in {installed.took_s:.0f} s; {installed.brought_mb:.0f} MB fetched,"
            f" {line_min:.1f} min of a line of {LINE_MBIT} Mbit/s"
        )


def test_systemd_has_nothing_to_say_of_the_units(installed: Installed) -> None:
    verify = "systemd-analyze verify --man=no --recursive-errors=no /etc/systemd/system/attendant-*"
    said = installed.machine.up.run("bash", "-c", verify).output.splitlines()
    assert [line for line in said if line != IN_THE_TREE] == []
    installed.machine.done("systemctl", "reload", "attendant-front")


def test_a_call_is_taken(installed: Installed) -> None:
    installed.machine.takes_a_call()


def test_installing_again_asks_nothing_and_ends_nothing(installed: Installed) -> None:
    machine = installed.machine
    machine.done("bash", "-c", f"echo '# of the clinic' >>{SETTINGS}")
    units = [unit for unit in RUNNING if unit.endswith(".service")]
    before = [machine.main_pid(unit) for unit in units]
    again = machine.install()
    assert again.status == 0, again.output
    assert "Answers: those of /etc/attendant/answers" in again.output
    assert "System packages: all there" in again.output
    assert "/open/" not in again.output, "it has an owner, or will have"
    assert [machine.main_pid(unit) for unit in units] == before
    assert "# of the clinic" in machine.done("cat", SETTINGS)


def test_it_goes_and_what_the_clinic_has_stays_until_that_is_to_go_too(installed: Installed) -> None:
    machine = installed.machine
    gone = machine.install("--uninstall")
    assert gone.status == 0, gone.output
    assert machine.up.run("bash", "-c", "compgen -G '/etc/systemd/system/attendant-*'").status == 1
    assert machine.done("systemctl", "list-units", "--all", "--no-legend", "attendant-*") == ""
    for path in ("/opt/attendant", "/usr/bin/attendant", "/usr/lib/attendant"):
        assert machine.up.run("test", "-e", path).status == 1, path
    machine.done("test", "-s", "/var/lib/attendant/attendant.db", "-a", "-s", SETTINGS)
    assert machine.up.run("nft", "list", "table", "inet", "attendant").status != 0

    machine.done("mkdir", "/var/lib/attendant.before-20261127-090000", "/var/lib/attendant.restoring")
    gone = machine.install("--uninstall", "--with-data")
    assert gone.status == 0, gone.output
    assert machine.done("bash", "-c", "ls -d /var/lib/attendant* /etc/attendant 2>/dev/null || true") == ""
    assert "attendant" not in machine.done("cat", "/etc/passwd", "/etc/group")
    assert "gone from this machine" in gone.output
