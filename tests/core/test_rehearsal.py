"""What of a rehearsal is compared, and how steps are written."""

import pytest

from appliance.core.errors import WireError
from appliance.core.rehearsal import (
    REFUSED,
    HangUp,
    Key,
    Line,
    Outline,
    Part,
    Refusal,
    differences,
    step,
    written,
)

ONE = Outline(
    {Part.TOOLS: ("find_slots", "book_appointment"), Part.ENDING: ("goodbye",)}, (("caller", "hi"),)
)


@pytest.mark.parametrize("done", [Line("what time is it"), Key("*"), HangUp()])
def test_a_step_is_read_as_it_was_written(done: Line | Key | HangUp) -> None:
    assert step(written(done)) == done


def test_what_is_no_step_is_none_and_what_cannot_be_one_is_refused() -> None:
    assert step({}) is None
    assert step({"line": "a", "key": "1"}) is None
    assert step({"line": 7}) is None
    for wrong in ({"line": ""}, {"line": "a" * 501}, {"line": "a\x00"}, {"key": "10"}):
        with pytest.raises(WireError):
            step(wrong)


def test_an_outline_is_read_as_it_was_written_and_later_parts_are_left_out() -> None:
    assert Outline.read(ONE.tree) == ONE
    assert Outline.read({"parts": {"moods": ["gay"]}, "wording": []}) == Outline()


def test_only_what_is_compared_can_differ() -> None:
    other = Outline({Part.TOOLS: ("find_slots",), Part.ENDING: ("goodbye",)}, (("caller", "hello"),))
    assert differences(ONE, other, [*Part]) == {Part.TOOLS: ["  find_slots", "- book_appointment"]}
    assert differences(ONE, other, [Part.ENDING, Part.SOURCES]) == {}
    assert differences(ONE, ONE, [*Part]) == {}


def test_every_refusal_has_a_sentence() -> None:
    assert REFUSED.keys() == set(Refusal)
