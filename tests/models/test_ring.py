"""The audio that is kept: a ring that gives back what came, and utterances cut out of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import ulaw
from models.local.doubling import pcm_16k
from models.local.ring import RUN_UP_MS, TRAIL_MS, Ring
from tests.peers.carrier import speech

FRAME = 160


def line(ms: int, seed: int = 1) -> bytes:
    """Audio of which no two stretches are the same."""
    return np.random.default_rng(seed).integers(0, 256, ms * ulaw.BYTES_PER_MS, np.uint8).tobytes()


def at(audio: bytes, from_ms: int, to_ms: int) -> bytes:
    return audio[from_ms * ulaw.BYTES_PER_MS : to_ms * ulaw.BYTES_PER_MS]


@given(
    st.integers(1, 50),
    st.lists(st.binary(max_size=70), max_size=40),
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_the_ring_gives_what_a_list_would(size: int, came: list[bytes], start: int, end: int) -> None:
    ring, whole = Ring(size), b"".join(came)
    for each in came:
        ring.take(each)
    assert ring.came == len(whole)
    held = max(0, len(whole) - size)
    assert ring.between(start, end) == whole[max(start, held) : max(end, held)]
    assert ring.between(-5, ring.came + 5) == whole[held:]


def held(ms: int) -> tuple[Ring, bytes]:
    """A ring that this audio went through."""
    ring, audio = Ring(6_000 * ulaw.BYTES_PER_MS), line(ms)
    for place in range(0, len(audio), FRAME):
        ring.take(audio[place : place + FRAME])
    return ring, audio


def test_an_utterance_has_its_run_up_and_its_trail() -> None:
    ring, audio = held(4_000)
    assert ring.utterance(1_500, 3_000) == at(audio, 1_500 - RUN_UP_MS, 3_000 + TRAIL_MS)
    assert ring.utterance(300, 3_900) == at(audio, 0, 4_000)


def test_what_one_utterance_took_the_next_does_not_take_again() -> None:
    ring, audio = held(4_000)
    assert ring.utterance(2_500, 3_000, free_ms=2_400) == at(audio, 2_400, 3_400)
    assert ring.utterance(1_500, 3_000, free_ms=2_400) == at(audio, 1_500, 3_400)


def test_of_a_long_utterance_the_last_seconds_are_there() -> None:
    ring, audio = held(20_000)
    assert ring.utterance(1_000, 19_000) == at(audio, 14_000, 19_400)


def test_audio_for_a_recogniser_is_twice_as_dense_and_in_its_place() -> None:
    pcm = ulaw.decode(b"".join(speech.load("weather").frames))
    made = np.frombuffer(pcm_16k(ulaw.encode(pcm)), "<i2").astype(np.float64)
    assert len(made) == 2 * len(pcm)
    assert np.array_equal(made[0::2], pcm)
    spectrum = np.abs(np.fft.rfft(made)) ** 2
    above = spectrum[len(spectrum) * 4200 // 8000 :].sum()
    assert above < spectrum.sum() * 1e-5


def test_no_audio_is_no_samples() -> None:
    assert pcm_16k(b"") == b""
    assert len(pcm_16k(b"\x00")) == 4
