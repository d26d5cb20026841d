"""Plain words for what is in the call log."""

from datetime import date, datetime

import pytest

from admin.words import words
from appliance.core.staff import Office


@pytest.mark.parametrize(
    ("e164", "said"),
    [
        ("+12125550188", "(212) 555-0188"),
        ("+442071838750", "+44 20 7183 8750"),
        ("+11234567890", "+11234567890"),
        ("", "Number withheld"),
        ("anonymous", "anonymous"),
    ],
)
def test_numbers(e164: str, said: str) -> None:
    assert words.number(e164) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (-3, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (125, "2 min 5 s"), (3599.9, "1 h 0 min"),
        (3720, "1 h 2 min"),
    ],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("usd", "said"), [(0, "$0.00"), (0.0004, "$0.000"), (0.0123, "$0.012"), (0.5, "$0.500"), (2.345, "$2.35")]
)
def test_money(usd: float, said: str) -> None:
    assert words.money(usd) == said


@pytest.mark.parametrize(("ms", "said"), [(0, "0 ms"), (99, "99 ms"), (100, "0.1 s"), (1250, "1.2 s")])
def test_spans(ms: int, said: str) -> None:
    assert words.second(ms) == said


def test_days_and_times() -> None:
    today = date(2026, 3, 1)
    assert words.day(today, today) == "Today, Sunday, March 1, 2026"
    assert words.day(date(2026, 2, 28), today) == "Yesterday, Saturday, February 28, 2026"
    assert words.day(date(2026, 2, 27), today) == "Friday, February 27, 2026"
    assert words.clock(datetime(2026, 3, 1, 0, 5)) == "12:05 AM"
    assert words.clock(datetime(2026, 3, 1, 12, 0, 9), seconds=True) == "12:00:09 PM"


def test_moments_are_those_of_the_office() -> None:
    now = "2026-03-02T03:00:00.000Z"
    assert words.moment("2026-03-02T02:00:00.000Z", Office(), now) == "Today, 9:00 PM"
    assert words.moment("2026-03-01T03:00:00.000Z", Office(), now) == "Yesterday, 10:00 PM"
    assert words.moment("2026-03-02T13:00:00.000Z", Office(), now) == "Tomorrow, 8:00 AM"
    assert words.moment("2025-12-31T12:00:00.000Z", Office(), now) == "Dec 31, 2025, 7:00 AM"


def test_the_way_through_the_menus_names_what_was_chosen() -> None:
    steps = ("main:es", "main:departments", "departments:lab", "main:?", "message:people")
    assert words.menu_way(steps, Office()) == [
        "Main menu: in Spanish",
        "Main menu: Departments",
        "Department menu: lab",
        "Main menu: Not understood",
        "Before a message: Front desk",
    ]
