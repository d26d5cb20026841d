"""A fresh Debian tree that has booted: systemd runs in it as on a machine, in namespaces of its own.

It has no network but loopback, or one that it is given; limits of memory and filters of addresses do not hold
there. Takes root and `systemd-nspawn`. May import: the standard library, tests.drill.debian_tree.
"""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.drill.debian_tree import DebianTree, Outcome

BOOT_S = 60
END_S = 30

_BOOT = """
set -e
lower=$1 box=$2 group=/sys/fs/cgroup/$3
shift 3
umount -R -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir "$group"
echo $$ >"$group/cgroup.procs"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$box/upper,workdir=$box/work" "$box/root"
systemd-nspawn --directory="$box/root" --register=no --keep-unit --resolv-conf=off \\
    --notify-ready=yes "$@" --boot || true
echo $$ >/sys/fs/cgroup/cgroup.procs
find "$group" -depth -type d -exec rmdir {} +
"""
_APART = ("unshare", "--mount", "--propagation", "private")
_PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Booted:
    """A machine whose systemd is up."""

    leader: int
    """Its first process, by the number that it has on this machine."""

    def run(self, *command: str | Path, timeout_s: float = 30) -> Outcome:
        """Run a command as root beside systemd."""
        done = subprocess.run(
            self._inside(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    @contextmanager
    def journal(self, unit: str, last_s: int = 60) -> Iterator[Iterator[str]]:
        """What systemd and a unit say from the beginning on, as it comes; it ends after so many seconds."""
        told = ("journalctl", "--follow", "--lines=all", "--output=cat", f"--unit={unit}")
        command = self._inside("timeout", str(last_s), *told)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
            assert following.stdout is not None
            try:
                yield iter(following.stdout)
            finally:
                following.terminate()

    def _inside(self, *command: str | Path) -> list[str | Path]:
        spaces = [f"--{name}" for name in ("mount", "uts", "ipc", "net", "pid", "cgroup")]
        return ["nsenter", f"--target={self.leader}", *spaces, "env", "-i", _PATH, "TERM=dumb", *command]


@contextmanager
def booted(tree: DebianTree, shown: Mapping[Path, Path], network: str = "") -> Iterator[Booted]:
    """Boot a tree that has systemd; folders of this machine are `shown` in it, by where they are to be.

    `network` is the name of a network namespace that is its own from now on.

    Raises RuntimeError with what it printed when it does not boot.
    """
    name = f"attendant-booted-{os.getpid()}"
    binds = [f"--bind={here}:{there}" for there, here in shown.items()]
    given = [f"--network-namespace-path=/run/netns/{network}", "--capability=CAP_NET_ADMIN"]
    alone = ["--private-network"]
    log = tree.box / "boot.log"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as word, log.open("wb") as lines:
        word.bind(f"\0{name}")
        word.settimeout(BOOT_S)
        machine = subprocess.Popen(
            [
                *_APART,
                "bash",
                "-c",
                _BOOT,
                "boot",
                tree.lower,
                tree.box,
                name,
                *(given if network else alone),
                *binds,
            ],
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NOTIFY_SOCKET": f"@{name}"},
            start_new_session=True,
        )
        try:
            leader = _leader(word, log)
            # Nobody reads what comes from now on: a full socket would hold up nspawn, and then systemd.
            word.close()
            yield Booted(leader)
        finally:
            _end(machine)


def _leader(word: socket.socket, log: Path) -> int:
    """Wait for nspawn's word that systemd is up; it tells the first process as well."""
    told = ""
    try:
        while "READY=1" not in told.split("\n"):
            told += word.recv(4096).decode() + "\n"
    except TimeoutError as exc:
        raise RuntimeError(f"it did not boot:\n{log.read_text('utf-8', 'replace')[-3000:]}") from exc
    found = re.search(r"^X_NSPAWN_LEADER_PID=(\d+)$", told, re.MULTILINE)
    assert found is not None, told
    return int(found[1])


def _end(machine: subprocess.Popen[bytes]) -> None:
    """As when the plug is pulled. With its first process, all of it goes; then its cgroup is taken away."""
    for nspawn in _children(machine.pid):
        for leader in _children(nspawn):
            os.kill(leader, signal.SIGKILL)
    try:
        machine.wait(END_S)
    except subprocess.TimeoutExpired:
        os.killpg(machine.pid, signal.SIGKILL)
        machine.wait()


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
