"""What the page of hours shows: how it stands, single days to come, and what callers are told.

Pure. May import: the standard library, admin.tongue, admin.words, appliance.core, appliance.languages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from admin.tongue import ENGLISH, Tongue
from admin.words import Words
from appliance.core import other_languages
from appliance.core.opening import Day, Opening
from appliance.core.staff import Office, StaffSettings
from appliance.languages.tables import table

HOLIDAYS_AHEAD = timedelta(days=366)
TOMORROW_AT = time(10)
"""The time of tomorrow for which it is shown what callers are told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the clinic stands: open or not, and when that changes, in words; `decided` for today by staff."""

    open: bool
    until: str
    decided: bool
    today: str


@dataclass(frozen=True, slots=True)
class Single:
    """A day that is not as its weekday; `own` ones staff have decided."""

    on: date
    name: str
    hours: str
    holiday: str
    own: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What callers of a language are told at a time."""

    at: str
    language: str
    code: str
    said: str


def standing(staff: StaffSettings, now: datetime, words: Words) -> Standing:
    """How the clinic stands now."""
    opening, tongue = staff.opening, words.tongue
    local, changes, is_open = opening.local(now), opening.changes(now), opening.open_at(now)
    if changes is None:
        until = ""
    elif is_open:
        until = tongue("Closes: {time}", time=moment(changes, local.date(), words))
    else:
        until = tongue("Opens: {time}", time=moment(changes, local.date(), words))
    today = opening.day(local.date())
    decided = today.date in staff.closed_on or today.date in staff.special_hours
    return Standing(is_open, until, decided, hours_said(today, words))


def hours_said(day: Day, words: Words) -> str:
    """The hours of a day, such as `8:00 AM – 12:00 PM, 1:00 PM – 5:00 PM`."""
    clock = [" – ".join(words.clock(datetime.combine(day.date, edge)) for edge in span) for span in day.spans]
    tongue = words.tongue
    return ", ".join(clock) or tongue("closed")


def singles(staff: StaffSettings, now: datetime, words: Words) -> list[Single]:
    """The days to come that are not as their weekday."""
    opening = staff.opening
    today = opening.local(now).date()
    own = {*staff.closed_on, *staff.special_hours}
    kept = {day for year in (today.year, today.year + 1) for day in _holidays(opening, year)}
    days = {day for day in own if day >= today} | {
        day for day in kept if today <= day <= today + HOLIDAYS_AHEAD
    }
    return [_single(staff, opening.day(day), today, words) for day in sorted(days)]


def _single(staff: StaffSettings, day: Day, today: date, words: Words) -> Single:
    return Single(
        day.date,
        words.day(day.date, today),
        hours_said(day, words),
        holiday(staff.holidays.on(day.date), words.tongue),
        day.date in staff.closed_on or day.date in staff.special_hours,
    )


def _holidays(opening: Opening, year: int) -> Sequence[date]:
    return list(opening.holidays.of_year(year)) if opening.holidays.kept else []


def holiday(name: str, tongue: Tongue) -> str:
    """A holiday's name in the reader's language, as far as it has one there."""
    if tongue == ENGLISH:
        return name
    own: str = table(tongue.code, "opening")["holidays"].get(name, name)
    return own[:1].upper() + own[1:]


def told(office: Office, now: datetime, words: Words) -> list[Told]:
    """What callers who ask for the hours hear now and tomorrow, in each language that they can have."""
    opening, tongue = office.staff.opening, words.tongue
    local = opening.local(now)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), TOMORROW_AT, local.tzinfo)
    moments = (
        (tongue("Now"), now),
        (tongue("Tomorrow, {day}", day=words.clock(tomorrow)), tomorrow),
    )
    return [
        Told(named, tongue(table(code, "assistant")["name"]), code, office.at(at).hours_said(code))
        for named, at in moments
        for code in other_languages.spoken(office)
    ]


def moment(at: datetime, today: date, words: Words) -> str:
    """A time today by the clock alone, another one with its day."""
    if at.date() == today:
        return words.clock(at)
    if at.date() == today + timedelta(days=1):
        tongue = words.tongue
        return tongue("Tomorrow, {day}", day=words.clock(at))
    return f"{words.day(at.date(), today)}, {words.clock(at)}"
