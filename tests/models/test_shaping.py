"""A synthesiser's sound on its way to a leg: whole frames, one loudness, no silence around it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.coding import RATES, Coding
from models.local.shaping import FRAME_BYTES, LOUDNESS, Levels, Shaper, loudness, silence
from tests.models.test_sound import tone

CODINGS: tuple[Coding, ...] = ("ulaw_8k", "pcm_24k")


def shaped(coding: Coding, pcm: bytes, rate: int, cuts: list[int], gain: float | None = None) -> bytes:
    shaper = Shaper(coding, gain)
    edges = sorted({0, len(pcm), *(cut for cut in cuts if cut < len(pcm))})
    made = [shaper.feed(pcm[a:b], rate) for a, b in pairwise(edges)]
    assert all(len(part) % FRAME_BYTES[coding] == 0 for part in made)
    return b"".join([*made, shaper.rest()])


@settings(max_examples=40)
@given(
    st.sampled_from(CODINGS),
    st.binary(max_size=20000),
    st.sampled_from([4000, 8000, 16000, 22050, 44100, 192000]),
    st.lists(st.integers(0, 20000), max_size=6),
)
def test_any_bytes_become_whole_frames(coding: Coding, pcm: bytes, rate: int, cuts: list[int]) -> None:
    assert len(shaped(coding, pcm, rate, cuts)) % FRAME_BYTES[coding] == 0


@pytest.mark.parametrize("amplitude", [500, 2000, 30000])
def test_loudness_is_always_the_same(amplitude: int) -> None:
    pcm = tone(500, 22050, 1.5, amplitude)
    made = shaped("pcm_24k", pcm.tobytes(), 22050, [5001])
    frames = np.frombuffer(made, np.int16).reshape(-1, 480)
    assert loudness(frames[2:-2]) == pytest.approx(LOUDNESS, rel=0.03)


@pytest.mark.parametrize("coding", CODINGS)
def test_silence_around_is_cut_and_silence_within_is_kept(coding: Coding) -> None:
    rate = 16000
    beep, pause = tone(500, rate, 0.4), np.zeros(rate // 2, np.int16)
    made = shaped(coding, np.concatenate([pause, beep, pause, beep, pause]).tobytes(), rate, [7000, 21000])
    ms = len(made) / FRAME_BYTES[coding] * 20
    assert ms == pytest.approx(400 + 500 + 400, abs=120)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("pcm", [b"", b"\x00", bytes(40000), b"\x05\x00" * 20000])
def test_silence_is_nothing(coding: Coding, pcm: bytes) -> None:
    shaper = Shaper(coding)
    assert shaper.feed(pcm, 16000) + shaper.rest() == b""
    assert not shaper.begun


def test_the_rate_may_change_within_a_sentence() -> None:
    shaper = Shaper("ulaw_8k")
    made = shaper.feed(tone(500, 22050, 0.5).tobytes(), 22050) + shaper.feed(
        tone(500, 16000, 0.5).tobytes(), 16000
    )
    made += shaper.rest()
    assert len(made) / 8 == pytest.approx(1000, abs=60)


def test_a_known_voice_does_not_wait_to_be_judged() -> None:
    short = tone(500, 8000, 0.1).tobytes()
    assert Shaper("ulaw_8k", None).feed(short, 8000) == b""
    assert Shaper("ulaw_8k", 0.5).feed(short, 8000)


def test_one_sentence_changes_little() -> None:
    levels = Levels()
    assert levels.of("voice") is None
    levels.learn("voice", 1.0)
    levels.learn("voice", 2.0)
    known = levels.of("voice")
    assert known is not None
    assert 1.0 < known < 1.5


@pytest.mark.parametrize("coding", CODINGS)
def test_silence_is_whole_frames(coding: Coding) -> None:
    assert len(silence(coding, 100)) == 5 * FRAME_BYTES[coding]
    assert RATES[coding] // 50 * (1 if coding == "ulaw_8k" else 2) == FRAME_BYTES[coding]
