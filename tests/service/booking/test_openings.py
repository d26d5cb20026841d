"""What is free when there are many calendars, and what is said of those that do not answer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.booking.desk import NotBooked, Why
from appliance.core.calendar import Appointment, Span
from tests.service.booking.clinic import TUESDAY_AT_TWO, Clinic, clinic

TUESDAYS, MONDAYS = ({day: [["08:00", "17:00"]]} for day in ("tuesday", "monday"))
FREE = 18


def crowd() -> dict[str, Any]:
    """Twenty rooms, of which only the nineteenth has Tuesdays."""
    rooms = [
        {
            "slug": f"room-{number}",
            "name": f"Room {number}",
            "hours": TUESDAYS if number == FREE else MONDAYS,
        }
        for number in range(20)
    ]
    return {"provider": rooms, "visit": [{"slug": "check-up", "name": "Check-up"}]}


async def test_the_one_free_calendar_among_twenty_is_found(tmp_path: Path) -> None:
    async with clinic(tmp_path, crowd()) as office:
        offers = await office.caller().wants("Tuesday 2pm")
        assert offers.said == "Tuesday, December 1st at 2 p.m. with Room 18 is free."


TWO: dict[str, Any] = {
    "provider": [
        {"slug": "lee", "name": "Dr. Lee"},
        {"slug": "ruiz", "name": "Dr. Ruiz", "calendar": "google:ruiz@clinic.example"},
    ],
    "visit": [{"slug": "check-up", "name": "Check-up"}],
}


def occupied(office: Clinic, days: int) -> None:
    """Dr. Lee has no time from Tuesday at two on."""
    span = Span(TUESDAY_AT_TWO, TUESDAY_AT_TWO + timedelta(days=days))
    OwnCalendar(office.path).keep("lee", Appointment("staff", "Away", "", span, "America/New_York"))


@pytest.mark.parametrize(
    ("language", "when", "said"),
    [
        (
            "en",
            "Tuesday 2pm",
            "I cannot look into every calendar right now, so I do not know about that time.",
        ),
        ("es", "el martes a las dos de la tarde", "En este momento no puedo ver todos los calendarios"),
    ],
)
async def test_a_calendar_that_does_not_answer_is_not_told_as_busy(
    tmp_path: Path, language: str, when: str, said: str
) -> None:
    async with clinic(tmp_path, TWO) as office:
        occupied(office, 1)
        offers = await office.caller().wants(when, language=language)
        assert not offers.exact
        assert offers.said.startswith(said)
        assert offers.offers


@pytest.mark.parametrize(
    ("language", "when", "full", "unknown"),
    [
        (
            "en",
            "Wednesday please",
            "Nothing is free on that day. I have: Friday, December 4th",
            "I cannot look into every calendar right now, so I do not know about that day.",
        ),
        (
            "es",
            "el miércoles por favor",
            "Ese día no hay nada libre. Tengo: el viernes 4",
            "En este momento no puedo ver todos los calendarios y no sé si hay algo libre ese día.",
        ),
    ],
)
async def test_a_day_that_is_full_is_said_to_be_so(
    tmp_path: Path, language: str, when: str, full: str, unknown: str
) -> None:
    alone = {**TWO, "provider": TWO["provider"][:1]}
    for bookable, said in ((alone, full), (TWO, unknown)):
        folder = tmp_path / str(len(bookable["provider"]))
        folder.mkdir()
        async with clinic(folder, bookable) as office:
            occupied(office, 3)
            offers = await office.caller().wants(when, language=language)
            assert offers.said.startswith(said)
            assert "not free" not in (await office.caller("CA2").wants("Friday", language="en")).said


async def test_nothing_free_is_not_said_of_a_calendar_that_does_not_answer(tmp_path: Path) -> None:
    async with clinic(tmp_path, TWO) as office:
        occupied(office, 80)
        with pytest.raises(NotBooked) as caught:
            await office.caller().wants("Wednesday 2pm")
        assert caught.value.why == Why.NO_CALENDAR
        assert "request_appointment" in str(caught.value)
