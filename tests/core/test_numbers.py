"""Numbers as they are spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.numbers import digits, words_beside

UNITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
}
OTHERS = (
    "hundred",
    "thousand",
    "double",
    "twenty",
    "and",
    "o",
    "to",
    "mil",
    "cien",
    "ciento",
    "treinta",
    "y",
    "٣",
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("five five five oh one two three", "5550123"),
        ("double four", "44"),
        ("triple oh seven", "0007"),
        ("my number is four one five, 555-0123", "4155550123"),
        ("+1 (415) 555-0123", "14155550123"),
        ("four fifteen five fifty five twelve", "41555512"),
        ("one eight hundred five five five two thousand", "18005552000"),
        ("eight hundred and five", "805"),
        ("one hundred twenty three", "123"),
        ("nine zero zero one thousand", "9001000"),
        ("two thousand five", "2005"),
        ("thirty-four", "34"),
        ("twenty oh five", "2005"),
        ("area code two one two uh triple five then nine o nine", "212555909"),
        ("six for to nine", "6429"),
        ("I have two kids, my number is five five five one two", "55512"),
        ("treinta y cuatro", "34"),
        ("cinco cincuenta y cinco doce", "55512"),
        ("es el seis seis siete, ocho cuarenta y uno", "667841"),
        ("doble cero siete", "007"),
        ("veintiuno cuatrocientos quince ciento dos", "21415102"),
        ("dieciséis", "16"),
        ("diez y seis", "16"),
        ("quinientos cinco cinco", "50055"),
        ("quinientos cincuenta y cinco", "555"),
        ("dos mil veinte", "2020"),
        ("mil dos", "1002"),
        ("cien", "100"),
    ],
)
def test_spoken_numbers_become_digits(said: str, expected: str) -> None:
    assert digits(said) == expected


@pytest.mark.parametrize("said", ["", "hello", "and", "double", "hundred", "double hundred", "for", "o", "y"])
def test_no_number_gives_none(said: str) -> None:
    assert digits(said) is None


def test_a_word_of_both_languages_needs_the_language() -> None:
    assert digits("once") is None
    assert digits("once", "es") == "11"


@given(st.sampled_from(["en", "es"]), st.text(alphabet="0123456789", min_size=1, max_size=15))
def test_digits_spoken_one_by_one_come_back(language: str, number: str) -> None:
    spoken = " ".join(UNITS[language][int(digit)] for digit in number)
    assert digits(spoken, language) == number


@given(st.text(max_size=200) | st.lists(st.sampled_from([*UNITS["en"], *UNITS["es"], *OTHERS])).map(" ".join))
def test_any_text_gives_digits_or_none(said: str) -> None:
    found = digits(said)
    assert found is None or (found.isascii() and found.isdecimal())


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("", 0),
        ("five five five, one two three", 0),
        ("My number is 312-555-0142", 1),
        ("mi número es el doble cuatro, cincuenta y cinco", 1),
        ("please call me about my refill", 6),
    ],
)
def test_words_that_belong_to_no_number_are_counted(text: str, beside: int) -> None:
    assert words_beside(text) == beside
