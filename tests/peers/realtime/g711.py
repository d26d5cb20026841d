"""G.711 and 16-bit samples, both ways, by table; and how loud a byte is, without decoding it.

May import: the standard library, numpy.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

BYTES_PER_MS = {"audio/pcmu": 8, "audio/pcma": 8, "audio/pcm": 48}


def _ulaw_to_pcm() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)
    return np.where(code & 0x80, 0x84 - size, size - 0x84).astype(np.int16)


def _alaw_to_pcm() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    step, mantissa = (code >> 4) & 7, (code & 0x0F) << 4
    size = np.where(step == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(step - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


ULAW_TO_PCM, ALAW_TO_PCM = _ulaw_to_pcm(), _alaw_to_pcm()


def _nearest(decoded: Samples) -> npt.NDArray[np.uint8]:
    """For every 16-bit sample, the code whose decoding lies nearest."""
    order = np.argsort(decoded, kind="stable")
    levels = decoded[order].astype(np.int32)
    edges = (levels[1:] + levels[:-1]) // 2
    samples = np.arange(65536, dtype=np.int32) - 32768
    return order[np.searchsorted(edges, samples, side="right")].astype(np.uint8)


_PCM_TO = {"audio/pcmu": _nearest(ULAW_TO_PCM), "audio/pcma": _nearest(ALAW_TO_PCM)}


def encode(pcm_8k: Samples, coding: str) -> bytes:
    """8 kHz samples in the coding of a session; `audio/pcm` is 24 kHz little-endian."""
    if coding == "audio/pcm":
        places = np.arange(len(pcm_8k) * 3) / 3.0
        return np.interp(places, np.arange(len(pcm_8k)), pcm_8k).astype("<i2").tobytes()
    return _PCM_TO[coding][pcm_8k.astype(np.int32) + 32768].tobytes()


def decode_ulaw(ulaw_8k: bytes) -> Samples:
    return ULAW_TO_PCM[np.frombuffer(ulaw_8k, dtype=np.uint8)]


@lru_cache(maxsize=64)
def loud_table(coding: str, threshold: float) -> bytes:
    """A `bytes.translate` table: 1 for a byte louder than the threshold (0..1), else 0."""
    level = 32768 * 10 ** ((36 * threshold - 54) / 20)
    if coding == "audio/pcm":
        high = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.int32)
        return bytes((np.abs(high) * 256 >= level).astype(np.uint8))
    decoded = ULAW_TO_PCM if coding == "audio/pcmu" else ALAW_TO_PCM
    return bytes((np.abs(decoded.astype(np.int32)) >= level).astype(np.uint8))
