"""A day of birth, as it is said and keyed in."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking.birthday import keyed, said, told
from appliance.core.story import Speaker, Turn
from appliance.tools.born import born_said

NINTH = date(1980, 3, 9)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "March ninth nineteen eighty"),
        ("en", "the ninth of March, 1980"),
        ("en", "march 9th eighty"),
        ("en", "nineteen eighty march nine"),
        ("en", "3/9/1980"),
        ("en", "three nine nineteen eighty"),
        ("en", "03091980"),
        ("en", "it is the 9th of march 1980 please"),
        ("es", "nueve de marzo de mil novecientos ochenta"),
        ("es", "el 9 de marzo del 80"),
        ("es", "9/3/1980"),
        ("es", "March 9 1980"),
        ("en", "19800309"),
    ],
)
def test_it_is_understood(language: str, words: str) -> None:
    assert told(words, language) == NINTH
    # What is understood is found again in the caller's words by the tools.
    assert born_said("1980-03-09", [Turn("t1", Speaker.CALLER, words)])


@pytest.mark.parametrize(
    "words",
    [
        "",
        "March",
        "March ninth",
        "nineteen eighty",
        "march nineteen eighty",
        "tomorrow at ten",
        "cancel my appointment",
        "my number is five five five zero one zero zero zero two",
        "march nine or april ten nineteen eighty",
        "February thirtieth 1980",
        "1111980",
    ],
)
def test_what_is_none_or_not_clear_is_none(words: str) -> None:
    assert told(words, "en") is None


@pytest.mark.parametrize(
    "digits", ["", "1980039", "19801301", "19800230", "18800309", "03091980", "198003090"]
)
def test_keys_begin_with_the_year(digits: str) -> None:
    assert keyed(digits) is None


def test_figures_stand_in_the_order_of_the_language_where_both_are_days() -> None:
    assert told("4 5 1980", "en") == date(1980, 4, 5)
    assert told("4 5 1980", "es") == date(1980, 5, 4)
    assert told("25 12 1980", "en") == told("12 25 1980", "es") == date(1980, 12, 25)
    assert told("4 5 12", "en") == date(2012, 4, 5)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["en", "es"]))
def test_what_is_read_back_is_understood_as_the_same_day(day: date, language: str) -> None:
    assert keyed(f"{day:%Y%m%d}") == day
    assert told(said(day, language), language) == day
