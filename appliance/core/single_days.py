"""What staff decide about single days, as the settings that it changes; days that are over are left out.

Pure. May import: the standard library, appliance.core.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time

from appliance.core.errors import SettingsError
from appliance.core.hours import DAYS
from appliance.core.opening import Spans
from appliance.core.staff import StaffSettings

Decided = Mapping[str, object]
"""New values of settings, by their keys."""


def closed(staff: StaffSettings, on: date, now: datetime) -> Decided:
    """A day is closed, whatever hours it has; they hold again when that is taken back."""
    return {"closed_on": _days_off(staff, on, now, off=True)}


def opened_again(staff: StaffSettings, now: datetime) -> Decided:
    """Today is not closed after all: the hours of its weekday hold, also on a holiday."""
    today = _today(staff, now)
    decided: dict[str, object] = {"closed_on": _days_off(staff, today, now, off=False)}
    day = replace(staff.opening, closed_on=()).day(today)
    if day.special and not day.spans:
        decided["special_hours"] = _special(staff, today, staff.hours.of(DAYS[today.weekday()]), now)
    return decided


def with_hours(staff: StaffSettings, on: date, spans: Spans, now: datetime) -> Decided:
    """A day has these hours, whatever its weekday has; without any it is closed."""
    if not spans:
        return closed(staff, on, now)
    return {
        "closed_on": _days_off(staff, on, now, off=False),
        "special_hours": _special(staff, on, spans, now),
    }


def as_planned(staff: StaffSettings, on: date, now: datetime) -> Decided:
    """Take back what was decided last about a day: that it is closed, else that it has hours of its own."""
    if on in staff.closed_on:
        return {"closed_on": _days_off(staff, on, now, off=False)}
    return {"special_hours": _special(staff, on, None, now)}


def open_until(staff: StaffSettings, until: time, now: datetime) -> Decided:
    """Today the clinic is open now and until then; breaks that are still to come stay.

    Raises SettingsError for a time that is over.
    """
    local = staff.opening.local(now)
    face = local.time().replace(second=0, microsecond=0, tzinfo=None)
    if until <= face:
        raise SettingsError(["That time is over already."])
    spans = staff.opening.day(local.date()).spans
    return with_hours(staff, local.date(), _until(spans, face, until), now)


def _until(spans: Spans, face: time, until: time) -> Spans:
    kept = [[start, min(end, until)] for start, end in spans if start < until]
    if not any(start <= face < end for start, end in kept):
        opens = next((start for start, _ in kept if start > face), until)
        kept = sorted([*kept, [face, opens]])
    kept[-1][1] = until
    whole = kept[:1]
    for start, end in kept[1:]:
        if start == whole[-1][1]:
            whole[-1][1] = end
        else:
            whole.append([start, end])
    return tuple((start, end) for start, end in whole)


def _today(staff: StaffSettings, now: datetime) -> date:
    return staff.day_began(now).date()


def _days_off(staff: StaffSettings, on: date, now: datetime, *, off: bool) -> list[str]:
    ahead = {each for each in staff.closed_on if each >= _today(staff, now)} - {on}
    return [each.isoformat() for each in sorted(ahead | ({on} if off else set()))]


def _special(staff: StaffSettings, on: date, spans: Spans | None, now: datetime) -> dict[str, object]:
    ahead = {day: each for day, each in staff.special_hours.items() if day >= _today(staff, now)}
    ahead.pop(on, None)
    if spans is not None:
        ahead[on] = spans
    return {day.isoformat(): ahead[day] for day in sorted(ahead)}
