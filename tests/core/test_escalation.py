"""Who is on call at a time, by shifts of the week; and open time as it is counted for what is due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.escalation import OnCall, Shift, on_call
from appliance.core.hours import DAYS, WeeklyHours
from appliance.core.opening import Opening

ZONE = ZoneInfo("America/New_York")
OPENING = Opening("America/New_York")
NEVER = Opening("America/New_York", WeeklyHours.model_validate({day: [] for day in DAYS}))
LEE, CRUZ = (OnCall(name=name, number=f"+1415555012{place}") for place, name in enumerate(("Lee", "Cruz")))
MINUTE = timedelta(minutes=1)
ROTA = (
    Shift(days=("monday", "tuesday"), begins=time(17), ends=time(8), people=(LEE,)),
    Shift(days=("saturday", "sunday"), people=(CRUZ,)),
    Shift(days=("tuesday",), begins=time(16), ends=time(20), people=(CRUZ,)),
)


@pytest.mark.parametrize(
    ("day", "hour", "who"),
    [
        (23, 16, ()), (23, 17, (LEE,)), (24, 7, (LEE,)), (24, 8, ()), (24, 16, (CRUZ,)), (24, 18, (LEE,)),
        (25, 3, (LEE,)), (25, 18, ()), (28, 0, (CRUZ,)), (29, 23, (CRUZ,)), (30, 0, ()),
    ],
)  # fmt: skip
def test_the_first_shift_that_it_is_in_counts(day: int, hour: int, who: tuple[OnCall, ...]) -> None:
    at = datetime(2026, 11, day, hour, tzinfo=ZONE).astimezone(UTC)
    assert on_call(ROTA, at, OPENING) == who


@given(st.datetimes(datetime(2026, 3, 1), datetime(2026, 12, 31)), st.integers(0, 3000))
def test_open_time_is_counted_minute_by_minute(at: datetime, minutes: int) -> None:
    """Against the plainest count there is."""
    began = at.replace(second=0, microsecond=0, tzinfo=UTC)
    found = OPENING.after(began, minutes * MINUTE)
    now, left = began, minutes
    while not OPENING.open_at(now):
        now += MINUTE
    while left:
        left -= OPENING.open_at(now)
        now += MINUTE
    # At the end of a span the due time is its end, not the beginning of the next one.
    assert found == now


def test_a_clinic_that_never_opens_goes_by_the_clock() -> None:
    at = datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert NEVER.after(at, 90 * MINUTE) == at + 90 * MINUTE
