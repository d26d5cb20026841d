"""Structured logs: one JSON object a line, with the call's id, without telephone numbers."""

import logging
import re
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import last_lines
from appliance.core.last_lines import LastLines, Line
from appliance.service.logs import TEXT_MOST, JsonLines, Kept, begin, masked


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


def kept(folder: Path, text: str, raised: BaseException | None = None, **extra: Any) -> Line:
    lines = LastLines(folder, "bridge")
    about = None if raised is None else (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord("appliance.core.call", logging.ERROR, "call.py", 1, text, (), about)
    vars(record).update(extra)
    Kept(lines).emit(record)
    lines.flush()
    (found,) = last_lines.read(folder, "bridge")
    return found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from +15551230001 to 555 123 0001", "from … to …"),
        ("google:lee@clinic.example is shut", "…@… is shut"),
        ("call a1b2c3 ended after 12 s", "call a1b2c3 ended after 12 s"),
    ],
)
def test_what_a_page_may_show_has_no_digit_of_a_number(tmp_path: Path, text: str, shown: str) -> None:
    found = kept(tmp_path, text, problem=text, call_id="a1")
    assert (found.said, found.more, found.level) == (shown, f"problem {shown}, call_id a1", "error")


def test_of_an_error_a_page_has_its_kind_and_place_alone(tmp_path: Path) -> None:
    try:
        int("Ana Ruiz, 1980-03-09")
    except ValueError as exc:
        found = kept(tmp_path, "it cannot be read", exc)
    assert "Ana" not in found.more
    assert re.fullmatch(r"raised ValueError at test_logs.py:\d+", found.more)


def test_lines_are_kept_soon_after_they_were_logged(tmp_path: Path) -> None:
    root, before = logging.getLogger(), [*logging.getLogger().handlers]
    try:
        lines = LastLines(tmp_path, "bridge")
        begin("info", lines)
        logging.getLogger("appliance.core.call").warning("brain lost")
        lines.flush()
        assert [each.said for each in last_lines.read(tmp_path, "bridge")] == ["brain lost"]
    finally:
        root.handlers[:] = before
        root.setLevel(logging.WARNING)
