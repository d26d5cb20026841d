"""The resampler: exact in length, clean in sound, independent of the pieces it is fed."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.sound import Resampler

RATES = [(8000, 16000), (8000, 24000), (16000, 8000), (24000, 8000), (16000, 24000), (24000, 16000)]


def tone(hz: float, rate: int, seconds: float = 1.0, amplitude: float = 8000) -> NDArray[np.int16]:
    n = np.arange(int(rate * seconds))
    return np.round(amplitude * np.sin(2 * math.pi * hz * n / rate)).astype(np.int16)


def through(resampler: Resampler, pcm: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """In frames of 20 ms, as a call does it."""
    frame = rate // 50
    made = b"".join(resampler.feed(pcm[at : at + frame].tobytes()) for at in range(0, len(pcm), frame))
    return np.frombuffer(made, np.int16)


def power_db(pcm: NDArray[np.int16], hz: float, rate: int) -> tuple[float, float]:
    """The power at a frequency and of all the rest, in dB, of the steady middle part."""
    steady = pcm[len(pcm) // 4 : len(pcm) // 4 * 3].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady)))) ** 2
    at = round(hz * len(steady) / rate)
    signal = float(spectrum[max(0, at - 4) : at + 5].sum())
    return 10 * math.log10(signal + 1), 10 * math.log10(float(spectrum.sum()) - signal + 1)


@pytest.mark.parametrize(("source", "target"), RATES)
def test_the_length_is_exact_over_time(source: int, target: int) -> None:
    made = through(Resampler(source, target), tone(440, source, 10.0), source)
    assert 0 <= 10 * target - len(made) <= target * 0.005


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_tone_stays_a_tone(source: int, target: int) -> None:
    made = through(Resampler(source, target), tone(1000, source), source)
    signal, noise = power_db(made, 1000, target)
    assert signal - noise > 45
    assert np.abs(made[target // 4 : target // 2]).max() == pytest.approx(8000, rel=0.03)


@pytest.mark.parametrize("source", [16000, 24000])
def test_what_the_telephone_cannot_carry_does_not_fold_back(source: int) -> None:
    made = through(Resampler(source, 8000), tone(6000, source), source)
    alias, _ = power_db(made, 2000, 8000)
    carried, _ = power_db(through(Resampler(source, 8000), tone(2000, source), source), 2000, 8000)
    assert carried - alias > 45


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=8))
def test_the_result_does_not_depend_on_the_pieces(cuts: list[int]) -> None:
    pcm = tone(700, 24000, 0.1).tobytes()
    edges = sorted({0, len(pcm), *(cut for cut in cuts if cut < len(pcm))})
    resampler = Resampler(24000, 8000)
    pieces = b"".join(resampler.feed(pcm[a:b]) for a, b in pairwise(edges))
    whole = Resampler(24000, 8000).feed(pcm)
    shorter = min(len(pieces), len(whole))
    assert pieces[:shorter] == whole[:shorter]
    assert abs(len(pieces) - len(whole)) <= 64


def test_half_a_sample_waits_for_the_other_half() -> None:
    resampler = Resampler(24000, 8000)
    assert resampler.feed(b"") == resampler.feed(b"\x01") == b""
    assert resampler.feed(b"\x02" + bytes(4800)) != b""


def test_the_rest_makes_it_exact() -> None:
    resampler = Resampler(22050, 8000)
    assert resampler.rest() == b""
    made = resampler.feed(tone(440, 22050).tobytes()) + resampler.rest()
    assert abs(len(made) // 2 - 8000) <= 1
