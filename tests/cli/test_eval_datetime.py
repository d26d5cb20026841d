"""`attendant eval datetime`: what it prints, and what it says of files that it cannot measure."""

import re
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from appliance.cli.main import main

NOW = '"now": "2026-03-02T10:15:00", "tz": "America/New_York"'
LINES = (
    f'{{{NOW}, "text": "tomorrow at three", "start": "2026-03-03T15:00:00-05:00"}}',
    f'{{{NOW}, "text": "tomorrow at four", "start": "2026-03-03T16:00:00"}}',
    f'{{{NOW}, "text": "tomorrow at six", "start": null}}',
    f'{{{NOW}, "text": "Friday at nine", "start": null}}',
    f'{{{NOW}, "text": "Friday at nine", "start": "2026-03-06T10:00:00"}}',
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(LINES) + "\n\n")
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["eval", "datetime", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_one_object_tells_what_is_right_and_what_was_guessed(file: Path) -> None:
    report = orjson.loads(run(str(file), "--lang", "en", "--json"))
    assert (report["total"], report["right"], report["guessed"]) == (5, 3, 1)
    guessed, wrong = report["wrong"]
    assert (guessed["start"], guessed["found"]) == (None, "2026-03-06T09:00:00-05:00")
    assert (wrong["text"], wrong["found"]) == ("Friday at nine", "2026-03-06T09:00:00-05:00")


def test_the_table_tells_what_was_meant_and_what_was_found(file: Path) -> None:
    printed = run(str(file))
    assert "60.0%" in printed
    assert "Fri 2026-03-06 10:00" in printed
    assert "ask" in printed


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "Line 1 of .* is not a JSON object"),
        ('{"now": "2026-03-02T10:15:00", "tz": "Mars", "text": "", "start": null}', "tz: .*is no time zone"),
        (f'{{{NOW}, "text": "tomorrow"}}', "start: Field required"),
        ("", "has no line to measure"),
    ],
)
def test_what_cannot_be_measured_is_told(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(line)
    result = CliRunner().invoke(main, ["eval", "datetime", str(path)])
    assert result.exit_code == 1
    assert re.search(told, result.output)
