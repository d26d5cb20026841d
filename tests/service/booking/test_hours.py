"""On which days and at what times patients can come: by the clinic's days, narrowed by a provider's hours."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from appliance.core.booking.visits import Provider
from appliance.core.hours import Spans
from appliance.core.staff import StaffSettings
from appliance.service.booking.books import open_hours
from tests.service.booking.clinic import ONE_DOCTOR, clinic

CHRISTMAS, CHRISTMAS_EVE = date(2026, 12, 25), date(2026, 12, 24)
SATURDAY, SUNDAY = date(2026, 12, 5), date(2026, 12, 6)
STAFF: dict[str, Any] = {
    "holidays": {"kept": ["Christmas Day"]},
    "special_hours": {"2026-12-24": [["08:00", "12:00"]], "2026-12-05": [["09:00", "13:00"]]},
    "closed_on": ["2026-12-06"],
}
DAILY: dict[str, Any] = {
    day: [["07:00", "10:00"], ["11:00", "18:00"]] for day in ("thursday", "friday", "sunday")
}
USUAL = ((time(8), time(17)),)
OWN = ((time(7), time(10)), (time(11), time(18)))


@pytest.mark.parametrize(
    ("hours", "day", "opened"),
    [
        (None, CHRISTMAS, ()),
        (None, CHRISTMAS_EVE, ((time(8), time(12)),)),
        (None, SATURDAY, ((time(9), time(13)),)),
        (None, SUNDAY, ()),
        (None, date(2026, 12, 1), USUAL),
        (DAILY, CHRISTMAS, ()),
        (DAILY, CHRISTMAS_EVE, ((time(8), time(10)), (time(11), time(12)))),
        (DAILY, SATURDAY, ()),
        (DAILY, SUNDAY, ()),
        # On all other days a provider's own hours stand instead of the clinic's.
        (DAILY, date(2026, 12, 3), OWN),
        (DAILY, date(2026, 12, 13), OWN),
        (DAILY, date(2026, 12, 1), ()),
    ],
)
def test_holidays_special_hours_and_closed_days_count_for_every_provider(
    hours: dict[str, Any] | None, day: date, opened: Spans
) -> None:
    staff = StaffSettings.model_validate(STAFF)
    lee = Provider.model_validate({"slug": "lee", "name": "Dr. Lee", "hours": hours})
    assert open_hours(staff, lee)(day) == opened


async def test_nobody_is_booked_on_a_kept_holiday_and_a_saturday_opened_specially_has_times(
    tmp_path: Path,
) -> None:
    async with clinic(tmp_path, ONE_DOCTOR, **STAFF) as office:
        christmas = await office.caller("CA1").wants("2026-12-25T10:00")
        assert not christmas.exact
        assert all("December 25th" not in each.said for each in christmas.offers)
        assert (await office.caller("CA2").wants("2026-12-05T09:30")).exact
