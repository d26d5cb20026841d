"""The audio that is kept: a ring that gives back what came, and utterances cut out of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import ulaw
from models.local.doubling import pcm_16k
from models.local.utterances import RUN_UP_MS, STANDBY_MS, TRAIL_MS, WINDOW_MS, Ring, Utterance, Utterances
from tests.peers.carrier import speech

FRAME = 160


def line(ms: int, seed: int = 1) -> bytes:
    """Audio of which no two stretches are the same."""
    return np.random.default_rng(seed).integers(0, 256, ms * ulaw.BYTES_PER_MS, np.uint8).tobytes()


def at(audio: bytes, from_ms: int, to_ms: int) -> bytes:
    return audio[from_ms * ulaw.BYTES_PER_MS : to_ms * ulaw.BYTES_PER_MS]


def fed(utterances: Utterances, audio: bytes) -> list[Utterance]:
    pieces = (utterances.take(audio[place : place + FRAME]) for place in range(0, len(audio), FRAME))
    return [piece for piece in pieces if piece is not None]


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


def test_an_utterance_has_its_run_up_and_its_trail() -> None:
    utterances, audio = Utterances(), line(4_000)
    assert fed(utterances, audio) == []
    utterances.began(1_000)
    assert utterances.began_ms == 1_000
    ended = utterances.ended(3_000)
    assert ended == Utterance("end", 1_000, 2_000, at(audio, 1_000 - RUN_UP_MS, 3_000 + TRAIL_MS))
    assert utterances.ended(3_500) is None


def test_a_pause_gives_what_was_said_so_far_and_the_end_all_of_it() -> None:
    utterances, audio = Utterances(), line(6_000)
    fed(utterances, at(audio, 0, 3_000))
    utterances.began(1_500)
    so_far = utterances.paused(2_500)
    fed(utterances, at(audio, 3_000, 6_000))
    ended = utterances.ended(5_000)
    assert so_far == Utterance("so far", 1_500, 1_000, at(audio, 500, 2_900))
    assert ended == Utterance("end", 1_500, 3_500, at(audio, 500, 5_400))


def test_nothing_under_way_is_nothing_to_recognise() -> None:
    utterances = Utterances()
    fed(utterances, line(1_000))
    assert utterances.paused(500) is None
    assert utterances.ended(500) is None
    assert utterances.under_way() is None


def test_a_sentence_under_way_can_be_taken_where_it_stands() -> None:
    utterances, audio = Utterances(), line(2_000)
    fed(utterances, audio)
    utterances.began(1_200)
    assert utterances.under_way() == Utterance("so far", 1_200, 800, at(audio, 200, 2_000))
    assert utterances.began_ms == 1_200


def test_what_one_utterance_took_the_next_does_not_take_again() -> None:
    utterances, audio = Utterances(), line(4_000)
    fed(utterances, audio)
    utterances.began(1_000)
    utterances.ended(2_000)
    utterances.began(2_500)
    second = utterances.ended(3_000)
    assert second is not None
    assert second.ulaw_8k == at(audio, 2_000 + TRAIL_MS, 3_000 + TRAIL_MS)


def test_the_last_seconds_are_kept_and_no_more() -> None:
    utterances, audio = Utterances(), line(70_000)
    fed(utterances, audio)
    assert utterances.at_ms == 70_000
    assert utterances.last() == at(audio, 70_000 - STANDBY_MS, 70_000)
    assert utterances.last(2_000) == at(audio, 68_000, 70_000)
    assert len(utterances.last(1_000_000)) <= (WINDOW_MS + 2_000) * ulaw.BYTES_PER_MS


def test_a_very_long_utterance_comes_in_pieces_cut_where_it_is_quiet() -> None:
    quiet = ulaw.SILENCE * (200 * ulaw.BYTES_PER_MS)
    audio = line(26_000) + quiet + line(43_800, seed=2)
    utterances = Utterances()
    fed(utterances, at(audio, 0, 1_000))
    utterances.began(1_000)
    pieces = fed(utterances, at(audio, 1_000, 70_000))
    end = utterances.ended(69_000)
    assert end is not None
    assert [piece.part for piece in pieces] == ["piece", "piece"]
    assert 26_000 < pieces[0].at_ms + pieces[0].spoke_ms < 26_200
    for piece in (*pieces, end):
        assert len(piece.ulaw_8k) <= WINDOW_MS * ulaw.BYTES_PER_MS
    together = b"".join(piece.ulaw_8k for piece in (*pieces, end))
    assert together == at(audio, 1_000 - RUN_UP_MS, 69_000 + TRAIL_MS)


@given(
    st.lists(
        st.tuples(st.sampled_from(("take", "began", "paused", "ended")), st.integers(0, 2_000)), max_size=60
    )
)
def test_whatever_is_reported_the_pieces_are_bounded_and_in_order(steps: list[tuple[str, int]]) -> None:
    utterances, whole, given_out = Utterances(5_000), b"", list[Utterance]()
    for number, (step, ms) in enumerate(steps):
        back = max(0, utterances.at_ms - ms)
        if step == "take":
            audio = line(ms, seed=number)
            whole += audio
            given_out += fed(utterances, audio)
        elif step == "began":
            utterances.began(back)
        else:
            utterance = utterances.paused(back) if step == "paused" else utterances.ended(back)
            given_out += [utterance] if utterance else []
    for utterance in given_out:
        assert utterance.ulaw_8k in whole
        assert len(utterance.ulaw_8k) <= 5_000 * ulaw.BYTES_PER_MS
        assert utterance.spoke_ms >= 0
    finished = [utterance for utterance in given_out if utterance.part == "piece"]
    assert [piece.at_ms for piece in finished] == sorted(piece.at_ms for piece in finished)


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
