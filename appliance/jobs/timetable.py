"""When jobs by timetable are due, in the office's time.

May import: the standard library, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance.store import database, job_schedules
from appliance.store.database import Connection

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day; with a `weekday` (0 is Monday) once a week."""

    at: time
    weekday: int | None = None

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The last time of it that is not after now, in UTC.

        A time that a change of the clocks leaves out is taken by the clock from before, and one that comes
        twice is the first of both: each day has one.
        """
        day = now.astimezone(zone).date()
        while True:
            at = datetime.combine(day, self.at, zone).astimezone(UTC)
            if at <= now and self.weekday in (None, day.weekday()):
                return at
            day -= DAY

    def next(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first time of it after now, in UTC."""
        day = now.astimezone(zone).date()
        while True:
            at = datetime.combine(day, self.at, zone).astimezone(UTC)
            if at > now and self.weekday in (None, day.weekday()):
                return at
            day += DAY


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes, at the same ones of each day."""

    minutes: int

    def latest(self, now: datetime, _zone: ZoneInfo) -> datetime:
        """The last time of it that is not after now, in UTC."""
        span_s = self.minutes * 60
        return datetime.fromtimestamp(int(now.timestamp()) // span_s * span_s, UTC)

    def next(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first time of it after now, in UTC."""
        return self.latest(now, zone) + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind that is owed by timetable, without a payload."""

    name: str
    kind: str
    when: Daily | Every


def look(db: Connection, schedules: Sequence[Schedule], zone: ZoneInfo, now: datetime) -> int:
    """Owe what has become due by timetable; return how much that was. Raises StoreError."""
    with database.translated():
        known = job_schedules.last(db)
    owed = 0
    for each in schedules:
        at = each.when.latest(now, zone)
        if known.get(each.name) != at:
            with database.immediate(db):
                owed += job_schedules.owe(db, each.name, each.kind, at, now=now) is not None
    return owed
