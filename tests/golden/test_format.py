"""How golden files are read, and how a difference is shown."""

import pytest

from appliance.core.fitting import all_fit, fits
from tests.golden.assistant import read_assistant
from tests.golden.clinic import read_arrangement
from tests.golden.format import GoldenError, Line, differences, late, parse_call
from tests.golden.heard import UNKNOWN, Piece, pieces
from tests.golden.meanwhile import read_incident

CALL = """A title
A sentence.

[caller]
press 1

[expect]
caller presses: 1
call ends: ...

[outcome]
outcome: hours
"""


def test_sections_hold_their_lines() -> None:
    call = parse_call("x", CALL)
    assert (call.title, call.about, call.text("caller")) == ("A title", "A sentence.", "press 1")
    assert [line.number for line in call.lines("expect")] == [8, 9]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CALL + "[weather]\n", "line 13: no such section"),
        (CALL + "[caller]\n", "line 13: this section was there before"),
        (CALL.replace("[outcome]", ""), r"line 1: .*\[outcome\]"),
    ],
)
def test_a_wrong_file_is_told_its_line(text: str, said: str) -> None:
    with pytest.raises(GoldenError, match=said):
        parse_call("x", text)


@pytest.mark.parametrize(
    "text", ["sings: la", "trouble: drown", "trouble: fail after=x y=1", "only in session x"]
)
def test_a_wrong_line_of_the_assistant_is_told(text: str) -> None:
    with pytest.raises(GoldenError, match="line 7"):
        read_assistant([Line(6, "at the greeting"), Line(7, text, indented=True)])


def test_a_wrong_occasion_clinic_or_moment_is_told() -> None:
    line = Line(5, "when pigs fly: the bridge is killed")
    for read in (
        lambda: read_assistant([line]),
        lambda: read_arrangement((line,)),
        lambda: read_incident(line),
    ):
        with pytest.raises(GoldenError, match="line 5"):
            read()


def test_dots_stand_for_anything_and_nothing_else_does() -> None:
    assert fits("a ... c", "a b c")
    assert fits("a...", "a")
    assert not fits("a.b", "axb")
    assert not fits("a", "ab")


def test_what_is_missing_extra_or_in_another_order_is_shown() -> None:
    call = parse_call("x", CALL)
    seen = {"expect": ["caller presses: 1", "call ends: well"], "outcome": ["outcome: hours"]}
    assert differences(call, seen) == []
    swapped = seen | {"expect": ["call ends: well", "caller presses: 1"]}
    extra = seen | {"expect": [*seen["expect"], "phone rings: billing"]}
    missing = seen | {"outcome": []}
    assert any(line.startswith("+ call ends: well") for line in differences(call, swapped))
    assert "+ phone rings: billing" in differences(call, extra)
    assert "- outcome: hours" in differences(call, missing)
    assert "+ caller: hello" in differences(call, seen | {"transcript": ["caller: hello"]})


def test_heard_sound_is_told_apart_to_the_byte() -> None:
    one, two = bytes(range(200)) * 4, bytes(range(199, -1, -1)) * 4
    assert pieces(one + two[:400], {"one": one, "two": two}) == [
        Piece("one", 0, True),
        Piece("two", 800, False),
    ]
    assert pieces(b"\x01" * 400, {"one": one}) == [Piece(UNKNOWN, 0, False)]


def test_what_comes_too_late_is_told() -> None:
    call = parse_call("x", CALL.replace("call ends: ...", "call ends: ... (within 2 s)"))
    assert late(call, [100.0, 2000.0]) == []
    assert late(call, [100.0, 2200.0]) == ["after 2.1 s: call ends: ... (within 2 s)"]
    seen = {"expect": ["caller presses: 1", "call ends: well"], "outcome": ["outcome: hours"]}
    assert differences(call, seen) == []


def test_a_line_of_perhaps_may_be_there_or_not() -> None:
    expected = ["a", "perhaps b...", "c"]
    assert all_fit(expected, ["a", "c"])
    assert all_fit(expected, ["a", "bc", "c"])
    assert not all_fit(expected, ["a", "b", "b", "c"])
    assert not all_fit(expected, ["a", "b"])
    assert not all_fit(expected, ["a"])
