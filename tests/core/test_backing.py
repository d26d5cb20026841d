"""A time that a model passes on counts where the caller has named it; else what the caller named does."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.core.booking.backing import as_said
from appliance.core.booking.wanted import wanted
from appliance.core.story import Speaker, Turn
from appliance.core.when import Doubt

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE)
"""A Thursday."""
TUESDAY, WEDNESDAY = datetime(2026, 12, 1, 14, tzinfo=ZONE), datetime(2026, 12, 2, 15, tzinfo=ZONE)


def said(*told: str) -> list[Turn]:
    return [
        Turn(f"t{place}", Speaker.ATTENDANT if text[:2] == "A:" else Speaker.CALLER, text.removeprefix("A:"))
        for place, text in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "given"),
    [
        (("Tuesday at two please",), "Tuesday at two"),
        (("Tuesday at two please",), "2026-12-01T14:00"),
        (("Tuesday at two please",), "Tuesday"),
        (("on Tuesday", "A:When then?", "at two, please"), "Tuesday at two"),
        (("A:How about Tuesday at two?", "yes please"), "Tuesday at two"),
        (("el martes a las dos de la tarde",), "2026-12-01T14:00"),
        (("Tuesday at two", "no, what about Wednesday at three"), "Tuesday at two"),
        (("Tuesday or Wednesday",), "Tuesday"),
        (("Tuesday afternoon",), "Tuesday afternoon"),
    ],
)
def test_what_the_caller_has_named_is_taken_as_given(told: tuple[str, ...], given: str) -> None:
    passed = wanted(given, NOW, "en")
    assert as_said(passed, said(*told), NOW) == passed


@pytest.mark.parametrize(
    ("told", "given", "start"),
    [
        (("Tuesday at two please",), "Wednesday at three", TUESDAY),
        (("Tuesday at two please",), "2026-12-08T14:00", TUESDAY),
        (("Tuesday at two", "or rather Wednesday at three"), "Friday at nine", WEDNESDAY),
        (("A:Is Friday at nine all right?", "no, Wednesday at three"), "Friday at nine", WEDNESDAY),
    ],
)
def test_ours_wins_over_what_was_made_up(told: tuple[str, ...], given: str, start: datetime) -> None:
    assert as_said(wanted(given, NOW, "en"), said(*told), NOW).start == start


def test_a_time_that_a_model_adds_to_a_day_is_none() -> None:
    found = as_said(wanted("Tuesday at two", NOW, "en"), said("some time on Tuesday"), NOW)
    assert (found.start, found.day) == (None, date(2026, 12, 1)) or found.doubt is Doubt.VAGUE


@pytest.mark.parametrize(
    ("told", "doubt"),
    [
        ((), Doubt.NO_DAY),
        (("I need an appointment",), Doubt.NO_DAY),
        (("A:How about Tuesday at two?", "what?"), Doubt.NO_DAY),
        (("next Saturday at two",), Doubt.WHICH_DAY),
        (("Monday at six thirty",), Doubt.WHICH_HALF),
    ],
)
def test_what_the_caller_has_not_named_for_sure_is_asked(told: tuple[str, ...], doubt: Doubt) -> None:
    assert as_said(wanted("2026-12-05T18:30", NOW, "en"), said(*told), NOW).doubt is doubt


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ("Tuesday around two", "Tuesday at two"),
        ("Tuesday between two and four", "2026-12-01T14:00"),
        ("I can't do Tuesday at two", "Tuesday at two"),
        ("Tuesday or Wednesday at two", "Tuesday at two"),
        ("Tuesday at two or three", "Tuesday at two"),
        ("el martes como a las dos de la tarde", "2026-12-01T14:00"),
        ("el martes entre las dos y las cuatro", "2026-12-01T14:00"),
        ("el martes a las dos no puedo", "2026-12-01T14:00"),
        ("Tuesday at two doesn't work for me", "2026-12-01T14:00"),
    ],
)
def test_a_vague_wish_that_a_model_hardens_is_asked(told: str, given: str) -> None:
    hardened = wanted(given, NOW, "en")
    assert hardened.start == TUESDAY
    for story in ((told,), ("A:When would you like to come?", f"okay, {told}")):
        assert as_said(hardened, said(*story), NOW).doubt in (Doubt.VAGUE, Doubt.SEVERAL, Doubt.NO_DAY)
    # Said for sure behind it, or agreed to, it is that time.
    for sure in (
        ("Tuesday at two, please",),
        ("A:So, Tuesday at two? We are open from nine to five.", "yes"),
    ):
        assert as_said(hardened, said(told, *sure), NOW) == hardened


@pytest.mark.parametrize(
    "told",
    [
        "Tuesday at two if possible",
        "do you have anything Tuesday at two",
        "I can't on Monday, but Tuesday at two works",
        "Tuesday at two because my frobnicator hurts",
        "my foot doctor, the blorp one, on Tuesday at two",
        "not Monday, Tuesday at two",
        "el martes a las dos de la tarde si se puede",
    ],
)
def test_a_clear_wish_among_other_words_is_none(told: str) -> None:
    given = wanted("2026-12-01T14:00", NOW, "en")
    assert as_said(given, said(told), NOW) == given
