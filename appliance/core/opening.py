"""When the clinic is open: a week, and all that is different on single days. One truth for every door.

For each day the first of these counts: closed for the day, hours of its own, a kept holiday, its weekday.
Times are the office's own. On a night when the clock changes, what its face shows counts: a span that is
shown twice is open twice, and one that is skipped is not. Pure. May import: the standard library,
appliance.core.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from appliance.core.holidays import Holidays
from appliance.core.hours import DAYS, WeeklyHours

AHEAD_MOST = 400
"""Days: a clinic that does not open for longer does not open."""
MINUTE = timedelta(minutes=1)

Spans = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of one date; closed without spans. `holiday` is why, if it is one."""

    date: date
    spans: Spans = ()
    special: bool = False
    """Whether these are other hours than those of its weekday."""
    holiday: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """When it is open, in the zone of this name."""

    zone: str
    weekly: WeeklyHours = field(default_factory=WeeklyHours)
    closed_on: tuple[date, ...] = ()
    special: Mapping[date, Spans] = field(default_factory=dict)
    holidays: Holidays = field(default_factory=Holidays)

    def with_week(self, weekly: WeeklyHours) -> "Opening":
        """The same with another week: of a department, which is closed when the clinic is for a whole day."""
        closed = {on: spans for on, spans in self.special.items() if not spans}
        return replace(self, weekly=weekly, special=closed)

    def day(self, on: date) -> Day:
        """The hours of a date."""
        usual = self.weekly.of(DAYS[on.weekday()])
        if on in self.closed_on:
            return Day(on, (), special=bool(usual))
        if on in self.special:
            return Day(on, self.special[on], special=self.special[on] != usual)
        if holiday := self.holidays.on(on):
            return Day(on, (), special=bool(usual), holiday=holiday)
        return Day(on, usual)

    def local(self, at: datetime) -> datetime:
        """A time as the office's clock shows it."""
        return at.astimezone(ZoneInfo(self.zone))

    def open_at(self, at: datetime) -> bool:
        """Whether it is open at a time (aware)."""
        local = self.local(at)
        now = local.time().replace(tzinfo=None)
        return any(start <= now < end for start, end in self.day(local.date()).spans)

    def changes(self, after: datetime) -> datetime | None:
        """When it closes next if it is open, when it opens if not; in the office's zone."""
        is_open = self.open_at(after)
        today = self.local(after).date()
        for ahead in range(AHEAD_MOST):
            on = today + timedelta(days=ahead)
            if not (is_open or self.day(on).spans):
                continue
            for edge in self._edges(on):
                if edge > after and self.open_at(edge) is not is_open:
                    return self.local(edge)
        return None

    def after(self, at: datetime, length: timedelta) -> datetime:
        """When it will have been open for so long since a time (aware), in that time's zone.

        For one that does not open in the next time at all the clock counts instead.
        """
        now, left = at.astimezone(UTC), length
        for _ in range(AHEAD_MOST):
            changes = self.changes(now)
            if changes is None:
                # It is open round the clock, or never.
                break
            changes = changes.astimezone(UTC)
            if self.open_at(now):
                if left <= changes - now:
                    break
                left -= changes - now
            now = changes
        return (now + left).astimezone(at.tzinfo)

    def _edges(self, on: date) -> Iterator[datetime]:
        """The times of a date at which it may open or close, in order."""
        zone = ZoneInfo(self.zone)
        times = {time.min, *(edge for span in self.day(on).spans for edge in span)}
        shown = (datetime.combine(on, each.replace(fold=fold), zone) for each in times for fold in (0, 1))
        # UTC alone has an order: of two times in one zone Python compares the clock's face.
        edges = {each.astimezone(UTC) for each in shown}
        change = _clock_change(self.zone, on)
        yield from sorted(edges | ({change} if change else set()))


@cache
def _clock_change(zone: str, on: date) -> datetime | None:
    """The first moment (UTC) of the new time on a date on which the clock changes."""
    begins = datetime.combine(on, time.min, ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=3)
    low, high = 0, 30 * 60

    def offset(minutes: int) -> timedelta | None:
        return (begins + minutes * MINUTE).astimezone(ZoneInfo(zone)).utcoffset()

    if offset(low) == offset(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
    change = begins + high * MINUTE
    # The hours looked through reach into the days beside it.
    return change if change.astimezone(ZoneInfo(zone)).date() == on else None
