"""A machine on which install.sh is run: a fresh Debian that has booted, with a line out that can be cut.

Takes root, `systemd-nspawn`, `ip` and `nft`. May import: the standard library, tests.asterisk.tree,
tests.drill.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.asterisk.tree import asterisk_tree
from tests.drill.booted import Booted, booted
from tests.drill.debian_tree import CHECKOUT, DebianTree, Outcome, fresh_tree, way_out
from tests.drill.wired import Line, wired

INSTALL = CHECKOUT / "install.sh"
ANSWERS = Path("/root/answers")
PYTHON = Path("/opt/attendant/current/environment/bin/python")
SOUNDS = Path("/var/lib/attendant-pbx/etc/sounds")
ASTERISK = Path("/var/lib/attendant-asterisk/tree")
INSTALL_S, SPOKEN_S, CALL_S = 900.0, 180.0, 120.0
ANSWERED = """
# What a clinic would type.
clinic = Riverside Family Clinic
time_zone = America/Chicago
pages = {address}
telephones = own
firewall = yes
weights = no
"""
_PREPARE = (
    "apt-get -qq update && apt-get -qq install --no-install-recommends systemd systemd-sysv dbus"
    " >/dev/null </dev/null"
)
_LINK = re.compile(r"^  (https://\S+/open/\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Machine:
    """It is up, and nothing of ours is on it yet."""

    up: Booted
    line: Line

    def install(self, *options: str | Path) -> Outcome:
        """Run install.sh as an operator does who is not there to be asked."""
        return self.up.run("env", *way_out(), INSTALL, *options, timeout_s=INSTALL_S)

    def done(self, *command: str | Path, timeout_s: float = 60) -> str:
        """What a command prints, which has to do well."""
        ran = self.up.run(*command, timeout_s=timeout_s)
        assert ran.status == 0, ran.output + self.up.run("journalctl", "-n", "60", "--no-pager").output
        return ran.output

    def wait_until(self, met: str) -> None:
        """Wait until a line of shell does well."""
        tries = int(SPOKEN_S / 0.2)
        waits = f"for _ in $(seq {tries}); do {met} && exit 0; sleep 0.2; done; exit 1"
        self.done("bash", "-c", waits, timeout_s=SPOKEN_S + 10)

    def main_pid(self, unit: str) -> str:
        return self.done("systemctl", "show", "--property=MainPID", "--value", unit).strip()

    def takes_a_call(self) -> None:
        """Add a desk phone; it rings the assistant, finds nobody, and leaves a message that is kept."""
        added = self.done("attendant", "phones", "add", "101", "Front desk")
        password = re.search(r"^\s*password:?\s+(\S+)$", added, re.MULTILINE | re.IGNORECASE)
        assert password is not None, added
        asterisk = "nsenter -m -t $(systemctl show -P MainPID attendant-asterisk) asterisk"
        self.wait_until(f"{asterisk} -rx 'pjsip list endpoints' | grep -q ' 101/101 '")
        self.wait_until(f"test -s {SOUNDS}/message_kept.ulaw")
        caller = ("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-m", "tests.drill.callers")
        said = self.done(*caller, "101", password[1], SOUNDS, "--ip", self.line.address, timeout_s=CALL_S)
        assert "the message was kept" in said
        assert len(self.done("ls", "/var/lib/attendant/recordings").split()) == 1


def link(outcome: Outcome) -> str:
    """The link to the first page, which an installation prints last."""
    found = _LINK.search(outcome.output)
    assert found is not None, outcome.output
    return found[1]


def put_asterisk(tree: DebianTree, place: Path) -> None:
    """Put the Asterisk that the tests share into a tree: making one is slow, and has tests of its own."""
    there = tree.written(place)
    there.parent.mkdir(parents=True, exist_ok=True)
    linked = subprocess.run(["cp", "-al", asterisk_tree(), there], capture_output=True, check=False)
    if linked.returncode != 0:  # the cache lies on another disk
        shutil.rmtree(there, ignore_errors=True)
        subprocess.run(["cp", "-a", asterisk_tree(), there], check=True)


@contextmanager
def machine_up(suite: str, folder: Path, *brought: Path, asterisk: bool = True) -> Iterator[Machine]:
    """A fresh machine, with the answers and what was `brought` to it in /root."""
    with fresh_tree(suite, folder / suite) as tree, wired() as line:
        prepared = tree.run("sh", "-c", _PREPARE, timeout_s=300)
        assert prepared.status == 0, prepared.output
        home = tree.written(ANSWERS).parent
        home.mkdir(mode=0o700, exist_ok=True)
        tree.written(ANSWERS).write_text(ANSWERED.format(address=line.address), "utf-8")
        for each in brought:
            shutil.copy(each, home)
        if asterisk:
            put_asterisk(tree, ASTERISK)
        with booted(tree, {}, line.name) as up:
            yield Machine(up, line)
