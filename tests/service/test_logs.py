"""Structured logs: one JSON object a line, with the call's id, without telephone numbers."""

import logging
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.service.logs import TEXT_MOST, JsonLines, masked


def line(text: str, *arguments: object, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("appliance.core.call", logging.WARNING, "call.py", 1, text, arguments, None)
    vars(record).update(extra)
    written = JsonLines().format(record)
    assert "\n" not in written
    found: dict[str, Any] = orjson.loads(written)
    return found


def test_a_line_says_when_who_and_what() -> None:
    found = line("brain lost after %d s", 3, call_id="a1", reason="mute", live=True, late_s=0.5, none=None)
    assert found.pop("at").endswith("Z")
    assert found == {
        "level": "warning",
        "logger": "appliance.core.call",
        "said": "brain lost after 3 s",
        "call_id": "a1",
        "reason": "mute",
        "live": True,
        "late_s": 0.5,
        "none": None,
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from +15551230001.", "from …0001."),
        ("15551230001", "…0001"),
        ("5550100", "…0100"),
        ("555010", "555010"),
        ("to +15551230001 and +15559870002", "to …0001 and …0002"),
        ("+1 (555) 123-0001 rings", "…0001 rings"),
        ("555 123 0001", "…0001"),
        ("1-555-123-0001", "…0001"),
        ("555.123.0001", "…0001"),
        ("192.168.100.123 at 2026-11-25 10:00", "192.168.100.123 at 2026-11-25 10:00"),
        ("no number", "no number"),
    ],
)
def test_a_number_is_masked_to_its_last_four_digits(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert line(text)["said"] == shown
    assert line("x", problem=text)["problem"] == shown


def test_the_id_of_a_call_is_written_whole() -> None:
    """Random hex often holds seven digits in a row; masked, the lines of a call could not be found."""
    assert line("x", call_id="ab12345678901cd0")["call_id"] == "ab12345678901cd0"
    assert line("x", recording="RE" + "1" * 32)["recording"] == "RE" + "1" * 32


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_text_makes_one_line_that_can_be_read(text: str, problem: str) -> None:
    found = line("%s", text, problem=problem)
    assert len(found["said"]) <= TEXT_MOST
    assert len(found["problem"]) <= TEXT_MOST


@given(st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True))
def test_no_number_is_ever_written_whole(number: str) -> None:
    assert number not in orjson.dumps(line(f"call from {number} ended", problem=number)).decode()


def test_an_extra_cannot_take_the_place_of_what_a_line_says() -> None:
    assert line("x", said="y", level="z")["said"] == "x"


def test_a_traceback_is_one_line_and_masked() -> None:
    try:
        raise ValueError("+15551230001 is busy")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", None, sys.exc_info())
    found = orjson.loads(JsonLines().format(record))
    assert "…0001 is busy" in found["traceback"]
    assert "+15551230001" not in found["traceback"]
