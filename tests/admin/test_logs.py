"""The last lines of the programs, as whoever looks after the box sees them."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.system import logs
from appliance.core import last_lines
from appliance.core.last_lines import KEPT, LastLines, Line
from appliance.core.settings import Settings
from tests.admin import rows
from tests.admin.test_calls import text_of


@pytest.fixture
def data(settings: Settings) -> Path:
    """The data folder, in which two programs have logged."""
    folder = settings.box.data_dir
    for part, lines in (
        (
            "bridge",
            (("info", "a call began", 9), ("warning", "calendar failed", 6), ("error", rows.HOSTILE, 3)),
        ),
        ("worker", (("debug", "looked", 8), ("info", "a job ended", 5))),
    ):
        kept = LastLines(folder, part)
        for level, said, minutes in lines:
            kept.add(Line(rows.at(minutes), level, f"appliance.{part}", said, "code x1"))
        kept.flush()
    return folder


def told(browser: FlaskClient, query: str = "") -> list[str]:
    page = browser.get(f"/system/logs{query}").text
    return [text_of(f"<main>{part}") for part in page.split('<li class="panel">')[1:]]


def test_the_newest_line_stands_first(browser: FlaskClient, data: Path) -> None:
    first, second, third, fourth = told(browser)
    assert first.startswith("2026-11-24 11:27:00 AM · bridge · appliance.bridge error <script>")
    assert "code x1" in first
    assert ("a job ended" in second, "calendar failed" in third, "a call began" in fourth) == (
        True,
        True,
        True,
    )
    assert "<script>alert" not in browser.get("/system/logs").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?program=worker", 1),
        ("?program=worker&level=debug", 2),
        ("?level=warning", 2),
        ("?level=error", 1),
        ("?words=CALENDAR", 1),
        ("?program=admin", 0),
        ("?words=nothing+of+it", 0),
    ],
)
def test_lines_are_chosen(browser: FlaskClient, data: Path, query: str, found: int) -> None:
    assert len(told(browser, query)) == found
    assert ("No such lines" in browser.get(f"/system/logs{query}").text) is (found == 0)


@pytest.mark.parametrize("query", ["?program=../secrets", "?level=all"])
def test_an_address_that_is_none_is_not_found(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/system/logs{query}").status_code == 404


def test_a_page_holds_as_much_as_there_is_room_for(browser: FlaskClient, data: Path) -> None:
    kept = LastLines(data, "admin")
    for _ in range(KEPT):
        kept.add(Line(rows.at(1), "info", "admin", "x" * 600, "y" * 600))
    kept.flush()
    page = browser.get("/system/logs")
    assert "There are more lines than fit here" in page.text
    assert page.text.count("x" * 600) > 5
    assert len(page.data) < 45_000


def test_what_lies_there_and_is_no_line_is_passed_over(browser: FlaskClient, data: Path) -> None:
    held = b'{"at": "no", "level": "info", "logger": "", "said": "", "more": ""}\n\xff\nnull\n[1]\n{"at":'
    (data / last_lines.FOLDER / "admin.jsonl").write_bytes(held)
    assert last_lines.read(data, "admin") == []
    assert len(told(browser)) == 4


def test_every_program_that_keeps_lines_can_be_chosen(app: Flask) -> None:
    assert tuple(logs.PROGRAMS) == last_lines.PARTS
