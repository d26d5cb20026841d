"""From one coding of a leg or a service to another: the same sound, as long as it was, in any pieces."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, RATES, Coding
from models.transcoding import Transcoder, transcoded
from tests.models.test_sound import power_db, tone

CODINGS: tuple[Coding, ...] = ("ulaw_8k", "pcm_8k", "pcm_16k", "pcm_24k")
PAIRS = list(permutations(CODINGS, 2))
DOWN = [(source, target) for source, target in PAIRS if RATES[source] > RATES[target]]


def coded(pcm: NDArray[np.int16], coding: Coding) -> bytes:
    return ulaw.encode(pcm) if coding == "ulaw_8k" else pcm.tobytes()


def samples(audio: bytes, coding: Coding) -> NDArray[np.int16]:
    return ulaw.decode(audio) if coding == "ulaw_8k" else np.frombuffer(audio, np.int16)


def in_pieces(audio: bytes, source: Coding, target: Coding, cuts: list[int]) -> bytes:
    edges = [0, *sorted(cut % (len(audio) + 1) for cut in cuts), len(audio)]
    transcoder = Transcoder(source, target)
    return b"".join(transcoder.feed(audio[a:b]) for a, b in pairwise(edges)) + transcoder.rest()


def test_mulaw_that_stays_mulaw_is_not_even_copied() -> None:
    audio, transcoder = bytes(range(256)), Transcoder("ulaw_8k", "ulaw_8k")
    assert transcoder.feed(audio) is audio
    assert transcoder.rest() == b""


@pytest.mark.parametrize(("source", "target"), [*PAIRS, *zip(CODINGS, CODINGS, strict=True)])
@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 1 << 20), max_size=12), st.integers(16, 1000))
def test_any_pieces_give_the_same_sound(source: Coding, target: Coding, cuts: list[int], ms: int) -> None:
    """No borders are heard: to the bit what the sound gives in one piece."""
    audio = coded(tone(700, RATES[source], ms / 1000), source)
    assert in_pieces(audio, source, target, cuts) == transcoded(audio, source, target)


@pytest.mark.parametrize(("source", "target"), PAIRS)
@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9000))
def test_it_lasts_as_long_as_before(source: Coding, target: Coding, count: int) -> None:
    made = samples(transcoded(coded(tone(440, RATES[source])[:count], source), source, target), target)
    given_s = min(count, RATES[source]) / RATES[source]
    assert abs(len(made) - given_s * RATES[target]) < 1


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_ten_minutes_are_ten_minutes(source: Coding, target: Coding) -> None:
    """In frames of 20 ms, as a call does it: never more than 2 ms late, never early."""
    frame = bytes(20 * BYTES_PER_MS[source])
    transcoder, made_ms = Transcoder(source, target), 0.0
    for count in range(1, 30_001):
        made_ms += len(transcoder.feed(frame)) / BYTES_PER_MS[target]
        assert 0 <= count * 20 - made_ms <= 2
    assert made_ms + len(transcoder.rest()) / BYTES_PER_MS[target] == 600_000


@pytest.mark.parametrize("hz", [300, 1000, 3000])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_tone_is_as_loud_and_as_pure_as_before(source: Coding, target: Coding, hz: int) -> None:
    pcm = tone(hz, RATES[source])
    made = samples(transcoded(coded(pcm, source), source, target), target)
    signal, noise = power_db(made, hz, RATES[target])
    before, _ = power_db(tone(hz, RATES[target]), hz, RATES[target])
    assert signal == pytest.approx(before, abs=0.5)
    assert signal - noise > (35 if "ulaw_8k" in (source, target) else 60)


@pytest.mark.parametrize(("source", "target"), DOWN)
def test_what_the_line_cannot_carry_does_not_fold_back(source: Coding, target: Coding) -> None:
    """A tone above what fits is gone: less than -40 dB of it is left anywhere."""
    hz = RATES[target] * 0.75
    if hz * 2 >= RATES[source]:
        hz = (RATES[target] + RATES[source]) / 4
    made = samples(transcoded(coded(tone(hz, RATES[source]), source), source, target), target)
    left = np.square(made[len(made) // 4 : len(made) // 4 * 3].astype(np.float64)).mean()
    assert 10 * np.log10((left + 1e-9) / (8000**2 / 2)) < -40


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_is_shifted(source: Coding, target: Coding) -> None:
    """Where a sound begins it begins afterwards: a reply is cut where the caller stopped hearing it."""
    pcm = np.concatenate([np.zeros(RATES[source] // 5, np.int16), tone(1000, RATES[source], 0.2)])
    made = np.abs(samples(transcoded(coded(pcm, source), source, target), target).astype(np.int32))
    assert np.argmax(made > 4000) / RATES[target] == pytest.approx(0.2, abs=0.001)
