"""µ-law against the formulas of G.711, and the gate that tells silence from possible speech."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import ulaw
from appliance.core.ulaw import FRAME_MS, SILENCE, Gate
from tests.peers.carrier import speech
from tests.peers.realtime import g711

FRAME = FRAME_MS * ulaw.BYTES_PER_MS


def expanded(code: int) -> int:
    """G.711, table 2a: segment and step of the inverted code."""
    code = ~code & 0xFF
    segment, step = (code >> 4) & 7, code & 15
    magnitude = ((2 * step + 33) << segment) - 33
    return (-magnitude if code & 0x80 else magnitude) * 4


def tone(amplitude: float, frames: int, hz: float = 440.0) -> list[bytes]:
    n = np.arange(frames * FRAME)
    pcm = (amplitude * np.sin(2 * math.pi * hz * n / 8000)).astype(np.int16)
    coded = ulaw.encode(pcm)
    return [coded[at : at + FRAME] for at in range(0, len(coded), FRAME)]


def opened(frames: list[bytes], gate: Gate | None = None) -> list[bool]:
    gate = gate or Gate()
    return [gate.open(frame) for frame in frames]


def test_every_code_has_the_value_of_the_recommendation() -> None:
    assert ulaw.decode(bytes(range(256))).tolist() == [expanded(code) for code in range(256)]


def test_both_ends_agree_on_the_codes() -> None:
    """The peers have tables of their own, made without ours."""
    assert ulaw.decode(bytes(range(256))).tolist() == g711.decode_ulaw(bytes(range(256))).tolist()


def test_a_value_of_the_table_is_coded_as_itself() -> None:
    values = ulaw.decode(bytes(range(256)))
    again = ulaw.decode(ulaw.encode(values))
    assert again.tolist() == values.tolist()
    # Both zeros are one value: it is coded as positive zero.
    assert ulaw.encode(np.zeros(1, np.int16)) == SILENCE


@given(st.integers(-32768, 32767))
def test_a_sample_gets_one_of_the_two_codes_around_it(sample: int) -> None:
    values = sorted({expanded(code) for code in range(256)})
    coded = int(ulaw.decode(ulaw.encode(np.array([sample], np.int16)))[0])
    nearest = min(abs(value - sample) for value in values)
    step = max(8, abs(coded) // 16)
    assert abs(coded - sample) <= max(nearest, step)
    assert coded == 0 or (coded < 0) == (sample < 0)


def test_coding_keeps_the_order_of_samples() -> None:
    every = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    assert (np.diff(ulaw.decode(ulaw.encode(every)).astype(np.int32)) >= 0).all()


def test_a_peak_is_the_loudest_code() -> None:
    assert ulaw.peak(b"") == 0
    assert ulaw.peak(SILENCE * 160) == 0
    assert ulaw.peak(SILENCE * 100 + b"\x00" + SILENCE * 59) == 127
    assert ulaw.peak(b"\x80\x00") == 127


def test_digital_silence_never_opens_the_gate() -> None:
    assert not any(opened([SILENCE * FRAME] * 500))


def test_the_gate_opens_with_the_first_loud_frame_and_stays_for_300_ms() -> None:
    gate = Gate()
    quiet = [SILENCE * FRAME] * 50
    assert not any(opened(quiet, gate))
    assert all(opened(tone(4000, 10), gate))
    assert opened(quiet, gate) == [True] * 14 + [False] * 36


def test_the_gate_gets_used_to_a_steady_hum() -> None:
    hum = tone(300, 1000)
    heard = opened(hum)
    assert heard[0]
    assert not any(heard[-200:])


def test_speech_over_the_hum_opens_it_again() -> None:
    gate = Gate()
    opened(tone(300, 1000), gate)
    assert all(opened(tone(3000, 5), gate))


def test_the_gate_is_open_for_recorded_speech() -> None:
    """Of the frames that carry the loudest tenth of the speech it misses none."""
    for name in ("s2p_what_time_is_it", "brooklyn", "jfk"):
        frames = [*speech.load(name).frames]
        loud = sorted(map(ulaw.peak, frames))[-len(frames) // 10]
        heard = opened(frames)
        assert all(heard[at] for at, frame in enumerate(frames) if ulaw.peak(frame) >= loud), name


@given(st.lists(st.binary(max_size=400), max_size=60))
def test_any_frames_are_taken(frames: list[bytes]) -> None:
    gate = Gate()
    for frame in frames:
        assert gate.open(frame) in (True, False)
