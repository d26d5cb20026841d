"""A line out for a machine that was booted in a folder, behind that of this machine; it can be cut.

Takes root, `ip` and `nft`. May import: the standard library.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
_NAMESPACES = Path("/run/netns")
_MTU = "1280"  # smaller than whatever this machine's own line takes
_RULES = """
table ip {name} {{
    chain out {{ type nat hook postrouting priority srcnat; ip saddr {net} masquerade; }}
    chain through {{ type filter hook forward priority filter; }}
}}
"""
_CUT = (
    "add rule ip {name} through iifname {end} meta l4proto tcp reject with tcp reset\n"
    "add rule ip {name} through iifname {end} reject\n"
)


@dataclass(frozen=True, slots=True)
class Line:
    """The line of one machine."""

    name: str
    """Of its network namespace, and of our table of rules."""
    address: str
    """The machine's own."""

    @property
    def end(self) -> str:
        """Our end of it."""
        return f"w{self.name.rpartition('-')[2]}"

    @property
    def brought(self) -> int:
        """How many bytes it brought."""
        return int(Path(f"/sys/class/net/{self.end}/statistics/tx_bytes").read_text())

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing goes out, and what is under way breaks."""
        _nft(_CUT.format(name=self.name, end=self.end))
        try:
            yield
        finally:
            _nft(f"flush chain ip {self.name} through\n")


@contextmanager
def wired() -> Iterator[Line]:
    """Lay a line, and take it away again."""
    number = os.getpid()
    net = f"10.77.{number % 250}"
    line = Line(f"attendant-{number}", f"{net}.2")
    before = _FORWARD.read_text()
    try:
        _ip("netns", "add", line.name)
        _ip("link", "add", line.end, "mtu", _MTU, "type", "veth", "peer", "office0", "netns", line.name)
        _ip("addr", "add", f"{net}.1/24", "dev", line.end)
        _ip("link", "set", line.end, "up")
        for step in (
            ("link", "set", "office0", "up", "mtu", _MTU),
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{line.address}/24", "dev", "office0"),
            ("route", "add", "default", "via", f"{net}.1"),
        ):
            _ip("-n", line.name, *step)
        _nft(_RULES.format(name=line.name, net=f"{net}.0/24"))
        _FORWARD.write_text("1")
        yield line
    finally:
        subprocess.run(["nft", "delete", "table", "ip", line.name], capture_output=True, check=False)
        # With the namespace its end of the line goes, and so does ours.
        subprocess.run(["ip", "netns", "delete", line.name], capture_output=True, check=False)
        if not any(_NAMESPACES.glob("attendant-*")):  # another drill's line may go on
            _FORWARD.write_text(before)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def _nft(rules: str) -> None:
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
