"""When jobs by timetable are due: once for each day, whatever the zone does with its clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.jobs import timetable
from appliance.jobs.timetable import DAY, Daily, Every, Schedule
from appliance.store import job_schedules, jobs
from appliance.store.database import Connection

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [
    ZoneInfo(name) for name in ("America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kolkata")
]


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
    st.times(),
    st.sampled_from(ZONES),
)
def test_the_latest_time_is_the_only_one_of_its_day(now: datetime, at: time, zone: ZoneInfo) -> None:
    latest = Daily(at).latest(now, zone)
    assert latest <= now < latest + DAY + timedelta(hours=2)
    assert Daily(at).latest(latest, zone) == latest
    assert Daily(at).latest(latest - timedelta(microseconds=1), zone) < latest


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
    st.sampled_from([1, 10, 60]),
    st.sampled_from(ZONES),
)
def test_every_so_many_minutes_is_as_often_as_that(now: datetime, minutes: int, zone: ZoneInfo) -> None:
    every = Every(minutes)
    latest, after = every.latest(now, zone), every.next(now, zone)
    assert latest <= now < after
    assert after - latest == timedelta(minutes=minutes)
    assert every.latest(after, zone) == after
    assert every.latest(after - timedelta(microseconds=1), zone) == latest


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
    st.times(),
    st.sampled_from(ZONES),
    st.sampled_from([None, *range(7)]),
)
def test_the_next_time_is_the_one_behind_the_latest(
    now: datetime, at: time, zone: ZoneInfo, weekday: int | None
) -> None:
    daily = Daily(at, weekday)
    after = daily.next(now, zone)
    assert now < after
    assert daily.latest(after, zone) == after
    assert daily.latest(after - timedelta(microseconds=1), zone) == daily.latest(now, zone)


@pytest.mark.parametrize("year", range(2025, 2029))
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_year_has_a_time_for_each_of_its_days(year: int, zone: ZoneInfo) -> None:
    for at in (time(1, 30), time(2, 30), time(3, 40)):
        now, found = datetime(year, 1, 1, 12, tzinfo=UTC), set()
        while now.year == year:
            found.add(Daily(at).latest(now, zone))
            now += timedelta(minutes=30)
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        assert len(found) in (days, days + 1)


def test_a_time_that_the_change_of_clocks_leaves_out_is_there_all_the_same() -> None:
    after = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    assert Daily(time(2, 30)).latest(after, NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_a_weekday_has_one_in_seven() -> None:
    sunday = Daily(time(4, 10), weekday=6)
    found = {sunday.latest(datetime(2026, 11, 1, tzinfo=UTC) + day * DAY, NEW_YORK) for day in range(28)}
    assert {each.astimezone(NEW_YORK).weekday() for each in found} == {6}
    assert len(found) in (4, 5)


def test_looking_owes_what_has_become_due_once(db: Connection) -> None:
    nightly = Schedule("nightly", "tidy", Daily(time(3, 40)))
    weekly = Schedule("weekly", "check", Daily(time(4, 10), weekday=6))
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
    assert timetable.look(db, (nightly, weekly), NEW_YORK, now) == 0
    assert len(job_schedules.last(db)) == 2
    tomorrow = now + DAY
    assert timetable.look(db, (nightly, weekly), NEW_YORK, tomorrow) == 1
    assert timetable.look(db, (nightly, weekly), NEW_YORK, tomorrow) == 0
    assert [(job.kind, job.key) for job in jobs.page(db)] == [("tidy", "schedule:nightly:1")]
