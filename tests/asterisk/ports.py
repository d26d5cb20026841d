"""Ports for a program that binds them itself: a block that no other test of this machine takes meanwhile.

May import: the standard library.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

BLOCK = 200
"""Ports in a block: three, and 98 pairs for RTP."""
FIRST, END = 20000, 32600
"""Below the ports that the kernel gives to those who ask for any."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where one Asterisk listens. SIP and RTP are UDP, the others TCP."""

    sip: int
    http: int
    ami: int
    rtp: range
    """Even ports carry RTP and the odd ones above them RTCP."""


@contextmanager
def free_ports() -> Iterator[Ports]:
    """A free block, ours until this is left. Raises OSError when there is none."""
    for first in range(FIRST, END, BLOCK):
        with ExitStack() as held:
            # A name in the kernel, which is gone with whoever holds it.
            name = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            try:
                name.bind(f"\0attendant-ports-{first}")
                _refuse_taken(range(first, first + BLOCK))
            except OSError:
                continue
            yield Ports(first, first + 1, first + 2, range(first + 4, first + BLOCK))
            return
    raise OSError(f"no {BLOCK} free ports in a row from {FIRST} to {END}")


def _refuse_taken(ports: range) -> None:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        for port in ports:
            with socket.socket(socket.AF_INET, kind) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
                tried.bind(("", port))
