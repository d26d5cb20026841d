"""The network of a namespace of our own: packets that vanish by nft, and a name server that can fall silent.

Everything here is gone with the namespace. Takes root; see program.py. May import: the standard library.
"""

import asyncio
import os
import re
import shutil
import subprocess
from typing import cast

ADDRESS = bytes([127, 0, 0, 1])
NAME = "cloud.example.test"
INSIDE = "ATTENDANT_FAULTS_NAMESPACE"


def cannot() -> str:
    """Why a namespace cannot be had here; empty when it can."""
    if os.geteuid() != 0:
        return "takes root"
    missing = [name for name in ("ip", "nft", "unshare", "mount") if shutil.which(name) is None]
    if missing:
        return f"takes {', '.join(missing)}: see the packages in scripts/dev"
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "takes namespaces, which are not allowed here"


def inside() -> bool:
    """Whether this process is in a namespace of its own."""
    return os.environ.get(INSIDE) == "yes"


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait() != 0:
        raise OSError(f"{' '.join(command)} failed")


async def prepare() -> None:
    """Bring the namespace's loopback up, with a chain that packets can be dropped in."""
    await _run("ip", "link", "set", "lo", "up")
    await _run("nft", "add table inet cut; add chain inet cut in { type filter hook input priority 0 ; }")


async def drop_line(client_port: int, service_port: int) -> None:
    """Let the packets of one connection vanish, and those that would begin another to the same service."""
    there, back = f"tcp dport {service_port}", f"tcp sport {service_port}"
    rules = (
        f"{there} tcp sport {client_port} counter drop",
        f"{back} tcp dport {client_port} counter drop",
        f"{there} tcp flags & (syn | ack) == syn drop",
    )
    await _run("nft", "; ".join(f"add rule inet cut in {rule}" for rule in rules))


async def dropped(client_port: int) -> int:
    """How many packets of this connection have vanished so far."""
    listing = await asyncio.create_subprocess_exec(
        *("nft", "list", "chain", "inet", "cut", "in"), stdout=asyncio.subprocess.PIPE
    )
    rules, _ = await listing.communicate()
    # However a rule was written, the source comes first in the listing.
    lines = (
        rf"tcp (?:sport {client_port} tcp dport \d+|sport \d+ tcp dport {client_port}) counter packets (\d+)"
    )
    ours = re.compile(lines)
    return sum(map(int, ours.findall(rules.decode())))


class NameServer(asyncio.DatagramProtocol):
    """Says that every name is on this machine, as long as it says anything."""

    def __init__(self) -> None:
        self.answers = True
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.answers or self._transport is None:
            return
        end = data.index(b"\0", 12) + 5
        question, asked_a = data[12:end], data[end - 4 : end - 2] == b"\0\1"
        head = data[:2] + b"\x81\x80\0\1" + (b"\0\1" if asked_a else b"\0\0") + bytes(4)
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + ADDRESS if asked_a else b""
        self._transport.sendto(head + question + answer, addr)
