"""The days and times that a text names, each for itself."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from appliance.core.when import Mention, languages_of, mentions, starts

NOW = datetime(2026, 11, 26, 9, tzinfo=ZoneInfo("America/New_York"))
"""A Thursday."""


def at(day: int, hour: int, month: int = 12) -> datetime:
    return NOW.replace(month=month, day=day, hour=hour)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Tuesday at one; or Tuesday at three; or Wednesday at ten.", [at(1, 13), at(1, 15), at(2, 10)]),
        ("at two on Tuesday or at three on Wednesday", [at(1, 14), at(2, 15)]),
        ("On Tuesday there is one o'clock and two o'clock.", [at(1, 13), at(1, 14)]),
        ("The day after tomorrow at two is free.", [at(28, 14, 11)]),
        ("Pasado mañana a las dos está libre.", [at(28, 14, 11)]),
        ("el martes a la una; o el miércoles a las diez de la mañana", [at(1, 13), at(2, 10)]),
        ("2026-12-01T14:00", [at(1, 14)]),
        # It may be tomorrow, or in a week.
        ("next Friday at two", []),
        ("Monday at six thirty", []),
        ("Tuesday", []),
        ("two o'clock", []),
    ],
)
def test_the_starts_that_a_text_names(text: str, named: list[datetime]) -> None:
    assert [*starts(text, NOW)] == named


def test_days_and_times_alone_and_what_is_not_clear() -> None:
    assert mentions("Tuesday or Wednesday", NOW) == (Mention(date(2026, 12, 1)), Mention(date(2026, 12, 2)))
    assert mentions("at two", NOW) == (Mention(at=time(14)),)
    assert mentions("on March 9th, 1980", NOW) == (Mention(date(1980, 3, 9)),)
    assert [each.unclear for each in mentions("next Friday", NOW)] == ["next wd4"]
    assert mentions("my number is 415 555 0100, in two hours", NOW) == ()


def test_a_text_is_read_in_its_own_language() -> None:
    assert languages_of("The day after tomorrow at two is free.") == ["en"]
    assert languages_of("Mañana a las diez") == ["es"]
