"""`attendant eval phrases`: a set of sentences held against what the box finds."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Typed

SET = (
    '{"text": "My chest hurts", "label": "emergency", "from": "nurse"}\n'
    "\n"
    '{"text": "una persona por favor", "label": "person"}\n'
    '{"text": "when are you open", "label": "not"}\n'
)


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    file = tmp_path / "set.jsonl"
    file.write_text(SET)
    return file


def test_a_set_is_scored_as_one_object(typed: Typed, sentences: Path) -> None:
    result = typed("eval", "phrases", str(sentences), "--lang", "en", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {"total": 3, "recall": 1.0, "false_alarms": 0.0, "wrong": []}


def test_wrong_lines_come_back_as_given_with_what_was_found(typed: Typed, sentences: Path) -> None:
    sentences.write_text(
        SET.replace('"emergency", "from"', '"not", "from"')
        + '{"text": "operator", "label": "emergency"}\n{"text": "my foot", "label": "person"}\n'
    )
    score = json.loads(typed("eval", "phrases", str(sentences), "--json").output)
    assert score["total"] == 5
    assert score["recall"] == pytest.approx(1 / 3)
    assert score["false_alarms"] == 0.5
    assert score["wrong"] == [
        {
            "text": "My chest hurts",
            "label": "not",
            "from": "nurse",
            "found": "emergency",
            "topic": "chest_pain",
        },
        {"text": "operator", "label": "emergency", "found": "person", "topic": "anyone"},
        {"text": "my foot", "label": "person", "found": "not", "topic": None},
    ]


def test_a_person_reads_a_table(typed: Typed, sentences: Path) -> None:
    sentences.write_text(SET + '{"text": "I want the operator", "label": "not"}\n')
    result = typed("eval", "phrases", str(sentences), "--lang", "en")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "language  sentences  recall  false alarms  wrong",
        "en        4          100.0%  50.0%         1",
        "",
        "labelled  found   text",
        "not       person  I want the operator",
    ]


def test_a_set_of_one_kind_has_no_share_of_nothing(typed: Typed, sentences: Path) -> None:
    sentences.write_text("")
    score = json.loads(typed("eval", "phrases", str(sentences), "--json").output)
    assert score == {"total": 0, "recall": 1.0, "false_alarms": 0.0, "wrong": []}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("my chest hurts", "is not JSON."),
        ("[1]", "is not an object with text and label."),
        ('{"label": "not"}', "has no text."),
        ('{"text": 7, "label": "not"}', "has no text."),
        ('{"text": "hi", "label": "urgent"}', "has none of the labels emergency, person, not."),
        ('{"text": "hi", "label": ["not"]}', "has none of the labels emergency, person, not."),
    ],
)
def test_a_line_that_cannot_be_used_is_named(typed: Typed, sentences: Path, line: str, problem: str) -> None:
    sentences.write_text(SET + line + "\n")
    result = typed("eval", "phrases", str(sentences))
    assert result.exit_code == 1
    assert result.output == f"Line 5 of {sentences} {problem}\n"


def test_a_file_that_is_no_text_is_refused(typed: Typed, sentences: Path) -> None:
    sentences.write_bytes(b"\xff\xfe\x00")
    result = typed("eval", "phrases", str(sentences))
    assert result.exit_code == 1
    assert result.output == f"{sentences} is not text in UTF-8.\n"


def test_a_file_that_is_missing_is_said_so(typed: Typed, tmp_path: Path) -> None:
    assert typed("eval", "phrases", str(tmp_path / "none.jsonl")).exit_code == 2
