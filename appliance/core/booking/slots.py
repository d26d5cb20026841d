"""When there is room for a visit: the starts of a day that are on the grid, open, free and far enough ahead.

Opening hours and the grid are wall time of the office; lengths and overlaps are real time, so that a day on
which clocks change has as many hours as it has. A wall time that such a day skips or repeats is no start.
May import: the standard library, appliance.core.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance.core.booking.visits import VisitType
from appliance.core.calendar import Span, merged

Open = Callable[[date], Sequence[tuple[time, time]]]
"""The opening hours of a day, in wall time."""


@dataclass(frozen=True, slots=True)
class Diary:
    """One provider's time: when it is open, and what is taken of it (in UTC)."""

    zone: ZoneInfo
    open: Open
    taken: Sequence[Span]

    def starts(self, visit: VisitType, day: date, now: datetime) -> Iterator[datetime]:
        """The starts for this visit on a day, in the office's zone and in order."""
        taken = merged(self.taken)
        soonest = now + timedelta(hours=visit.notice_hours)
        latest = now + timedelta(days=visit.ahead_days)
        for begins, ends in self.open(day):
            shuts = _instant(datetime.combine(day, ends, self.zone))
            for start in _grid(day, begins, ends, visit.step_minutes, self.zone):
                span = Span(start.astimezone(UTC), start.astimezone(UTC) + visit.taken)
                fits = span.start + visit.length <= shuts and soonest <= start <= latest
                if fits and not any(span.overlaps(each) for each in taken):
                    yield start

    def has_room(self, visit: VisitType, start: datetime, now: datetime) -> bool:
        """Whether this is one of the starts."""
        local = start.astimezone(self.zone)
        return start in self.starts(visit, local.date(), now)


def _grid(day: date, begins: time, ends: time, step: int, zone: ZoneInfo) -> Iterator[datetime]:
    """The wall times of the grid from an opening on, that are there just once on this day."""
    first = -(-(begins.hour * 60 + begins.minute) // step) * step
    last = ends.hour * 60 + ends.minute
    for minute in range(first, last, step):
        start = datetime.combine(day, time(*divmod(minute, 60)), zone)
        if _there_once(start):
            yield start


def _there_once(wall: datetime) -> bool:
    return wall.utcoffset() == wall.replace(fold=1).utcoffset()


def _instant(wall: datetime) -> datetime:
    """The instant of a wall time; of one that is skipped, that of the change."""
    return wall.astimezone(UTC)
