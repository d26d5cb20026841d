"""The caller's audio on its way: speech travels at once, silence in company, nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.uplink import HELD_MS, Uplink

frames = st.lists(st.tuples(st.binary(min_size=1, max_size=200), st.booleans()), max_size=60)


@given(frames)
def test_every_byte_arrives_in_order_and_speech_never_waits(line: list[tuple[bytes, bool]]) -> None:
    uplink, arrived, given_in = Uplink(), b"", b""
    for audio, loud in line:
        given_in += audio
        arrived += uplink.take(audio, loud)
        assert given_in.startswith(arrived)
        assert len(given_in) - len(arrived) < HELD_MS * 8
        if loud:
            assert arrived == given_in


def test_silent_frames_go_three_at_a_time() -> None:
    uplink = Uplink()
    silence = b"\xff" * 160
    assert [len(uplink.take(silence, loud=False)) for _ in range(6)] == [0, 0, 480, 0, 0, 480]


def test_speech_takes_the_silence_before_it_along() -> None:
    uplink = Uplink()
    uplink.take(b"\xff" * 160, loud=False)
    assert uplink.take(b"\x10" * 160, loud=True) == b"\xff" * 160 + b"\x10" * 160


def test_silence_of_every_coding_waits_as_long() -> None:
    uplink, silence = Uplink(coding="pcm_16k"), bytes(640)
    assert [len(uplink.take(silence, loud=False)) for _ in range(6)] == [0, 0, 1920, 0, 0, 1920]
