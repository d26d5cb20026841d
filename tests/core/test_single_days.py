"""What staff decide about single days: closed, open until, and as it was planned."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import single_days
from appliance.core.errors import SettingsError
from appliance.core.opening import Spans
from appliance.core.staff import StaffSettings

TODAY = date(2026, 11, 24)
"""A Tuesday."""
BROKEN = {"tuesday": [["08:00", "12:00"], ["13:00", "17:00"]]}


def at(hour: int, minute: int = 0) -> datetime:
    """A time of today by New York's clock, five hours behind."""
    return datetime(2026, 11, 24, hour + 5, minute, tzinfo=UTC)


def office(**values: object) -> StaffSettings:
    return StaffSettings.model_validate(values)


def after(staff: StaffSettings, decided: Mapping[str, object]) -> StaffSettings:
    """The settings once that was decided."""
    return StaffSettings.model_validate({**staff.model_dump(mode="json"), **decided})


def hours(staff: StaffSettings, on: date = TODAY) -> str:
    return " ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in staff.opening.day(on).spans)


@pytest.mark.parametrize(
    ("now", "until", "then"),
    [
        (at(9), time(12), "08:00-12:00"),
        (at(9), time(11), "08:00-11:00"),
        (at(9), time(15), "08:00-12:00 13:00-15:00"),
        (at(9), time(19), "08:00-12:00 13:00-19:00"),
        (at(9), time(12, 30), "08:00-12:30"),
        (at(12, 30), time(17), "08:00-12:00 12:30-17:00"),
        (at(12), time(17), "08:00-17:00"),
        (at(7), time(10), "07:00-10:00"),
        (at(18), time(20), "08:00-12:00 13:00-17:00 18:00-20:00"),
        (at(17), time(18), "08:00-12:00 13:00-18:00"),
    ],
)
def test_open_until_keeps_the_breaks_to_come(now: datetime, until: time, then: str) -> None:
    staff = office(hours=BROKEN)
    changed = after(staff, single_days.open_until(staff, until, now))
    assert hours(changed) == then
    assert changed.open_at(now)


def test_a_time_that_is_over_is_refused() -> None:
    for until in (time(9), time(8, 59), time(0)):
        with pytest.raises(SettingsError, match="over already"):
            single_days.open_until(office(), until, at(9))


def test_it_opens_on_a_day_that_was_closed() -> None:
    ways: tuple[dict[str, object], ...] = (
        {"closed_on": [TODAY]},
        {"special_hours": {TODAY: []}},
        {"hours": {"tuesday": []}},
    )
    for closed in ways:
        staff = office(**closed)
        changed = after(staff, single_days.open_until(staff, time(15), at(11)))
        assert hours(changed) == "11:00-15:00"
        assert TODAY not in changed.closed_on


def test_closed_and_back_leaves_it_as_it_was() -> None:
    staff = office(special_hours={TODAY: [["09:00", "11:00"]]})
    closed = after(staff, single_days.closed(staff, TODAY, at(9)))
    assert hours(closed) == ""
    again = after(closed, single_days.as_planned(closed, TODAY, at(10)))
    assert hours(again) == "09:00-11:00"
    usual = after(again, single_days.as_planned(again, TODAY, at(10)))
    assert hours(usual) == "08:00-17:00"


def test_a_day_with_hours_is_open_also_when_it_was_closed() -> None:
    christmas = date(2026, 12, 24)
    staff = office(closed_on=[christmas])
    changed = after(staff, single_days.with_hours(staff, christmas, ((time(8), time(12)),), at(9)))
    assert hours(changed, christmas) == "08:00-12:00"
    closed = after(changed, single_days.with_hours(changed, christmas, (), at(9)))
    assert closed.closed_on == (christmas,)


def test_days_that_are_over_are_forgotten_and_others_stay() -> None:
    past, ahead = date(2026, 11, 20), date(2026, 12, 1)
    staff = office(closed_on=[past, ahead], special_hours={past: [], ahead: []})
    changed = after(staff, single_days.with_hours(staff, TODAY, ((time(8), time(9)),), at(9)))
    assert changed.closed_on == (ahead,)
    assert set(changed.special_hours) == {TODAY, ahead}


edges = st.lists(st.integers(0, 95), max_size=6, unique=True).map(sorted)


def spans_of(quarters: list[int]) -> Spans:
    times = [time(quarter // 4, quarter % 4 * 15) for quarter in quarters[: len(quarters) // 2 * 2]]
    return tuple(zip(times[::2], times[1::2], strict=True))


@given(edges.map(spans_of), st.integers(0, 94), st.integers(1, 95))
def test_whatever_the_day_is_it_is_open_now_and_closed_from_then_on(
    spans: Spans, now: int, until: int
) -> None:
    if until <= now:
        return
    staff = office(hours={"tuesday": spans}, time_zone="UTC")
    face = datetime(2026, 11, 24, now // 4, now % 4 * 15, tzinfo=UTC)
    closes = time(until // 4, until % 4 * 15)
    changed = after(staff, single_days.open_until(staff, closes, face))
    assert changed.open_at(face)
    assert changed.opening.day(TODAY).spans[-1][1] == closes
    for quarter in range(96):
        then = datetime(2026, 11, 24, quarter // 4, quarter % 4 * 15, tzinfo=UTC)
        if then.time() >= closes:
            assert not changed.open_at(then)
        elif staff.open_at(then):
            assert changed.open_at(then)
