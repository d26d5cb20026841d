"""A time that is told piece by piece: the last words count, with what they leave open from those before."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking.piecemeal import pieced
from appliance.core.booking.wanted import Wanted, wanted
from appliance.core.when import Doubt

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE)
"""A Thursday."""
TUESDAY, WEDNESDAY = date(2026, 12, 1), date(2026, 12, 2)


def at(day: int, hour: int) -> Wanted:
    return Wanted(datetime(2026, 12, day, hour, tzinfo=ZONE))


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        # The half of the day, the day, the time, the date that was asked for.
        (["I need an appointment Tuesday at six", "in the evening"], at(1, 18)),
        (["I need an appointment at two", "on Tuesday"], at(1, 14)),
        (["I need an appointment", "Tuesday", "at two"], at(1, 14)),
        (["I need an appointment", "Tuesday", "two"], at(1, 14)),
        (["next Friday at two", "the fourth"], at(4, 14)),
        (["next Friday", "at two", "the fourth"], at(4, 14)),
        (["next Friday at two", "Friday the fourth"], at(4, 14)),
        (["Tuesday or Wednesday at two please", "Tuesday"], at(1, 14)),
        (["Tuesday", "at six", "in the evening"], at(1, 18)),
        # Another time of that day, another day for that time.
        (["Tuesday at two", "at three instead"], at(1, 15)),
        (["Tuesday at two", "no, at three"], at(1, 15)),
        (["Tuesday at two", "or rather Wednesday"], at(2, 14)),
        (["Tuesday at two", "Wednesday at ten"], at(2, 10)),
        (["Tuesday at two", "Wednesday at ten", "at eleven"], at(2, 11)),
        (["Tuesday at two", "in the morning"], Wanted(day=TUESDAY, part="morning")),
        (["at two", "Tuesday in the morning"], Wanted(day=TUESDAY, part="morning")),
        (["Tuesday at two", "Wednesday morning"], Wanted(day=WEDNESDAY, part="morning")),
        (["Tuesday", "in the afternoon"], Wanted(day=TUESDAY, part="afternoon")),
        (["Tuesday", "something later", "the afternoon"], Wanted(day=TUESDAY, part="afternoon")),
        (["Tuesday at two", "as soon as possible"], Wanted()),
        # What is open still is asked, by what is open.
        (["an appointment", "at two"], Wanted(doubt=Doubt.NO_DAY)),
        (["at two", "at three"], Wanted(doubt=Doubt.NO_DAY)),
        (["Tuesday", "at six"], Wanted(doubt=Doubt.WHICH_HALF)),
        (["Tuesday", "six"], Wanted(doubt=Doubt.WHICH_HALF)),
        (["Tuesday", "I do not know"], Wanted(doubt=Doubt.NO_TIME)),
        (["Tuesday at two", "what was that again"], Wanted(doubt=Doubt.NO_TIME)),
        (["next Friday", "at two"], Wanted(doubt=Doubt.WHICH_DAY)),
        (["Tuesday or Wednesday", "at two"], Wanted(doubt=Doubt.SEVERAL)),
        (["Tuesday", "around two"], Wanted(doubt=Doubt.VAGUE)),
        (["Tuesday", "at two or three"], Wanted(doubt=Doubt.SEVERAL)),
    ],
)
def test_what_is_left_open_is_taken_from_what_was_said_before(pieces: list[str], found: Wanted) -> None:
    assert pieced(pieces[-1], pieces[:-1], NOW, "en") == found


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        (["quiero una cita el martes a las seis", "de la tarde"], at(1, 18)),
        (["quiero una cita el martes a las seis", "en la tarde"], at(1, 18)),
        (["quiero una cita a las dos", "el martes"], at(1, 14)),
        (["quiero una cita", "el martes", "a las dos"], at(1, 14)),
        (["el próximo viernes a las dos", "el cuatro"], at(4, 14)),
        (["el martes o el miércoles a las dos", "el martes"], at(1, 14)),
        (["el martes a las dos", "mejor a las tres"], at(1, 15)),
        (["el martes a las dos", "mejor el miércoles"], at(2, 14)),
        (["el martes a las dos", "por la mañana"], Wanted(day=TUESDAY, part="morning")),
        (["el martes", "a las seis"], Wanted(doubt=Doubt.WHICH_HALF)),
        (["el martes", "no sé"], Wanted(doubt=Doubt.NO_TIME)),
        (["el próximo viernes", "a las dos"], Wanted(doubt=Doubt.WHICH_DAY)),
        (["una cita", "a las dos"], Wanted(doubt=Doubt.NO_DAY)),
    ],
)
def test_in_spanish_as_well(pieces: list[str], found: Wanted) -> None:
    assert pieced(pieces[-1], pieces[:-1], NOW, "es") == found


SAID = st.sampled_from(
    [
        *(
            "Tuesday",
            "next Friday",
            "the fourth",
            "not Tuesday",
            "or Wednesday",
            "yesterday",
            "the day before",
        ),
        *("at two", "at six", "two", "around three", "in the evening", "Tuesday at two"),
        *("no", "the second one", "as soon as possible"),
    ]
)


@given(SAID, st.lists(SAID, max_size=3))
def test_no_start_is_found_that_nobody_said(words: str, earlier: list[str]) -> None:
    found = pieced(words, earlier, NOW, "en")
    alone = wanted(words, NOW, "en")
    if alone.start is not None:
        assert found == alone
    if found.start is not None:
        assert found.start > NOW
        assert alone.day in (None, found.start.date())
        assert found.start.hour in (14, 18)
