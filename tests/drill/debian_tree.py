"""Debian in a folder: a fresh minimal system for each test, entered by chroot with mounts of its own.

What this machine needs to reach its package sources (name servers, proxies, certificates) is found out when
a test runs and put into the test's copy alone. Takes root. May import: the standard library.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECKOUT = Path("/srv/the attendant")
"""Where the clean checkout lies in a tree; the blank is on purpose."""

_ENTER = """
set -e
lower=$1 box=$2
shift 2
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$box/upper,workdir=$box/work" "$box/root"
mount -t proc proc "$box/root/proc"
mount --rbind /dev "$box/root/dev"
exec chroot "$box/root" "$@"
"""
_PIP_SETTINGS = (
    "index-url",
    "extra-index-url",
    "cert",
    "proxy",
    "trusted-host",
    "timeout",
    "default-timeout",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command in a tree left behind."""

    status: int
    output: str
    """What it printed to both of its outputs, in order."""


@dataclass(frozen=True, slots=True)
class DebianTree:
    """A fresh system on top of a cached one; what is written stays in its own folder."""

    lower: Path
    box: Path

    def written(self, path: Path) -> Path:
        """Where a file that was written in the tree lies on this machine; there may be none."""
        return self.box / "upper" / path.relative_to("/")

    def run(self, *command: str | Path, timeout_s: float, online: bool = True) -> Outcome:
        """Run a command as root from `/`, with no standard input; nothing of it outlives this call."""
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        if not online:
            apart.append("--net")
        enter: list[str | Path] = ["bash", "-c", _ENTER, "enter", self.lower, self.box]
        done = subprocess.run(
            [*apart, *enter, "env", "-i", *way_out(), "sh", "-c", 'cd / && exec "$@"', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)


@contextmanager
def fresh_tree(suite: str, box: Path) -> Iterator[DebianTree]:
    """A tree of essential packages alone, with a clean checkout of HEAD; leaving removes what it wrote."""
    lower = _cached_tree(suite)
    try:
        _furnish(box)
        yield DebianTree(lower, box)
    finally:
        shutil.rmtree(box)  # a gigabyte, which pytest would keep for three runs


def cache_folder() -> Path:
    """Where what takes long to make is kept from one run to the next."""
    return Path(os.environ.get("ATTENDANT_CACHE") or ROOT / ".cache")


def _furnish(box: Path) -> None:
    for part in ("upper", "work", "root"):
        (box / part).mkdir(parents=True)
    upper = box / "upper"
    checkout = upper / CHECKOUT.relative_to("/")
    checkout.mkdir(parents=True)
    head = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", ROOT, "archive", "HEAD"], stdout=subprocess.PIPE, check=True
    )
    subprocess.run(["tar", "-x", "-C", checkout], input=head.stdout, check=True)
    _carry_network(upper)


def _cached_tree(suite: str) -> Path:
    order = ["debootstrap", "--variant=minbase", suite]
    mirror = _mirror()
    key = sha256(" ".join([*order, *mirror]).encode()).hexdigest()[:8]
    cache = cache_folder() / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    tree = cache / f"{suite}-{key}"
    with (cache / f"{suite}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # drills run beside each other
        if not tree.exists():
            _make_tree(tree, order, mirror)
    return tree


def _make_tree(tree: Path, order: list[str], mirror: list[str]) -> None:
    unfinished = tree.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    log = tree.with_suffix(".log")
    with log.open("w") as lines:
        done = subprocess.run([*order, unfinished, *mirror], stdout=lines, stderr=lines, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"debootstrap failed; the end of {log}:\n{log.read_text()[-2000:]}")
    unfinished.rename(tree)


def _mirror() -> list[str]:
    """The source of Debian packages that this machine uses; none where debootstrap's default must do."""
    return _printed("bash", "-c", '. "$1" && debian_mirror', "bash", str(ROOT / "scripts/debian.sh")).split()


def _carry_network(upper: Path) -> None:
    (upper / "etc/apt/apt.conf.d").mkdir(parents=True)
    shutil.copy("/etc/resolv.conf", upper / "etc/resolv.conf")
    proxies = [line for line in _printed("apt-config", "dump").splitlines() if "::Proxy" in line]
    (upper / "etc/apt/apt.conf.d/90network").write_text("\n".join(proxies) + "\n")
    certificates = Path("/usr/local/share/ca-certificates")
    if certificates.is_dir():
        shutil.copytree(certificates, upper / certificates.relative_to("/"))


def way_out() -> list[str]:
    """A bare environment, and this machine's way to the package index where it has one of its own."""
    carried = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    listed = _printed(sys.executable, "-m", "pip", "config", "list")
    for name, value in re.findall(r"^(?:global|user|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE):
        if name in _PIP_SETTINGS and "file:" not in value:
            carried["PIP_" + name.replace("-", "_").upper()] = value
    proxies = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    carried |= {name: value for name, value in os.environ.items() if name.lower() in proxies}
    return [f"{name}={value}" for name, value in carried.items()]


def _printed(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
