"""G.711 mu-law, as the carrier's gateways speak it: tables to and from 16-bit samples.

Pure. May import: the standard library, numpy.
"""

import numpy as np
from numpy.typing import NDArray

FRAME_BYTES = 160
FRAME_MS = 20
BYTES_PER_MS = 8
SILENCE = b"\xff" * FRAME_BYTES
AUDIBLE = 256
"""A 16-bit sample of at least this is sound; less is the noise of a line."""

Pcm = NDArray[np.int16]


def _decoding_table() -> Pcm:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = ((code >> 4) & 7).astype(np.int32)
    mantissa = (code & 15).astype(np.int32)
    magnitude = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(code & 128, -magnitude, magnitude).astype(np.int16)


PCM_OF = _decoding_table()
_IS_SOUND = bytes(np.where(np.abs(PCM_OF.astype(np.int32)) >= AUDIBLE, 1, 0).astype(np.uint8))


def decode(ulaw_8k: bytes) -> Pcm:
    return PCM_OF[np.frombuffer(ulaw_8k, np.uint8)]


def encode(pcm_8k: Pcm) -> bytes:
    samples = pcm_8k.astype(np.int32)
    magnitude = np.minimum(np.abs(samples), 32635) + 132
    exponent = np.maximum(np.frexp(magnitude.astype(np.float64))[1] - 8, 0)
    mantissa = (magnitude >> (exponent + 3)) & 15
    code = np.where(samples < 0, 128, 0) | (exponent << 4) | mantissa
    return bytes(~code.astype(np.uint8))


def is_audible(ulaw_8k: bytes) -> bool:
    """Whether somebody would hear this as sound."""
    return 1 in ulaw_8k.translate(_IS_SOUND)
