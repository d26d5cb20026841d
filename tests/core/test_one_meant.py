"""Which of several appointments a caller means."""

import pytest

from appliance.core.booking.choosing import one_meant

ENGLISH = (
    "Tuesday, December 1st at 2 p.m.",
    "Wednesday, December 2nd at 10 a.m.",
    "Friday, December 11th at 2 p.m.",
)
SPANISH = (
    "el martes primero de diciembre a las 2 de la tarde",
    "el lunes 21 de diciembre a las 10 de la mañana",
)


@pytest.mark.parametrize(
    ("choices", "words", "place"),
    [
        (ENGLISH, "the one on Wednesday", 1),
        (ENGLISH, "the second one", 1),
        (ENGLISH, "ten o'clock", 1),
        (ENGLISH, "December eleventh", 2),
        (ENGLISH, "the third", 2),
        (ENGLISH, "Friday at two", 2),
        (SPANISH, "la del lunes", 1),
        (SPANISH, "la segunda", 1),
        (SPANISH, "el veintiuno", 1),
        (SPANISH, "la primera", 0),
    ],
)
def test_by_its_words_or_its_number(choices: tuple[str, ...], words: str, place: int) -> None:
    assert one_meant(choices, words) == place


@pytest.mark.parametrize("words", ["", "at two", "Tuesday or Friday", "the ninth one", "December", "both"])
def test_what_fits_several_or_none_is_asked(words: str) -> None:
    assert one_meant(ENGLISH, words) is None


def test_of_none_there_is_none() -> None:
    assert one_meant((), "the first") is None
