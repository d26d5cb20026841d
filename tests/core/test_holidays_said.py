"""Holidays by their names: whatever we call them is understood, in every language, as their days."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.core.holidays import Holidays, names
from appliance.core.when import Doubt, Unclear, resolve, resolve_days
from appliance.languages.holidays import called

NEW_YORK = ZoneInfo("America/New_York")
NOVEMBER = datetime(2026, 11, 23, 10, 15, tzinfo=NEW_YORK)
OF_MEXICO = {"Constitution Day", "Benito Juárez's birthday", "Revolution Day"}
"""Known by their names where the clinic is in Mexico."""


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_name_that_we_say_is_understood_in_every_language(language: str) -> None:
    said = [way for name, ways in called().items() if name not in OF_MEXICO for way in ways]
    assert len(said) > 40
    for way in said:
        assert len(resolve_days(way, NOVEMBER, language)) == 1, way


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("country", ["US", "MX"])
def test_at_the_clinics_place_it_is_the_day_on_which_it_is_there(country: str, language: str) -> None:
    known = names(country)
    coming = Holidays(country=country, kept=known).coming(NOVEMBER.date())
    assert coming.keys() <= set(known)  # some do not come every year
    for name, days in coming.items():
        for way in called().get(name, (name,)):
            assert resolve_days(way, NOVEMBER, language, holidays=coming) == tuple(days), way


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("¿abren el Día del Trabajo?", "es", "2027-09-06"),
        ("¿y el Labor Day?", "es", "2027-09-06"),
        ("el día después de Acción de Gracias", "es", "2026-11-27"),
        ("el Día de Martin Luther King", "es", "2027-01-18"),
        ("el día después de Memorial Day", "es", "2027-06-01"),
        ("el cuatro de julio", "es", "2027-07-04"),
        ("la víspera de Navidad", "es", "2026-12-24"),
        ("Black Friday", "en", "2026-11-27"),
        ("the day after Thanksgiving", "en", "2026-11-27"),
        ("Nochebuena", "en", "2026-12-24"),
        ("Washington's Birthday", "en", "2027-02-15"),
        ("the Fourth of July", "en", "2027-07-04"),
        ("Memorial Day", "en", "2027-05-31"),
        ("the Tuesday after Labor Day", "en", "2027-09-07"),
        ("Veterans Day", "en", "2027-11-11"),
        ("Good Friday", "en", "2027-03-26"),
    ],
)
def test_a_holiday_that_is_asked_about_is_the_next_one(text: str, language: str, day: str) -> None:
    kept = Holidays(kept=("Labor Day", "Memorial Day")).coming(NOVEMBER.date())
    for holidays in ({}, kept):
        assert resolve_days(text, NOVEMBER, language, holidays=holidays) == (date.fromisoformat(day),)


def test_a_holiday_on_a_weekend_is_the_day_off_in_its_stead_as_well() -> None:
    summer = NOVEMBER.replace(month=6)
    coming = Holidays(kept=("Independence Day",)).coming(summer.date())
    both = (date(2026, 7, 3), date(2026, 7, 4))
    assert resolve_days("Independence Day", summer, "en", holidays=coming) == both
    assert resolve_days("el Día de la Independencia", summer, "es", holidays=coming) == both


def test_a_longer_name_is_not_taken_for_a_shorter_one() -> None:
    coming = Holidays(kept=("Christmas Day",)).coming(NOVEMBER.date())
    assert resolve_days("Christmas Eve", NOVEMBER, "en", holidays=coming) == (date(2026, 12, 24),)
    assert resolve_days("la víspera de Navidad", NOVEMBER, "es", holidays=coming) == (date(2026, 12, 24),)


def test_where_none_is_kept_nobody_waits_for_the_library() -> None:
    assert Holidays().coming(NOVEMBER.date()) == {}


def test_nobody_comes_on_a_day_that_is_over() -> None:
    assert resolve("the Fourth of July at two", NOVEMBER, "en").doubt is Doubt.PAST
    with pytest.raises(Unclear):
        resolve_days("July 4th 2026", NOVEMBER, "en")
