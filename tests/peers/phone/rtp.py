"""RTP packets and the keys within them, read and written (RFC 3550, RFC 4733).

Sans-I/O. May import: the standard library.
"""

import struct
from dataclasses import dataclass

HEADER = struct.Struct("!BBHII")
EVENT = struct.Struct("!BBH")
VERSION = 2
KEYS = "0123456789*#ABCD"
END_OF_KEY = 0x80
KEY_VOLUME = 10
COMFORT_NOISE = 13
RTCP_TYPES = range(192, 224)
"""By the second byte, where both share a port (RFC 5761)."""
TICKS_PER_FRAME = 160
"""Of the RTP clock, in 20 ms."""


class BadPacket(ValueError):
    """It is no RTP."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; the times are those of its sender's clock, in 1/8000 s."""

    payload_type: int
    seq: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def write(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        return HEADER.pack(VERSION << 6, second, self.seq, self.timestamp, self.ssrc) + self.payload


def is_rtcp(data: bytes) -> bool:
    """Whether it is RTCP, which we do not read."""
    return len(data) > 1 and data[0] >> 6 == VERSION and data[1] in RTCP_TYPES


def parse(data: bytes) -> Packet:
    """Read a packet, without its list of contributors, extension and padding; raise BadPacket."""
    if len(data) < HEADER.size or data[0] >> 6 != VERSION:
        raise BadPacket(f"{len(data)} bytes that are no RTP")
    first, second, seq, timestamp, ssrc = HEADER.unpack_from(data)
    start, end = HEADER.size + 4 * (first & 15), len(data)
    if first & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:
        end -= data[-1]
    if start > end:
        raise BadPacket(f"{len(data)} bytes, of which {start} come before the sound")
    return Packet(second & 0x7F, seq, timestamp, ssrc, data[start:end], bool(second & 0x80))


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key that is held or was let go, and for how long so far."""

    key: str
    ended: bool
    duration: int
    """In ticks of the RTP clock."""

    def write(self) -> bytes:
        return EVENT.pack(KEYS.index(self.key), (END_OF_KEY if self.ended else 0) | KEY_VOLUME, self.duration)

    @classmethod
    def parse(cls, payload: bytes) -> "KeyEvent":
        """Read one; raise BadPacket for other events than keys."""
        if len(payload) < EVENT.size or payload[0] >= len(KEYS):
            raise BadPacket(f"{len(payload)} bytes that are no key")
        event, flags, duration = EVENT.unpack_from(payload)
        return cls(KEYS[event], bool(flags & END_OF_KEY), duration)
