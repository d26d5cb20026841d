"""What a sound looks like: the loudness of its bands, every 10 ms, whatever the rate it is sampled at.

Pure. May import: the standard library, numpy.
"""

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOP_MS = 10
BAND_EDGES_HZ = (300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3500)
DEPTH_DB = 35.0
"""Bands quieter than the loudest by more than this are all the same: noise of the line."""
ACTIVE_DB = 24.0
"""A moment within this of the loudest is sound."""


@dataclass(frozen=True, slots=True)
class Look:
    """The bands over time, in dB above the depth, and which moments are sound."""

    bands: Floats
    active: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bands)

    @property
    def sound_ms(self) -> int:
        return int(self.active.sum()) * HOP_MS

    def part(self, start: int, end: int) -> "Look":
        return Look(self.bands[start:end], self.active[start:end])

    def trimmed(self) -> "Look":
        """Without the silence around it."""
        places = np.flatnonzero(self.active)
        return self.part(int(places[0]), int(places[-1]) + 1) if len(places) else self.part(0, 0)


def samples(audio: bytes, width: int, channels: int) -> Floats:
    """Mono samples of PCM, 8 (unsigned), 16 or 32 bits wide."""
    if width not in (1, 2, 4) or channels < 1:
        raise ValueError(f"{width} bytes a sample in {channels} channels")
    usable = audio[: len(audio) // (width * channels) * (width * channels)]
    kind, zero, full = {1: ("u1", 128, 2.0**7), 2: ("<i2", 0, 2.0**15), 4: ("<i4", 0, 2.0**31)}[width]
    mono: Floats = (np.frombuffer(usable, kind).astype(np.float64) - zero).reshape(-1, channels).mean(axis=1)
    return mono / full


def look(pcm: Floats, rate: int) -> Look:
    """How the sound looks."""
    size, hop = rate * 32 // 1000, rate * HOP_MS // 1000
    if len(pcm) < size or not pcm.any():
        return Look(np.zeros((0, len(BAND_EDGES_HZ) - 1)), np.zeros(0, np.bool_))
    windows = np.lib.stride_tricks.sliding_window_view(pcm, size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(windows, axis=1)) ** 2 @ _bands(rate, size)
    loud_db = 10 * np.log10(power.sum(axis=1) + 1e-12)
    top_db = float(np.percentile(loud_db, 98))
    bands = np.maximum(10 * np.log10(power + 1e-12) - (top_db - DEPTH_DB), 0.0)
    return Look(bands, loud_db > top_db - ACTIVE_DB)


@lru_cache(maxsize=16)
def _bands(rate: int, size: int) -> Floats:
    hertz = np.fft.rfftfreq(size, 1 / rate)
    pairs = itertools.pairwise(BAND_EDGES_HZ)
    return np.stack([((hertz >= low) & (hertz < high)).astype(np.float64) for low, high in pairs], axis=1)
