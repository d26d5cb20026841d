"""What a browser sends: read strictly, and no more of it than can be spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import WireError
from appliance.core.rehearsal import HangUp, Key, Line
from appliance.service.rehearsal import frames
from appliance.service.rehearsal.frames import Allowance, MarkPlayed, Token


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"token":"abc"}', Token("abc")),
        ('{"mark":"0-800"}', MarkPlayed("0-800")),
        ('{"line":"  what   time "}', Line("what time")),
        ('{"key":"#"}', Key("#")),
        ('{"hang_up":true}', HangUp()),
    ],
)
def test_what_is_meant_is_read(text: str, said: object) -> None:
    assert frames.read(text) == said


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", "{}", '{"token":""}', '{"token":"%s"}' % ("x" * 65), '{"mark":7}',
     '{"mark":"%s"}' % ("x" * 41), '{"line":" "}', '{"line":"\\u0007"}', '{"line":7}', '{"key":"A"}',
     '{"key":""}',
     '{"hang_up":1}', '{"hang_up":false}', '{"line":"a","key":"1"}', '{"told":"over"}'],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        frames.read(text)


@given(st.text())
def test_no_text_makes_it_stumble(text: str) -> None:
    try:
        frames.read(text)
    except WireError:
        return


def test_only_whole_frames_are_sound() -> None:
    assert frames.frame(b"\xff" * 160) == b"\xff" * 160
    for size in (0, 159, 161, 4000):
        with pytest.raises(WireError):
            frames.frame(b"\xff" * size)


def test_sound_may_come_in_bursts_and_not_faster_than_it_is_spoken() -> None:
    allowed = Allowance(0.0)
    for place in range(500):
        allowed.sound(160, place * 0.02)
    allowed.sound(160 * 90, 10.0)
    with pytest.raises(WireError, match="faster"):
        allowed.sound(160 * 20, 10.0)


def test_who_was_silent_for_long_may_not_make_up_for_it() -> None:
    allowed = Allowance(0.0)
    with pytest.raises(WireError, match="faster"):
        allowed.sound(160 * 110, 3600.0)


def test_marks_come_back_by_the_dozen_and_no_flood_does() -> None:
    allowed = Allowance(0.0)
    for _ in range(150):
        allowed.text(1.0)
    for _ in range(50):
        allowed.text(1.0)
    with pytest.raises(WireError, match="many"):
        allowed.text(1.0)
