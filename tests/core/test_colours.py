"""The colour of a visit as a service has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.calendars.google.calendar import COLOURS
from appliance.calendars.graph.events import CATEGORIES
from appliance.core.colours import nearest

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize("among", [COLOURS, CATEGORIES], ids=["google", "microsoft"])
def test_each_colour_of_a_service_is_itself(among: dict[str, str]) -> None:
    assert {name: nearest(colour, among) for name, colour in among.items()} == {name: name for name in among}
    assert nearest("", among) == ""


@pytest.mark.parametrize(
    ("wanted", "google", "category"),
    [
        ("#ff0000", "11", "Red category"),
        ("#0b8043", "10", "Green category"),
        ("#3f51b5", "9", "Blue category"),
        ("#ffff00", "5", "Yellow category"),
        ("#8e24aa", "9", "Purple category"),
    ],
)
def test_common_ones(wanted: str, google: str, category: str) -> None:
    assert (nearest(wanted, COLOURS), nearest(wanted, CATEGORIES)) == (google, category)


@given(colours)
def test_no_other_is_nearer(wanted: str) -> None:
    def apart(name: str) -> float:
        pairs = zip(bytes.fromhex(wanted[1:]), bytes.fromhex(COLOURS[name][1:]), strict=True)
        return sum((one - other) ** 2 for one, other in pairs)

    assert apart(nearest(wanted, COLOURS)) == min(map(apart, COLOURS))
