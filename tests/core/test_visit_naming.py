"""Whether a text names this visit or provider, another, or none."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.core.booking.answering import Answer, Told, answer
from appliance.core.booking.naming import naming
from appliance.core.booking.visits import Provider, VisitType
from appliance.core.story import Speaker, Turn

VISITS = [
    VisitType(slug="check-up", name="Check-up", aliases=("revisión",)),
    VisitType(slug="physical", name="Physical"),
    VisitType(slug="sports", name="Sports physical"),
    VisitType(slug="womens", name="Women's health"),
]
DOCTORS = [
    Provider(slug="ana-lee", name="Dr. Ana Lee"),
    Provider(slug="bo-lee", name="Dr. Bo Lee"),
    Provider(slug="ruiz", name="Dr. Ruiz"),
    Provider(slug="room", name="Room 2"),
]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A check-up on Tuesday", "check-up"),
        ("your checkup", "check-up"),
        ("Una revisión", "check-up"),
        ("the physical", "physical"),
        ("a sports physical", "sports"),
        ("Women's health", "womens"),
        ("Tuesday at two is free", ""),
    ],
)
def test_a_visit_is_named(text: str, named: str) -> None:
    found = {each.slug: naming(each, VISITS).said(text) for each in VISITS}
    assert found == {slug: slug == named if named else None for slug in found}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("with Doctor Ruiz", ["ruiz"]),
        ("con la doctora Ana Lee", ["ana-lee"]),
        ("with Dr. Lee", []),
        ("Tuesday at 2", []),
        ("in room 2", ["room"]),
        ("Dr. Ruiz or Dr. Bo Lee", ["bo-lee", "ruiz"]),
    ],
)
def test_a_provider_is_named(text: str, named: list[str]) -> None:
    assert [each.slug for each in DOCTORS if naming(each, DOCTORS).said(text)] == named


ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE)
AT_TWO = datetime(2026, 12, 1, 14, tzinfo=ZONE)
BOTH = DOCTORS[1:3]


def heard(*told: str) -> Sequence[Answer]:
    """What was said to Tuesday at two with one doctor, and with the other: they and the caller take turns."""
    speakers = (Speaker.ATTENDANT, Speaker.CALLER)
    turns = [Turn(f"t{place}", speakers[place % 2], text) for place, text in enumerate(told)]
    offers = [Told(AT_TWO, f"Tuesday at 2 p.m. with {each.name}", (naming(each, BOTH),)) for each in BOTH]
    return [answer(turns, offers, place, NOW) for place in range(2)]


def test_of_two_at_one_time_the_one_is_taken_that_was_named() -> None:
    yes, no, unread = Answer.YES, Answer.OPEN, Answer.UNREAD
    lee, ruiz = "Tuesday at two with Dr. Lee is free.", "Tuesday at two with Dr. Ruiz is free."
    assert heard("Tuesday at two is free.", "yes") == [unread, unread]
    assert heard(lee, "yes") == [yes, unread]
    assert heard(lee, "hm", ruiz, "yes") == [no, yes]
    assert heard(lee, "how long?", "Half an hour. Shall I book Tuesday at two?", "yes") == [yes, unread]
    assert heard(lee, "hm", ruiz, "how long?", "So shall I book Tuesday at two?", "yes") == [no, yes]
    assert heard(f"{lee} {ruiz}", "yes") == [no, no]
    assert heard(f"{lee} {ruiz}", "hm", "So, Tuesday at two?", "yes") == [no, no]
