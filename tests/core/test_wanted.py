"""When a caller would like to come, and which of the free times are offered."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking.choosing import Opening, chosen
from appliance.core.booking.wanted import Wanted, names_time, wanted
from appliance.core.when import Doubt

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE)
TWO = datetime(2026, 12, 1, 14, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        ("", "en", Wanted()),
        ("as soon as possible", "en", Wanted()),
        ("whenever you have something on Tuesday", "en", Wanted(day=date(2026, 12, 1))),
        ("lo antes posible", "es", Wanted()),
        ("Tuesday at two", "en", Wanted(TWO)),
        ("el martes a las dos", "es", Wanted(TWO)),
        ("2026-12-01T14:00", "en", Wanted(TWO)),
        ("2026-12-01T14:00:00Z", "en", Wanted(TWO)),
        ("2026-12-01T14:00+01:00", "en", Wanted(TWO)),
        ("2026-12-01", "en", Wanted(day=date(2026, 12, 1))),
        ("2026-11-25", "en", Wanted(doubt=Doubt.PAST)),
        ("2026-11-26T08:59", "en", Wanted(doubt=Doubt.PAST)),
        ("Tuesday afternoon", "en", Wanted(day=date(2026, 12, 1), part="afternoon")),
        ("mañana por la tarde", "es", Wanted(day=date(2026, 11, 27), part="afternoon")),
        ("next Friday", "en", Wanted(doubt=Doubt.WHICH_DAY)),
        ("some time next week", "en", Wanted(doubt=Doubt.VAGUE)),
        ("an appointment", "en", Wanted(doubt=Doubt.NO_DAY)),
    ],
)
def test_what_is_wanted(words: str, language: str, expected: Wanted) -> None:
    assert wanted(words, NOW, language) == expected


@given(st.text(max_size=80), st.sampled_from(["en", "es"]))
def test_no_words_break_it_and_nothing_past_is_wanted(words: str, language: str) -> None:
    found = wanted(words, NOW, language)
    assert found.start is None or found.start > NOW
    assert found.day is None or found.day >= NOW.date()


starts = st.integers(0, 200).map(lambda quarter: NOW + timedelta(minutes=15 * quarter))
free = st.lists(st.builds(Opening, starts, st.sampled_from(["lee", "ruiz"])), max_size=30)


@given(free, st.none() | starts)
def test_all_that_is_free_is_given_once_the_nearest_first(
    openings: list[Opening], start: datetime | None
) -> None:
    order = chosen(openings, Wanted(start))
    assert {each.start for each in order} == {each.start for each in openings}
    assert len(order) == len({each.start for each in order})
    if start is not None:
        away = [abs(each.start - start) for each in order]
        assert away == sorted(away)
    elif order:
        assert order[0].start == min(each.start for each in openings)


def test_times_that_are_offered_unasked_are_an_hour_apart() -> None:
    openings = [Opening(NOW + timedelta(minutes=15 * quarter), "lee") for quarter in range(20)]
    first = chosen(openings, Wanted())[:3]
    assert [each.start - NOW for each in first] == [timedelta(hours=hour) for hour in range(3)]
    afternoon = chosen(openings, Wanted(part="afternoon"))
    assert afternoon[0].start.hour == 12
    assert chosen(openings, Wanted(part="evening"))[0] == openings[0]
    later = chosen(openings[1:], Wanted(behind=openings[0].start))
    assert [each.start - NOW for each in later[:3]] == [timedelta(hours=hour) for hour in range(1, 4)]
    assert chosen(openings[1:3], Wanted(behind=openings[0].start)) == openings[1:3]


def test_whether_words_name_a_time_at_all() -> None:
    for language, words in (("en", "tomorrow at ten"), ("es", "mañana por la mañana"), ("en", "Friday")):
        assert names_time(words, language)
    for language, words in (
        ("en", "at two"),
        ("en", "at six"),
        ("en", "next Friday"),
        ("es", "por la mañana"),
    ):
        assert names_time(words, language)
    for language, words in (("en", "goodbye"), ("es", "buenas noches"), ("en", "maybe later"), ("en", "")):
        assert not names_time(words, language)
