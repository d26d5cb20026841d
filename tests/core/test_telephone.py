"""Telephone numbers: as they are dialled, and as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import telephone


@pytest.mark.parametrize(
    ("text", "within", "number"),
    [
        ("4155550100", "US", "+14155550100"),
        ("1 415 555 0100", "US", "+14155550100"),
        ("(415) 555-0100", "US", "+14155550100"),
        ("+44 20 7183 8750", "US", "+442071838750"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("5550100", "US", ""),
        ("911", "US", ""),
        ("", "US", ""),
        ("the usual one", "US", ""),
        ("415555010012345", "US", ""),
    ],
)
def test_a_whole_number_is_known(text: str, within: str, number: str) -> None:
    assert telephone.e164(text, within) == number


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+14155550100", "(415) 555-0100"),
        ("+442071838750", "+44 20 7183 8750"),
        ("5550100", "5550100"),
        ("101", "101"),
        ("+", "+"),
    ],
)
def test_a_number_is_written_as_people_write_it(number: str, written: str) -> None:
    assert telephone.shown(number) == written


@pytest.mark.parametrize(
    ("numbers", "region"),
    [
        (("+14155550100",), "US"),
        (("", "100", "+525512345678", "+14155550100"), "MX"),
        (("anonymous", ""), "US"),
        ((), "US"),
        (("+999123456",), "US"),
    ],
)
def test_the_clinics_own_numbers_tell_its_country(numbers: tuple[str, ...], region: str) -> None:
    assert telephone.region(numbers) == region


@given(st.text(max_size=40))
def test_any_text_is_taken(text: str) -> None:
    assert telephone.shown(text) is not None
    assert telephone.e164(text) == "" or telephone.e164(telephone.e164(text)) == telephone.e164(text)
    assert telephone.within_text(text) is not None


@pytest.mark.parametrize(
    ("number", "also", "takes"),
    [
        ("+14155550102", (), True),
        ("+17875550123", (), True),  # Puerto Rico
        ("+19005550123", (), False),  # premium
        ("+18005550123", (), False),  # toll-free
        ("+18765550123", (), False),  # Jamaica, which begins as home does
        ("+881612345678", (), False),  # a satellite phone
        ("+525512345678", (), False),
        ("+525512345678", ("MX",), True),
        ("+15550100002", (), False),  # nobody's
        ("4155550102", (), False),
        ("", (), False),
        ("+", (), False),
        ("anonymous", (), False),
    ],
)
def test_texts_go_to_mobile_telephones_at_home(number: str, also: tuple[str, ...], takes: bool) -> None:
    assert telephone.takes_texts(number, "US", also) == takes


def test_a_fixed_line_takes_no_texts_where_numbers_tell() -> None:
    assert telephone.takes_texts("+34612345678", "ES")
    assert not telephone.takes_texts("+34912345678", "ES")
