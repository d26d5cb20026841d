"""Opening hours: when it is open, and how it is said."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appliance.core.hours import DAYS, WeeklyHours, time_said


def week(**days: list[tuple[str, str]]) -> WeeklyHours:
    return WeeklyHours.model_validate(dict.fromkeys(DAYS, ()) | days)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00:00", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T17:00:00", False),
        ("2026-11-24T10:00:00", False),
    ],
)
def test_a_span_has_its_beginning_and_not_its_end(at: str, *, is_open: bool) -> None:
    hours = week(monday=[("08:00", "12:00"), ("13:00", "17:00")])
    local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("America/New_York"))
    assert hours.open_at(local) is is_open


def test_the_day_is_the_offices_own_also_when_the_clock_changes() -> None:
    hours = week(sunday=[("01:00", "02:00")])
    zone = ZoneInfo("America/New_York")
    twice = datetime(2026, 11, 1, 5, 30, tzinfo=ZoneInfo("UTC"))
    assert hours.open_at(twice.astimezone(zone))
    assert hours.open_at((twice + timedelta(hours=1)).astimezone(zone))
    assert not hours.open_at((twice + timedelta(hours=2)).astimezone(zone))


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ([("17:00", "08:00")], "must rise"),
        ([("08:00", "08:00")], "must rise"),
        ([("08:00", "12:00"), ("11:00", "17:00")], "must rise"),
        ([("13:00", "17:00"), ("08:00", "12:00")], "must rise"),
        ([("08:00Z", "12:00Z")], "without a time zone"),
        ([("08:00Z", "12:00")], "without a time zone"),
        ([("08:00+05:00", "12:00+05:00")], "without a time zone"),
        ([("8 in the morning", "12:00")], "valid"),
        ([("08:00",)], "required"),
    ],
)
def test_spans_that_cannot_be_are_refused(spans: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        week(monday=spans)


def test_neighbouring_days_with_the_same_hours_are_said_together() -> None:
    assert WeeklyHours().said() == "We are open Monday to Friday from 8 a.m. to 5 p.m."
    mixed = week(
        monday=[("08:00", "12:00"), ("13:30", "17:00")],
        tuesday=[("08:00", "12:00"), ("13:30", "17:00")],
        thursday=[("00:00", "12:30")],
    )
    assert mixed.said() == (
        "We are open Monday to Tuesday from 8 a.m. to 12 p.m. and from 1:30 p.m. to 5 p.m.,"
        " and Thursday from 12 a.m. to 12:30 p.m."
    )
    assert week().said() == "We are closed at the moment."


@given(st.times())
def test_a_time_is_said_so_that_it_can_be_understood(at: time) -> None:
    said = time_said(at)
    hour, _, minute = said.split()[0].partition(":")
    assert int(hour) % 12 == at.hour % 12
    assert int(minute or 0) == at.minute
    assert said.endswith("p.m.") is (at.hour >= 12)


def test_the_week_is_said_in_spanish() -> None:
    hours = week(
        monday=[("08:00", "12:00"), ("13:30", "17:00")],
        tuesday=[("08:00", "12:00"), ("13:30", "17:00")],
        saturday=[("09:00", "13:00")],
    )
    assert hours.said("es") == (
        "Abrimos de lunes a martes de las 8 de la mañana a las 12 de la tarde"
        " y de la 1:30 de la tarde a las 5 de la tarde,"
        " y el sábado de las 9 de la mañana a la 1 de la tarde."
    )
    assert week().said("es-MX") == "Por el momento estamos cerrados."
