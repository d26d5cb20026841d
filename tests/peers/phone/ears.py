"""Judging what was heard: how loud, from when to when, whether it is a known recording, which tone, gaps.

Pure. May import: the standard library, numpy, this package's sound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tests.peers.phone.sound import AUDIBLE_RMS, FRAME_MS, NARROW_HZ, Pcm

Floats = NDArray[np.float64]
PAUSE_MS = 200
"""Silence of less than this is within a sound, as between two words."""
TONE_SHARE = 0.5
"""A tone is heard when it has at least so much of the power."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of sound, in ms of what was heard."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Match:
    """Where a known recording lies best in what was heard, and how well: 1 is the same, at any loudness."""

    score: float
    at: int
    """The sample of what was heard at which it begins."""
    gain: float
    """How much louder it was heard than it is known."""


def levels(pcm: Pcm, rate_hz: int = NARROW_HZ) -> Floats:
    """The RMS of each 20 ms, in units of a sample."""
    size = rate_hz * FRAME_MS // 1000
    frames = pcm[: len(pcm) // size * size].astype(np.float64).reshape(-1, size)
    loud: Floats = np.sqrt((frames**2).mean(axis=1))
    return loud


def sounds(
    pcm: Pcm, rate_hz: int = NARROW_HZ, *, audible_rms: float = AUDIBLE_RMS, pause_ms: int = PAUSE_MS
) -> list[Span]:
    """The stretches of sound, to 20 ms; shorter pauses than `pause_ms` are within one."""
    places = np.flatnonzero(levels(pcm, rate_hz) >= audible_rms)
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > max(1, pause_ms // FRAME_MS))
    starts, ends = places[np.r_[0, cuts + 1]], places[np.r_[cuts, len(places) - 1]]
    return [
        Span(int(start) * FRAME_MS, (int(end) + 1) * FRAME_MS)
        for start, end in zip(starts, ends, strict=True)
    ]


def longest_gap_ms(pcm: Pcm, rate_hz: int = NARROW_HZ, audible_rms: float = AUDIBLE_RMS) -> int:
    """The longest silence between the first sound and the last."""
    spans = sounds(pcm, rate_hz, audible_rms=audible_rms, pause_ms=0)
    return max((later.start_ms - earlier.end_ms for earlier, later in pairwise(spans)), default=0)


def find(known: Pcm, heard: Pcm) -> Match:
    """Look for a recording in what was heard; both of one rate, the recording not all silence."""
    wanted = known.astype(np.float64)
    power = float(np.sqrt((wanted**2).sum()))
    if not power:
        raise ValueError("silence can be found anywhere")
    padded = np.concatenate((heard.astype(np.float64), np.zeros(max(0, len(wanted) - len(heard)))))
    scores = _scores(wanted / power, padded)
    at = int(scores.argmax())
    there = padded[at : at + len(wanted)]
    return Match(float(scores[at]), at, float(there @ wanted) / power**2)


def _scores(wanted: Floats, heard: Floats) -> Floats:
    """The normalised correlation at each place where all of it fits; `wanted` has power 1."""
    places = len(heard) - len(wanted) + 1
    size = 1 << (len(heard) + len(wanted)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size))
    together: Floats = np.fft.irfft(product, size)[:places]
    sums = np.concatenate(([0.0], np.cumsum(heard**2)))
    power = sums[len(wanted) :] - sums[:places]
    # Where next to nothing was heard, nothing is alike.
    floor = max(1.0, 1e-6 * float(power.max()))
    alike: Floats = np.where(power > floor, together / np.sqrt(np.maximum(power, floor)), 0.0)
    return alike


def tone_power(pcm: Pcm, hertz: float, rate_hz: int = NARROW_HZ) -> float:
    """How much of the sound's power is in a tone, 0 to 1 (Goertzel)."""
    samples = pcm.astype(np.float64)
    energy = float((samples**2).sum())
    if not energy:
        return 0.0
    turns = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / rate_hz)
    return float(2 * abs(samples @ turns) ** 2 / (len(samples) * energy))


def strongest_tone(pcm: Pcm, tones_hz: Iterable[float], rate_hz: int = NARROW_HZ) -> float | None:
    """Which of these tones is heard; None when it is none of them."""
    powers = {hertz: tone_power(pcm, hertz, rate_hz) for hertz in tones_hz}
    best = max(powers, key=lambda hertz: powers[hertz], default=None)
    return best if best is not None and powers[best] >= TONE_SHARE else None
