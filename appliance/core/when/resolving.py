"""The whole of what a caller said about a time: what counts must be one day and one time, and make a start.

May import: the standard library, appliance.core.when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.core.when.atoms import Tongue, is_number
from appliance.core.when.days import ASKED, DAYS_MOST, Days
from appliance.core.when.hours import time_of_day
from appliance.core.when.items import Item, Kind, Patterns
from appliance.core.when.judging import judged
from appliance.core.when.told import Doubt, OnDay, Unclear, When
from appliance.core.when.unexplained import Plain

PART_NEAR = 3
"""Words between a part of the day and the day or time it is of, at most."""
BOUND = (Kind.DAY, Kind.TIME)
Named = Mapping[str, Sequence[date]]
"""Holidays by their names in the library, each with its next days at the clinic's place."""
NOWHERE: Named = {}


def resolve(
    text: str,
    now: datetime,
    language: str = "en",
    *,
    day: date | None = None,
    instead: bool = False,
    holidays: Named = NOWHERE,
) -> When:
    """What a caller means who says this. `now` is aware and in the office's zone (a ZoneInfo).

    `day` counts when no day is said, as in an answer to "at what time on Tuesday?"; `instead` of those that
    are said as well, as for "Tuesday at two" behind which "or rather Wednesday" came.
    """
    language = language.partition("-")[0]
    tongue = Tongue.of(language).naming(holidays)
    atoms, breaks = tongue.atoms(text), tongue.breaks(text)
    try:
        items = list(Patterns.of(language).items(atoms))
        kept = _kept(atoms, items, now, breaks, days=not instead)
        if any(
            item.form == "zone" and now.tzname() not in item.values.get("zone", "").split() for item in items
        ):
            raise Unclear(Doubt.VAGUE)  # by a clock that is not the office's
        start = _start(kept, now, day)
        if not Plain.of(language).explain(atoms, items, kept, breaks):
            raise Unclear(Doubt.VAGUE)
        return When(start)
    except Unclear as unclear:
        return When(doubt=unclear.doubt)


def left_open(text: str, now: datetime, language: str = "en") -> Doubt | None:
    """Why a caller who says this names no one time, by their own words: "around two", "not Tuesday at two".

    None where they do, and where only something beside the time is not understood.
    """
    language = language.partition("-")[0]
    tongue = Tongue.of(language)
    atoms = tongue.atoms(text)
    try:
        kept = _kept(atoms, list(Patterns.of(language).items(atoms)), now, tongue.breaks(text))
    except Unclear as unclear:
        return unclear.doubt
    return None if any(item.kind in BOUND for item in kept) else Doubt.NO_DAY


def resolve_days(
    text: str, now: datetime, language: str = "en", *, holidays: Named = NOWHERE
) -> tuple[date, ...]:
    """The days that a caller asks about, in order. Raises Unclear, with NO_DAY when none is named.

    Nothing is agreed on here: "Saturday or Sunday" asks about both, no word refuses a day, and a date
    without a year is the next of its kind, however far away.
    """
    language = language.partition("-")[0]
    items = list(Patterns.of(language).items(Tongue.of(language).naming(holidays).atoms(text)))
    days = [
        replace(item, values={**item.values, ASKED: "1"})
        for item in _of(items, Kind.DAY)
        if not _long_past(item, now)
    ]
    try:
        return (day_of(days, now.date(), None),)
    except Unclear as unclear:
        if unclear.doubt is not Doubt.SEVERAL:
            raise
    return tuple(sorted({day_of([item], now.date(), None) for item in days}))


def resolve_day(text: str, now: datetime, language: str = "en", *, day: date | None = None) -> OnDay:
    """The day that a caller means who says no time, as in "Tuesday afternoon".

    `now` and `day` are as in `resolve`.
    """
    language = language.partition("-")[0]
    atoms = Tongue.of(language).atoms(text)
    try:
        kept = _kept(atoms, list(Patterns.of(language).items(atoms)), now)
        parts = {item.form for item in _of(kept, Kind.PART)}
        if len(parts) > 1:
            raise Unclear(Doubt.SEVERAL)
        return OnDay(day_of(_of(kept, Kind.DAY), now.date(), day), min(parts, default=""))
    except Unclear as unclear:
        return OnDay(doubt=unclear.doubt)


def tells_of_time(text: str, language: str = "en") -> bool:
    """Whether a day, a time, a part of a day or a bare number is in a text, whatever it comes to."""
    language = language.partition("-")[0]
    items = Patterns.of(language).items(Tongue.of(language).atoms(text))
    return any(item.kind in (*BOUND, Kind.PART) for item in items)


def _kept(
    atoms: Sequence[str], items: list[Item], now: datetime, breaks: Sequence[int] = (), *, days: bool = True
) -> list[Item]:
    """Of what was said that which counts; without the days where those are not wanted."""
    counting = [item for item in items if counts(item, items, atoms) and not _long_past(item, now)]
    return judged([item for item in counting if days or item.kind is not Kind.DAY], breaks)


def _start(kept: Sequence[Item], now: datetime, given: date | None) -> datetime:
    times = _of(kept, Kind.TIME)
    day = day_of(_of(kept, Kind.DAY), now.date(), given or _today(times, now))
    if [item.form for item in times] == ["ahead"] and day == now.date():
        return _ahead(times[0], now)
    parts = {item.form for item in _of(kept, Kind.PART)}
    if not times:
        raise Unclear(Doubt.NO_TIME)
    if len(parts) > 1:
        raise Unclear(Doubt.SEVERAL)
    found = {time_of_day(item, min(parts, default="")) for item in times}
    if len(found) > 1:
        raise Unclear(Doubt.SEVERAL)
    return _at(datetime.combine(day, found.pop(), now.tzinfo), now)


def _of(items: Sequence[Item], kind: Kind) -> list[Item]:
    return [item for item in items if item.kind is kind]


def counts(item: Item, items: Sequence[Item], atoms: Sequence[str]) -> bool:
    """Whether it bears on the time.

    A bare number does only beside a day or a part of it, or behind a correction; a part of the day not far
    from a day or a time: "at two, I don't see so well in the evening".
    """
    if item.kind is Kind.PART:
        gaps = [max(item.start - other.end, other.start - item.end) for other in items if other.kind in BOUND]
        return min(gaps, default=0) <= PART_NEAR
    if item.form != "bare":
        return True
    if item.end < len(atoms) and is_number(atoms[item.end]):
        return False
    place = items.index(item)
    before = items[place - 1] if place else None
    after = items[place + 1] if place + 1 < len(items) else None
    if all(map(is_number, atoms[max(item.start - 2, 0) : item.start])) and item.start > 1:
        return False  # more numbers than a time has
    if before and before.kind is not Kind.BESIDE and item.start - before.end <= 0:
        return True
    return bool(
        after
        and after.kind in (Kind.DAY, Kind.PART)
        and set(atoms[item.end : after.start]) <= {"on", "this", "el"}
    )


def _long_past(item: Item, now: datetime) -> bool:
    """Whether it is a day of another year, such as one of birth."""
    year = item.number("year", now.year)
    return year < now.year - 1 and (year >= 100 or year + 2000 > now.year + 1)


def day_of(said: Sequence[Item], today: date, given: date | None) -> date:
    """The one day that these items come to; the given one without any. Raises Unclear."""
    if not said:
        if given is None:
            raise Unclear(Doubt.NO_DAY)
        return given
    forms: dict[str, list[Item]] = {"weekday": [], "week": [], "moved": [], "beside": []}
    dates: list[Item] = []
    for item in said:
        forms.get(item.form, dates).append(item)
    moved = sum(item.number("days") for item in forms["moved"])
    beside = _once(forms["beside"])
    return Days(_once(dates), _once(forms["weekday"]), _once(forms["week"]), moved, beside).day(today)


def _once(items: Sequence[Item]) -> list[Item]:
    """The same said twice is said once."""
    return list({(item.form, *sorted(item.values.items())): item for item in items}.values())


def _today(times: Sequence[Item], now: datetime) -> date | None:
    """The day of a time that counts from now."""
    return now.date() if any(item.form == "ahead" for item in times) else None


def _ahead(item: Item, now: datetime) -> datetime:
    """So many minutes from now, by the clock of the world."""
    minutes = item.number("n", 1) * item.number("each") + item.number("more")
    if minutes > DAYS_MOST * 24 * 60:
        raise Unclear(Doubt.NO_SUCH_TIME)
    start = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
    return start.replace(second=0, microsecond=0)


def _at(start: datetime, now: datetime) -> datetime:
    """A start that is there, once, and has not passed."""
    zone = now.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("now must be in a ZoneInfo")
    there = start.astimezone(UTC).astimezone(zone)
    if there.replace(tzinfo=None) != start.replace(tzinfo=None):
        raise Unclear(Doubt.NO_SUCH_TIME)
    if start.replace(fold=1).utcoffset() != start.utcoffset():
        raise Unclear(Doubt.WHICH_HALF)
    if start <= now:
        raise Unclear(Doubt.PAST)
    return start
