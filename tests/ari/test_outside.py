"""Numbers outside as patterns of the dialplan: they fit what staff allow, and never what costs far more."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_bridge.outside import COSTLY, dialled

NUMBERS = st.from_regex(r"\A[1-9][0-9]{6,14}\Z")


def _expression(pattern: str) -> str:
    digits = {"N": "[2-9]", "Z": "[1-9]", "X": "[0-9]", "+": r"\+"}
    return "".join(digits.get(each, each) for each in pattern[1:])


def goes_to(prefixes: list[str], keyed: str, country_code: str = "1") -> str:
    """What Asterisk would dial for these keys; the patterns that fit must all lead to the same number."""
    numbers = {
        f"+{before}{re.sub('[^0-9]', '', keyed)[left_out:]}"
        for pattern, left_out, before in dialled(prefixes, country_code)
        if re.fullmatch(_expression(pattern), keyed)
    }
    assert len(numbers) <= 1
    return next(iter(numbers), "")


@pytest.mark.parametrize(
    "keyed", ["+14155550155", "14155550155", "4155550155", "01114155550155", "0014155550155"]
)
def test_a_number_may_be_dialled_as_people_dial_it(keyed: str) -> None:
    assert goes_to(["+1415"], keyed) == "+14155550155"
    assert goes_to(["+1"], keyed) == "+14155550155"
    assert goes_to(["+1416"], keyed) == ""
    assert goes_to([], keyed) == ""


def test_another_country_dials_its_own_way() -> None:
    for keyed in ("+493012345678", "00493012345678", "03012345678"):
        assert goes_to(["+4930"], keyed, "49") == "+493012345678"
    assert goes_to(["+4930"], "3012345678", "49") == ""
    assert goes_to(["+4930"], "01149301234567", "49") == ""


@pytest.mark.parametrize(
    ("prefixes", "number", "goes"),
    [
        (["+1"], "+19005550155", False),
        (["+19"], "+19005550155", False),
        (["+1", "+1900"], "+19005550155", True),
        (["+1900"], "+19005550155", True),
        (["+1"], "+14159765500", False),
        (["+1415"], "+14159765500", False),
        (["+1415976"], "+14159765500", True),
        (["+1", "+1415976"], "+14159765500", True),
        (["+1", "+1415976"], "+12129765500", False),
        (["+1"], "+18095550155", False),
        (["+1", "+1809555"], "+18095550155", True),
        (["+1", "+1809555"], "+18095560155", False),
        (["+8"], "+8811234567890", False),
        (["+44"], "+449012345678", False),
        (["+44"], "+442012345678", True),
        # A 0 behind the country code, which providers leave out.
        (["+44"], "+4409012345678", False),
        (["+44"], "+4402012345678", False),
        (["+49"], "+490900123456", False),
        (["+4"], "+4409012345678", False),
        (["+4"], "+4402012345678", True),
        (["+39"], "+390612345678", True),
        (["+39"], "+39089212345", True),
        (["+4420"], "+442012345678", True),
        # No area or office of North America begins with 0 or 1: what is dialled so is a way abroad.
        (["+1"], "+10112471234", False),
        (["+1"], "+14151234567", False),
        (["+10"], "+10112471234", False),
        (["+14151"], "+14151234567", False),
        (["+14155550155"], "+14155550155", True),
        (["+14155550155"], "+14155550156", False),
    ],
)
def test_costly_numbers_stay_closed_until_they_are_named(
    prefixes: list[str], number: str, *, goes: bool
) -> None:
    assert goes_to(prefixes, number) == (number if goes else "")


def test_the_way_abroad_leads_nowhere_else() -> None:
    assert goes_to(["+10", "+2"], "0112100000") == "+2100000"


@given(st.lists(st.from_regex(r"\A\+[1-9][0-9]{0,6}\Z"), max_size=4), NUMBERS)
def test_nothing_goes_out_that_begins_otherwise(prefixes: list[str], number: str) -> None:
    for keyed in (f"+{number}", f"00{number}", f"011{number}", number, number[1:], f"0{number}"):
        goes = goes_to(prefixes, keyed)
        assert not goes or any(goes.startswith(prefix) for prefix in prefixes)


def test_no_pattern_stands_twice_and_none_is_open() -> None:
    patterns = [pattern for pattern, *_ in dialled(["+1", "+1415", "+1900", "+44", "+1415"], "1")]
    assert len(patterns) == len(set(patterns))
    for pattern in patterns:
        assert re.fullmatch(r"_\+?(?:[0-9NXZ]|\[[0-9]{2,9}\])+", pattern), pattern


def costs(prefixes: list[str], number: str) -> bool:
    """Whether a number is costly, and staff did not name its kind, or itself, themselves."""
    for each in COSTLY:
        if re.match(each.replace("X", "[0-9]"), number):
            named = [p for p in (prefix[1:] for prefix in prefixes) if number.startswith(p)]
            return not any(len(p) >= len(each) for p in named)
    return False


BEGINNINGS = st.sampled_from([*(each.replace("X", "9") for each in COSTLY), "1", "44", "49", "1415", "8"])


@given(
    st.lists(BEGINNINGS.flatmap(lambda b: st.integers(1, len(b)).map(lambda n: f"+{b[:n]}")), max_size=3),
    st.tuples(BEGINNINGS, st.from_regex(r"\A[0-9]{6,10}\Z")).map("".join),
    st.sampled_from(["1", "44", "49"]),
)
def test_nothing_costly_goes_out_by_any_way(prefixes: list[str], number: str, country_code: str) -> None:
    keys = [f"+{number}", f"00{number}", f"011{number}", number, number[1:], f"0{number}"]
    keys += [f"0{number.removeprefix(country_code)}"]
    for keyed in keys:
        goes = goes_to(prefixes, keyed, country_code)
        assert not goes or not costs(prefixes, goes[1:]), (keyed, goes)


def test_what_is_left_of_a_country_is_all_that_does_not_cost() -> None:
    for number in ("12125550155", "14159755500", "19015550155", "18105550155", "12435550155"):
        assert goes_to(["+1"], f"+{number}") == f"+{number}"
    # A dialplan that a person can still read through.
    assert len([*dialled(["+1"], "1")]) < 1000
    assert len([*dialled(["+1", "+44", "+49", "+52", "+3"], "1")]) < 3000
