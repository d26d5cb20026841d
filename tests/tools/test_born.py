"""Days of birth as callers say them, against what a model writes."""

import pytest

from appliance.core.story import Speaker, Turn
from appliance.tools.born import born_said


def said(*texts: str, speaker: Speaker = Speaker.CALLER) -> list[Turn]:
    return [Turn(f"t{place}", speaker, text) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    "text",
    [
        "March 9th, 1980",
        "I was born on the ninth of March nineteen eighty",
        "march nine eighty",
        "it's 3/9/1980",
        "03-09-80",
        "three nine nineteen eighty",
        "9 de marzo de 1980",
        "nueve de marzo de mil novecientos ochenta",
        "my number is 555 0100 and I was born March 9 1980",
    ],
)
def test_a_day_that_was_said(text: str) -> None:
    assert born_said("1980-03-09", said(text))
    assert not born_said("1980-09-13", said(text))
    assert not born_said("1901-03-09", said(text))
    assert not born_said("1980-03-19", said(text))


def test_days_with_two_words_and_young_people() -> None:
    assert born_said("2005-12-21", said("december twenty first two thousand five"))
    assert born_said("2005-12-20", said("December twentieth, two thousand five"))
    assert born_said("1980-01-01", said("primero de enero de 1980"))


def test_it_may_come_in_pieces_and_by_keys() -> None:
    assert born_said("1980-03-09", said("March ninth", "nineteen eighty"))
    assert born_said("1980-03-09", said("03091980", speaker=Speaker.KEYPAD))


def test_nobody_else_says_it() -> None:
    assert not born_said("1980-03-09", said("March 9th 1980", speaker=Speaker.ATTENDANT))
    assert not born_said("1980-03-09", said("I do not say that"))
    assert not born_said("1980-02-30", said("February 30 1980"))
    assert not born_said("", said("March 9th 1980"))
