"""When there is room for a visit, by the hours, our own bookings and every calendar that answers.

May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from appliance.core.booking.choosing import Opening, chosen
from appliance.core.booking.slots import Diary
from appliance.core.booking.visits import Provider, VisitType
from appliance.core.booking.wanted import Wanted
from appliance.core.calendar import CalendarFailed, Span
from appliance.core.staff import StaffSettings
from appliance.service.booking.books import CALENDARS_S, READ_S, Books, open_hours, zone_of
from appliance.service.booking.calendars import TURNS
from appliance.store import bookings
from appliance.store.database import Connection

DAYS_AT_ONCE = 14
LOOKS_MOST = 3
"""So many times 14 days are looked through, while the time for it lasts."""
LEFT_S = 0.5
"""What a further look needs at the least."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and for which call."""

    visit: VisitType
    providers: Sequence[Provider]
    wanted: Wanted
    call_sid: str


@dataclass(frozen=True, slots=True)
class Free:
    """The free times, best first. `unknown`: a calendar did not answer, and nobody knows what it has free."""

    times: Sequence[Opening] = ()
    unknown: bool = False


async def openings(books: Books, staff: StaffSettings, search: Search) -> Free:
    """The free times; none when there is no room.

    Raises CalendarFailed when no calendar answers, or StoreError.
    """
    unknown = False
    loop = asyncio.get_running_loop()
    until = loop.time() + CALENDARS_S
    now, zone = books.now(), zone_of(staff)
    begins_at = search.wanted.start or search.wanted.behind or now
    first = search.wanted.day or begins_at.astimezone(zone).date()
    last = now.astimezone(zone).date() + timedelta(days=search.visit.ahead_days)
    for look in range(LOOKS_MOST):
        begins = first + timedelta(days=DAYS_AT_ONCE * look)
        left_s = until - loop.time()
        if begins > last or (look and left_s < LEFT_S):
            break
        days = [begins + timedelta(days=day) for day in range(DAYS_AT_ONCE)]
        found = await _in(books, staff, search, [day for day in days if day <= last], left_s)
        unknown = unknown or found.unknown
        if found.times:
            near = _near(found.times, first) if search.wanted.day else found.times
            return Free(chosen(near, search.wanted), unknown)
    return Free(unknown=unknown)


def _near(found: Sequence[Opening], day: date) -> Sequence[Opening]:
    """Those of the day that was asked for, or all when it has none."""
    return [each for each in found if each.start.date() == day] or found


async def _in(
    books: Books, staff: StaffSettings, search: Search, days: Sequence[date], within_s: float
) -> Free:
    zone = zone_of(staff)
    edges = (days[0], days[-1] + timedelta(days=1))
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in edges)
    within = Span(start, end + search.visit.taken)
    turns = asyncio.Semaphore(TURNS)
    asked = (books.calendars.busy(each, within, within_s, turns) for each in search.providers)
    told = await asyncio.gather(*asked, return_exceptions=True)
    busy: dict[str, Sequence[Span]] = {}
    failures: list[CalendarFailed] = []
    for provider, answer in zip(search.providers, told, strict=True):
        if isinstance(answer, CalendarFailed):
            failures.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            busy[provider.slug] = answer
    if not busy and failures:
        raise failures[0]
    now, behind = books.now(), search.wanted.behind

    def starts(db: Connection) -> list[Opening]:
        # It computes for some milliseconds, in which frames would be late on the loop.
        found: list[Opening] = []
        for provider in search.providers:
            if provider.slug in busy:
                ours = bookings.taken(db, provider.slug, within, now=now, but_for=search.call_sid)
                diary = Diary(zone, open_hours(staff, provider), [*busy[provider.slug], *ours])
                found += [
                    Opening(start, provider.slug)
                    for day in days
                    for start in diary.starts(search.visit, day, now)
                    if behind is None or start > behind
                ]
        return found

    return Free(await books.reader.run(starts, within_s=READ_S), bool(failures))
