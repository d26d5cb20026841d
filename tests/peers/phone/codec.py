"""The codings of a telephone: G.711 by table, G.722 by PyAV. Each works on frames of 20 ms.

May import: av, numpy, the carrier peer's ulaw, the realtime peer's g711, this package's sound.
"""

from fractions import Fraction
from typing import Protocol

import av
import numpy as np

from tests.peers.carrier import ulaw
from tests.peers.phone.sound import NARROW_HZ, WIDE_HZ, Pcm
from tests.peers.realtime import g711

ALAW = "audio/pcma"
ULAW_OF = np.frombuffer(ulaw.encode(np.arange(65536, dtype=np.uint16).view(np.int16)), np.uint8)
"""Of each sample as an unsigned number: forty calls code two thousand frames a second."""


class Codec(Protocol):
    """One way of a stream: either what is said or what is heard, never both."""

    name: str
    payload: int
    rate_hz: int

    def encode(self, pcm: Pcm) -> bytes:
        """20 ms of sound, as the payload of a packet."""

    def decode(self, payload: bytes) -> Pcm:
        """The sound of a packet."""


class Pcmu:
    """G.711 mu-law."""

    name, payload, rate_hz = "PCMU", 0, NARROW_HZ

    def encode(self, pcm: Pcm) -> bytes:
        return ULAW_OF.take(pcm.astype(np.int16).view(np.uint16)).tobytes()

    def decode(self, payload: bytes) -> Pcm:
        return ulaw.decode(payload)


class Pcma:
    """G.711 A-law."""

    name, payload, rate_hz = "PCMA", 8, NARROW_HZ

    def encode(self, pcm: Pcm) -> bytes:
        return g711.encode(pcm, ALAW)

    def decode(self, payload: bytes) -> Pcm:
        return g711.ALAW_TO_PCM[np.frombuffer(payload, np.uint8)]


class G722:
    """G.722 at 64 kbit/s: it remembers what went before, so each stream has its own."""

    name, payload, rate_hz = "G722", 9, WIDE_HZ

    def __init__(self) -> None:
        self._encoder = av.AudioCodecContext.create("g722", "w")
        self._encoder.sample_rate = WIDE_HZ
        self._encoder.format = av.AudioFormat("s16")
        self._encoder.layout = av.AudioLayout("mono")
        self._encoder.time_base = Fraction(1, WIDE_HZ)
        self._decoder = av.AudioCodecContext.create("g722", "r")
        self._decoder.sample_rate = WIDE_HZ
        self._decoder.layout = av.AudioLayout("mono")
        self._encoded = 0

    def encode(self, pcm: Pcm) -> bytes:
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = WIDE_HZ
        frame.pts = self._encoded
        self._encoded += len(pcm)
        return b"".join(bytes(packet) for packet in self._encoder.encode(frame))

    def decode(self, payload: bytes) -> Pcm:
        frames = self._decoder.decode(av.Packet(payload))
        pieces = [frame.to_ndarray().reshape(-1).astype(np.int16) for frame in frames]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


CODECS: dict[str, type[Pcmu] | type[Pcma] | type[G722]] = {"PCMU": Pcmu, "PCMA": Pcma, "G722": G722}
BY_PAYLOAD = {kind.payload: kind for kind in CODECS.values()}
