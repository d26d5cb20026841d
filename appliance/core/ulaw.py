"""G.711 µ-law at 8 kHz: tables, loudness, and a cheap gate that tells silence from possible speech.

May import: the standard library, numpy.
"""

import numpy as np
from numpy.typing import NDArray

BYTES_PER_MS = 8
FRAME_MS = 20
SILENCE = b"\xff"

Pcm16 = NDArray[np.int16]


def _decode_table() -> Pcm16:
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return np.where(code & 0x80, 0x84 - magnitude, magnitude - 0x84).astype(np.int16)


DECODE = _decode_table()

# A code's magnitude on µ-law's own, nearly logarithmic scale, 0 to 127: 16 steps are about 6 dB.
LOUDNESS = bytes(0x7F - (code & 0x7F) for code in range(256))


def decode(ulaw_8k: bytes) -> Pcm16:
    """Linear samples of µ-law codes."""
    return DECODE.take(np.frombuffer(ulaw_8k, np.uint8))


def _encode_table() -> NDArray[np.uint8]:
    linear = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(linear), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    codes: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes


ENCODE = _encode_table()


def encode(pcm: Pcm16) -> bytes:
    """The nearest µ-law codes of linear samples."""
    return ENCODE.take(pcm.view(np.uint16)).tobytes()


def peak(ulaw_8k: bytes) -> int:
    """The loudest code of a frame on the scale of LOUDNESS; 0 for no audio."""
    return max(ulaw_8k.translate(LOUDNESS), default=0)


class Gate:
    """Says of each frame whether it can hold speech: louder than the line's own noise, and for a while after.

    It errs on the side of speech. Its uses are to spare the network of inference on silence, and to let
    silent frames wait for each other while frames with speech travel at once.
    """

    LEAST = 6  # below it lies nothing but the line itself
    ABOVE_NOISE = 8  # about 3 dB
    HANG_FRAMES = 15  # 300 ms: the quiet end of a word is speech too
    FLOOR_RISES = 1 / 64  # per frame: the floor follows rising noise within seconds
    QUIETEST_FLOOR = 70.0

    def __init__(self) -> None:
        self._floor = 0.0
        self._hang = 0

    def open(self, ulaw_8k: bytes) -> bool:
        """Whether this frame, the next of the line, can hold speech; of an empty one, what held before."""
        if not ulaw_8k:
            return self._hang > 0
        loud = peak(ulaw_8k)
        if loud < self._floor:
            self._floor = loud
        elif self._floor < self.QUIETEST_FLOOR:
            self._floor += (loud - self._floor) * self.FLOOR_RISES
        if loud >= self.LEAST and loud >= self._floor + self.ABOVE_NOISE:
            self._hang = self.HANG_FRAMES
            return True
        self._hang -= 1
        return self._hang > 0
