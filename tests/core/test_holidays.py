"""The holidays that a clinic keeps: against those that the authorities publish, and by their names."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from appliance.core.holidays import Holidays, names
from tests.core import published


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-11-26", "Thanksgiving Day"),
        ("2027-11-25", "Thanksgiving Day"),
        ("2026-12-25", "Christmas Day"),
        ("2026-11-11", ""),
        ("2026-11-27", ""),
        ("2026-07-04", "Independence Day"),
        # A Saturday's holiday is kept on the Friday before it, at the turn of a year, too.
        ("2026-07-03", "Independence Day"),
        ("2027-12-31", "New Year's Day"),
        ("2028-01-01", "New Year's Day"),
    ],
)
def test_only_the_kept_ones_count(day: str, name: str) -> None:
    kept = ("Thanksgiving Day", "Christmas Day", "Independence Day", "New Year's Day")
    assert Holidays(kept=kept).on(date.fromisoformat(day)) == name


def test_a_region_has_its_own() -> None:
    texas = Holidays(region="TX", kept=("Friday After Thanksgiving",))
    assert texas.on(date(2026, 11, 27)) == "Friday After Thanksgiving"
    assert "Friday After Thanksgiving" not in names("US")
    mexico = Holidays(country="MX", kept=("Independence Day",))
    assert mexico.on(date(2026, 9, 16)) == "Independence Day"
    assert mexico.on(date(2026, 7, 4)) == ""


def test_without_any_every_day_is_usual() -> None:
    assert not any(Holidays().on(date(2026, month, 25)) for month in range(1, 13))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kept": ["Thanksgiving"]}, "Did you mean Thanksgiving Day?"),
        ({"kept": ["Zzz"]}, "There are: New Year's Day, "),
        ({"country": "ZZ", "kept": ["Christmas Day"]}, "the holidays of ZZ are not known"),
        ({"region": "QQ"}, "the holidays of US QQ are not known"),
        ({"country": "usa"}, "should match pattern"),
    ],
)
def test_a_name_that_is_none_is_told(given: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem.replace("?", r"\?")):
        Holidays.model_validate(given)


def each_day() -> list[date]:
    return [published.BEGINS + timedelta(days=n) for n in range((published.ENDS - published.BEGINS).days + 1)]


@pytest.mark.parametrize("country", published.countries())
def test_who_keeps_all_is_closed_on_the_published_days_and_on_no_other(country: str) -> None:
    kept = published.names(country)
    holidays, known = Holidays(country=country, kept=kept), published.closed_on(country, kept)
    told = {day: holidays.on(day) for day in each_day()}
    closed = {day: name for day, name in told.items() if name}
    # On a Sunday Spain's regions say what is off.
    ours = {day: name for day, name in closed.items() if country != "ES" or day.weekday() != 6}
    assert ours == known


@pytest.mark.parametrize(
    ("country", "name"), [(each, name) for each in published.countries() for name in published.names(each)]
)
def test_who_keeps_one_is_closed_on_its_days_alone(country: str, name: str) -> None:
    holidays, known = Holidays(country=country, kept=(name,)), published.closed_on(country, (name,))
    for day in each_day():
        if country != "ES" or day.weekday() != 6:
            assert holidays.on(day) == known.get(day, ""), day
