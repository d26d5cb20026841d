"""A start, or a date, as it is read back to a caller: weekday, date and time, so that a mistake is heard.

What is said here is understood by `resolve` as the same start. May import: the standard library,
appliance.core, appliance.languages.
"""

from datetime import date, datetime
from typing import Any

from appliance.core.hours import words
from appliance.core.when.days import AHEAD_MOST
from appliance.languages.tables import table


def said(start: datetime, now: datetime, language: str = "en") -> str:
    """Such as `Tuesday, March 3rd at 9:30 a.m.`; with the year when the date alone might be another year's.

    Both times are aware and in the office's zone.
    """
    given: dict[str, Any] = table(language, "when")["said"]
    return f"{date_said(start.date(), now.date(), language)} {_time(start, given, language)}"


def date_said(day: date, today: date, language: str = "en") -> str:
    """Such as `Tuesday, March 3rd`; with the year when it might be another year's."""
    given: dict[str, Any] = table(language, "when")["said"]
    ahead = (day - today).days
    form: str = given["date"] if ahead <= AHEAD_MOST else given["date_and_year"]
    return form.format(
        weekday=words(language).days[day.weekday()],
        month=given["months"][day.month - 1],
        day=given["days"].get(str(day.day)) or given["day"].format(day.day),
        year=day.year,
    )


def month_said(day: date, language: str = "en") -> str:
    """Such as `May 2024`."""
    given: dict[str, Any] = table(language, "when")["said"]
    return str(given["month"]).format(month=given["months"][day.month - 1], year=day.year)


def _time(start: datetime, given: dict[str, Any], language: str) -> str:
    at = start.time().replace(tzinfo=None)
    if (at.hour, at.minute) == (12, 0):
        return str(given["noon"])
    return str(given["time"]).format(words(language).clock(at))
