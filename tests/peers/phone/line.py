"""The socket that sound goes over. Each packet is stamped by the kernel when it arrives.

The stamp is the kernel's because the loop's would be late whenever the loop is: many calls, or a test's own
work, would look like a bad line. May import: the standard library, this package's address.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable

from tests.peers.phone.address import Where

SO_TIMESTAMPNS = 35
"""Not among Python's constants; Linux calls the stamp's message by the same number."""
STAMP = struct.Struct("@qq")
LONGEST = 2048
AT_ONCE = 100
BUFFER_BYTES = 1 << 20
OLDEST_S = 5.0
READINGS = 10
AT_ONCE_S = 0.001
Take = Callable[[bytes, float, Where], None]


class Line:
    """A UDP socket of one call; `take` gets each datagram, its arrival (time.monotonic()) and its sender."""

    def __init__(self, ip: str, take: Take) -> None:
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind((ip, 0))
        host, port = self._socket.getsockname()
        self.where: Where = (host, port)
        self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        """No more, from now on."""
        if self._socket.fileno() != -1:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def send(self, data: bytes, to: Where) -> None:
        """Send a packet, or lose it, as datagrams are."""
        try:
            self._socket.sendto(data, to)
        except OSError:
            # Nobody listens there (told by ICMP for the packet before), or the buffer is full.
            return

    def _read(self) -> None:
        for _ in range(AT_ONCE):
            if self._socket.fileno() == -1:
                return
            try:
                data, ancillary, _, source = self._socket.recvmsg(LONGEST, socket.CMSG_SPACE(STAMP.size))
            except BlockingIOError:
                return
            except OSError:
                continue
            self._take(data, _came_s(ancillary), source)


def _came_s(ancillary: list[tuple[int, int, bytes]]) -> float:
    """When the kernel got it, on our clock, in seconds; now where it does not say."""
    for level, kind, data in ancillary:
        if (level, kind, len(data)) == (socket.SOL_SOCKET, SO_TIMESTAMPNS, STAMP.size):
            seconds, nanoseconds = STAMP.unpack(data)
            # Of the wall clock only a difference is used: it may be set meanwhile.
            wall_s, now_s = _both_clocks()
            age_s = wall_s - (seconds + nanoseconds / 1e9)
            return now_s - age_s if 0.0 <= age_s < OLDEST_S else now_s
    return time.monotonic()


def _both_clocks() -> tuple[float, float]:
    """The wall clock and ours, read at the same moment: a process may be put aside between two readings."""
    for _ in range(READINGS):
        before_s, wall_s, after_s = time.monotonic(), time.time(), time.monotonic()
        if after_s - before_s < AT_ONCE_S:
            break
    return wall_s, after_s
