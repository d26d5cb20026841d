"""When there is room for a visit: against brute force, also on all days on which five zones change clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking.slots import Diary
from appliance.core.booking.visits import VisitType
from appliance.core.calendar import Span

ZONES = ["America/New_York", "America/Santiago", "Australia/Adelaide", "Australia/Lord_Howe", "Europe/Madrid"]
"""Lord Howe's clock moves by half an hour, Santiago's at midnight."""
UNCHANGING = ["America/Phoenix", "Asia/Kolkata"]
HOURS = ((time(8), time(12)), (time(13), time(17)))
NIGHT = ((time(0), time(6)),)
EARLY = datetime(2026, 2, 1, tzinfo=UTC)


def visit(**given: object) -> VisitType:
    return VisitType.model_validate({"slug": "visit", "name": "Visit", "ahead_days": 366, **given})


def changes(zone: ZoneInfo) -> list[date]:
    """The days of 2025 to 2028 on which clocks change."""
    days = [date(2025, 1, 1) + timedelta(days) for days in range(4 * 365)]

    def offset(day: date) -> timedelta | None:
        return datetime.combine(day, time(), zone).utcoffset()

    return [day for day in days if offset(day) != offset(day + timedelta(1))]


def brute_force(diary: Diary, kind: VisitType, day: date, now: datetime) -> list[datetime]:
    """Every minute of a day, one by one, asked in real time."""
    found = []
    instant = datetime.combine(day, time(), diary.zone).astimezone(UTC) - timedelta(hours=2)
    walls: dict[time, int] = {}
    minutes = [instant + timedelta(minutes=each) for each in range(28 * 60)]
    for each in minutes:
        local = each.astimezone(diary.zone)
        if local.date() == day:
            walls[local.time()] = walls.get(local.time(), 0) + 1
    for start in minutes:
        local = start.astimezone(diary.zone)
        wall = local.time()
        if local.date() != day or walls[wall] != 1 or wall.minute % kind.step_minutes:
            continue
        # It is there as long as it is in real time, and all of that is within the opening hours.
        inside = any(
            begins <= wall and start + kind.length <= datetime.combine(day, ends, diary.zone).astimezone(UTC)
            for begins, ends in diary.open(day)
            if wall < ends
        )
        free = all(start + kind.taken <= each.start or start >= each.end for each in diary.taken)
        soon = start - now >= timedelta(hours=kind.notice_hours)
        near = start - now <= timedelta(days=kind.ahead_days)
        if inside and free and soon and near:
            found.append(start)
    return found


@pytest.mark.parametrize("name", ZONES)
def test_days_on_which_clocks_change_have_the_starts_that_they_have(name: str) -> None:
    zone = ZoneInfo(name)
    kind = visit(minutes=45, step_minutes=15)
    for day in changes(zone):
        now = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(days=7)
        for diary in (Diary(zone, lambda _day: HOURS, ()), Diary(zone, lambda _day: NIGHT, ())):
            assert [each.astimezone(UTC) for each in diary.starts(kind, day, now)] == brute_force(
                diary, kind, day, now
            )


def test_each_zone_that_changes_its_clocks_was_asked_for_every_change() -> None:
    assert [len(changes(ZoneInfo(name))) for name in ZONES] == [8] * 5
    assert [len(changes(ZoneInfo(name))) for name in UNCHANGING] == [0, 0]


@given(st.data())
def test_starts_are_what_brute_force_finds(data: st.DataObject) -> None:
    zone = ZoneInfo(data.draw(st.sampled_from(ZONES)))
    day = data.draw(st.dates(date(2025, 1, 2), date(2028, 12, 30)))
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    minute = st.integers(0, 24 * 60 - 1)
    edges = sorted(data.draw(st.lists(minute, min_size=2, max_size=4, unique=True)))
    hours = [
        (time(*divmod(begins, 60)), time(*divmod(ends, 60)))
        for begins, ends in zip(edges[::2], edges[1::2], strict=False)
    ]
    taken = [
        Span(midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + length))
        for start, length in data.draw(st.lists(st.tuples(minute, st.integers(1, 240)), max_size=4))
    ]
    kind = visit(
        minutes=data.draw(st.integers(1, 20)) * 5,
        buffer_minutes=data.draw(st.sampled_from([0, 5, 30])),
        notice_hours=data.draw(st.integers(0, 30)),
        ahead_days=data.draw(st.integers(1, 3)),
        step_minutes=data.draw(st.sampled_from([5, 10, 15, 20, 30, 60])),
    )
    now = midnight + timedelta(minutes=data.draw(st.integers(-3 * 24 * 60, 24 * 60)))
    diary = Diary(zone, lambda _day: hours, taken)
    starts = [each.astimezone(UTC) for each in diary.starts(kind, day, now)]
    assert starts == brute_force(diary, kind, day, now)


def test_room_is_where_a_start_is() -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime(2026, 3, 2, 9, tzinfo=zone)
    busy = Span(at.astimezone(UTC), at.astimezone(UTC) + timedelta(minutes=30))
    diary = Diary(zone, lambda _day: HOURS, [busy])
    kind = visit(minutes=30, buffer_minutes=10, step_minutes=10)
    assert not diary.has_room(kind, at, EARLY)
    # Its own buffer would run into what is taken.
    assert not diary.has_room(kind, at - timedelta(minutes=30), EARLY)
    assert diary.has_room(kind, at - timedelta(minutes=40), EARLY)
    assert diary.has_room(kind, (at + timedelta(minutes=30)).astimezone(UTC), EARLY)
