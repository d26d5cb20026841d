"""When the clinic is open: against the clock's face minute by minute, and against published holidays."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.holidays import Holidays
from appliance.core.hours import DAYS, Spans, WeeklyHours
from appliance.core.opening import Day, Opening
from tests.core import published

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Madrid",
    "Australia/Lord_Howe",
    "America/Santiago",
)
"""Lord Howe's clock moves by half an hour, Santiago's at midnight."""
MINUTE = timedelta(minutes=1)
KEPT = ("Thanksgiving Day", "Christmas Day", "Independence Day")


@cache
def clock_changes(zone: str) -> tuple[datetime, ...]:
    """The first minute (UTC) of each new time from 2025 to 2028, found hour by hour and then by minutes."""
    found, at, end = [], datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)

    def offset(when: datetime) -> timedelta | None:
        return when.astimezone(ZoneInfo(zone)).utcoffset()

    while at < end:
        if offset(at) != offset(at + timedelta(hours=1)):
            found.append(next(at + n * MINUTE for n in range(61) if offset(at + n * MINUTE) != offset(at)))
        at += timedelta(hours=1)
    return tuple(found)


CHANGES = [(zone, change) for zone in ZONES for change in clock_changes(zone)]

edges = st.lists(st.integers(0, 24 * 4 - 1), min_size=0, max_size=4, unique=True).map(sorted)


def spans_of(quarters: list[int]) -> Spans:
    times = [time(quarter // 4, quarter % 4 * 15) for quarter in quarters[: len(quarters) // 2 * 2]]
    return tuple(zip(times[::2], times[1::2], strict=True))


spans = edges.map(spans_of)
weeks = st.fixed_dictionaries(dict.fromkeys(DAYS, spans)).map(WeeklyHours.model_validate)


BEFORE, BEHIND = 26 * 60, 30 * 60


@cache
def faces(zone: str, change: datetime) -> list[tuple[date, time]]:
    """What the clock shows, minute by minute around a change."""
    shown = ((change + n * MINUTE).astimezone(ZoneInfo(zone)) for n in range(-BEFORE, BEHIND))
    return [(local.date(), local.time()) for local in shown]


def shown_open(opening: Opening, at: datetime) -> bool:
    """What the clock's face says, by the rules as the staff would tell them."""
    local = at.astimezone(ZoneInfo(opening.zone))
    return face_open(opening, local.date(), local.time())


def face_open(opening: Opening, day: date, now: time) -> bool:
    """By what staff have entered and the holidays as they are published: none of it is the code's word."""
    if day in opening.closed_on:
        return False
    hours = opening.special.get(day)
    if hours is None:
        if day in published.closed_on(opening.holidays.country, opening.holidays.kept):
            return False
        hours = opening.weekly.of(DAYS[day.weekday()])
    return any(start <= now < end for start, end in hours)


def test_there_are_two_changes_a_year_in_each_zone() -> None:
    assert {zone: len(clock_changes(zone)) for zone in ZONES} == dict.fromkeys(ZONES, 8)


@pytest.mark.parametrize(("zone", "change"), CHANGES, ids=str)
@settings(max_examples=25)
@given(weekly=weeks, before=st.integers(-60, BEFORE))
def test_it_opens_and_closes_as_the_clock_shows_where_the_clock_changes(
    zone: str, change: datetime, weekly: WeeklyHours, before: int
) -> None:
    opening, at = Opening(zone, weekly), change - before * MINUTE
    shown = faces(zone, change)[BEFORE - before :]
    is_open = face_open(opening, *shown[0])
    assert opening.open_at(at) is is_open
    changes = opening.changes(at)
    wanted = next((n for n, face in enumerate(shown) if face_open(opening, *face) is not is_open), None)
    if wanted is None:
        assert changes is None or changes >= at + len(shown) * MINUTE
    else:
        assert changes is not None
        assert changes.astimezone(UTC) == at + wanted * MINUTE


days = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@given(
    zone=st.sampled_from(ZONES),
    weekly=weeks,
    start=days,
    closed=st.sets(st.integers(0, 9)),
    special=st.dictionaries(st.integers(0, 9), spans),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_single_days_go_before_the_week(
    zone: str, weekly: WeeklyHours, start: date, closed: set[int], special: dict[int, Spans], minute: int
) -> None:
    opening = Opening(
        zone,
        weekly,
        tuple(start + timedelta(days=ahead) for ahead in closed),
        {start + timedelta(days=ahead): hours for ahead, hours in special.items()},
        Holidays(kept=KEPT),
    )
    at = datetime.combine(start, time(), ZoneInfo(zone)).astimezone(UTC) + minute * MINUTE
    is_open = shown_open(opening, at)
    assert opening.open_at(at) is is_open
    changes = opening.changes(at)
    # Hours are told to the quarter: so that is how finely it has to be looked at.
    quarter = at.replace(minute=at.minute // 15 * 15)
    later = [quarter + n * 15 * MINUTE for n in range(1, 9 * 24 * 4)]
    wanted = next((when for when in later if shown_open(opening, when) is not is_open), None)
    if wanted is None:
        assert changes is None or changes > later[-1]
    else:
        assert changes is not None
        assert changes.astimezone(UTC) == wanted


THERE = {"US": "America/New_York", "ES": "Europe/Madrid", "MX": "America/Mexico_City"}
AROUND = [
    (country, day)
    for country in THERE
    for day in sorted(published.closed_on(country, published.names(country)))
    if published.BEGINS < day < published.ENDS
]
MINUTES = range(3 * 24 * 60)


@settings(max_examples=30)
@given(around=st.sampled_from(AROUND), weekly=weeks, looked_at=st.integers(0, len(MINUTES) // 2))
def test_every_minute_around_a_published_holiday(
    around: tuple[str, date], weekly: WeeklyHours, looked_at: int
) -> None:
    """The day before, the day itself and the day behind it, minute by minute."""
    country, day = around
    zone, kept = THERE[country], published.names(country)
    opening = Opening(zone, weekly, holidays=Holidays(country=country, kept=kept))
    begins = datetime.combine(day - timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    shown = [shown_open(opening, begins + n * MINUTE) for n in MINUTES]
    assert [opening.open_at(begins + n * MINUTE) for n in MINUTES] == shown
    changes = opening.changes(begins + looked_at * MINUTE)
    wanted = next((n for n in MINUTES[looked_at:] if shown[n] is not shown[looked_at]), None)
    if wanted is None:
        assert changes is None or changes > begins + MINUTES[-1] * MINUTE
    else:
        assert changes is not None
        assert changes.astimezone(UTC) == begins + wanted * MINUTE


def test_what_is_different_is_known_and_why() -> None:
    christmas, eve, saturday = date(2026, 12, 25), date(2026, 12, 24), date(2026, 12, 26)
    half_day, sunday = ((time(8), time(12)),), date(2026, 12, 27)
    opening = Opening(
        "America/New_York",
        closed_on=(date(2026, 12, 28), sunday),
        special={eve: half_day, saturday: ()},
        holidays=Holidays(kept=("Christmas Day",)),
    )
    assert opening.day(christmas) == Day(christmas, (), special=True, holiday="Christmas Day")
    assert opening.day(eve) == Day(eve, half_day, special=True)
    assert opening.day(date(2026, 12, 28)) == Day(date(2026, 12, 28), (), special=True)
    # On days on which it is closed anyway nothing is different.
    assert opening.day(sunday) == Day(sunday)
    assert opening.day(saturday) == Day(saturday)
    assert opening.day(date(2026, 12, 29)) == Day(date(2026, 12, 29), opening.weekly.tuesday)


def test_hours_of_its_own_open_a_holiday_and_a_closing_goes_before_them() -> None:
    christmas, hours = date(2026, 12, 25), ((time(9), time(10)),)
    opening = Opening("UTC", special={christmas: hours}, holidays=Holidays(kept=("Christmas Day",)))
    assert opening.day(christmas).spans == hours
    closed = Opening("UTC", closed_on=(christmas,), special={christmas: hours})
    assert closed.day(christmas).spans == ()


def test_a_clinic_that_never_opens_or_closes_says_so() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    never = Opening("UTC", WeeklyHours.model_validate(dict.fromkeys(DAYS, ())))
    assert never.changes(at) is None
