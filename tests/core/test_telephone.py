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
