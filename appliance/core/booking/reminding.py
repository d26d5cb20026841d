"""When a reminder is due: some hours before the appointment, by the office's clock, and never at night. Pure.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance.core.staff import StaffSettings

LATEST = timedelta(hours=1)
"""A reminder that comes later than this before the start is none."""
EVENING = timedelta(hours=1)
"""What would be due at night comes so long before its beginning."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when and until when a text may be sent."""

    since: datetime
    until: datetime


def due(staff: StaffSettings, start: datetime) -> datetime | None:
    """When the reminder of an appointment is due (UTC); None where none are sent."""
    if not staff.reminder_hours:
        return None
    zone = ZoneInfo(staff.time_zone)
    # The same time of the day: a night on which clocks change is as long as it is.
    wall = start.astimezone(zone).replace(tzinfo=None) - timedelta(hours=staff.reminder_hours)
    if wall.hour < staff.texts_from_hour:
        wall = _evening(staff, wall - timedelta(days=1))
    elif wall.hour >= staff.texts_until_hour:
        wall = _evening(staff, wall)
    return _instant(wall, zone)


def window(staff: StaffSettings, start: datetime, now: datetime) -> Window | None:
    """When a reminder that is due may go out from now on; None when it is too late for one."""
    zone, last = ZoneInfo(staff.time_zone), start - LATEST
    wall = now.astimezone(zone).replace(tzinfo=None)
    begins = datetime.combine(wall.date(), time(staff.texts_from_hour))
    ends = datetime.combine(wall.date(), time()) + timedelta(hours=staff.texts_until_hour)
    if wall >= ends:
        begins, ends = begins + timedelta(days=1), ends + timedelta(days=1)
    since, until = max(now, _instant(begins, zone)), min(last, _instant(ends, zone))
    return Window(since, until) if since < until else None


def _evening(staff: StaffSettings, wall: datetime) -> datetime:
    """The evening of that day."""
    return datetime.combine(wall.date(), time()) + timedelta(hours=staff.texts_until_hour) - EVENING


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
