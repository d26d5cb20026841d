"""What desk phones had done: the decision and who made it, in one."""

from datetime import UTC, date, datetime

import pytest

from appliance.store import codes, errors, office, phones
from appliance.store.codes import CodeRow
from appliance.store.database import Connection
from tests.store.conftest import AT

NOW = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)
"""The evening before in New York."""


@pytest.fixture
def house(db: Connection) -> Connection:
    """A house with a phone."""
    phones.add(db, "101", "Front desk", at=AT)
    return db


def test_today_is_the_clinics_own(house: Connection) -> None:
    codes.close_today(house, "101", now=NOW)
    assert office.load(house).staff.closed_on == (date(2026, 11, 25),)
    (row,) = office.rows(house)
    assert row.changed_by == "the phone 101, Front desk"
    office.set_value(house, "time_zone", "Europe/Madrid", at=AT, by="ana")
    codes.close_today(house, "101", now=NOW)
    assert office.load(house).staff.closed_on == (date(2026, 11, 26),)
    codes.reopen(house, "101", now=NOW)
    assert office.load(house).staff.closed_on == ()


def test_days_off_that_are_still_to_come_stay(house: Connection) -> None:
    office.set_value(house, "closed_on", ["2026-11-24", "2026-12-25"], at=AT, by="ana")
    codes.close_today(house, "101", now=NOW)
    assert office.load(house).staff.closed_on == (date(2026, 11, 25), date(2026, 12, 25))
    codes.reopen(house, "101", now=NOW)
    assert office.load(house).staff.closed_on == (date(2026, 12, 25),)


def test_a_holiday_on_which_the_clinic_opens_after_all_has_its_weekdays_hours(house: Connection) -> None:
    staff = {
        "holidays": {"kept": ["Thanksgiving Day"]},
        "special_hours": {"2026-11-25": [], "2026-12-24": []},
    }
    for key, value in staff.items():
        office.set_value(house, key, value, at=AT, by="ana")
    thanksgiving = datetime(2026, 11, 26, 15, tzinfo=UTC)
    assert office.load(house).staff.closed_today(thanksgiving)
    codes.close_today(house, "101", now=thanksgiving)
    codes.reopen(house, "101", now=thanksgiving)
    decided = office.load(house).staff
    assert decided.open_at(thanksgiving)
    assert decided.special_hours == {
        date(2026, 11, 26): decided.hours.thursday,
        date(2026, 12, 24): (),
    }


def test_opening_again_on_a_usual_day_decides_nothing_more(house: Connection) -> None:
    codes.close_today(house, "101", now=NOW)
    codes.reopen(house, "101", now=NOW)
    assert [row.key for row in office.rows(house)] == ["closed_on"]


def test_what_was_done_is_told_with_who_and_when(house: Connection) -> None:
    name = "en-" + "a" * 64
    codes.close_today(house, "101", now=NOW)
    codes.use_greeting(house, "101", name, now=NOW)
    assert office.load(house).staff.greeting_recording == name
    codes.use_greeting(house, "101", "", now=NOW)
    assert office.load(house).staff.greeting_recording == ""
    at = "2026-11-26T04:30:00.000Z"
    told = [CodeRow(at, "101", what) for what in ("spoken", "greeting", "closed")]
    assert codes.dialled(house) == told


def test_a_phone_that_is_gone_changes_nothing(house: Connection) -> None:
    with pytest.raises(errors.NoSuchRow):
        codes.close_today(house, "102", now=NOW)
    assert office.rows(house) == []
    assert codes.dialled(house) == []
