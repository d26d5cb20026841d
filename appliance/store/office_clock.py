"""The office's clock in the database: how many minutes it is ahead of UTC, and since when.

The engine knows no zones; with this its triggers know the office's day and hour of a call.
May import: the standard library, appliance.store.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.store import times
from appliance.store.database import Connection

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2080, 1, 1, tzinfo=UTC)
"""Outside of these years the clock stands as at their ends."""


def keep(db: Connection, zone: str) -> None:
    """Have the clock go by this zone from now on: what has been counted by another one stays."""
    wanted = list(changes(ZoneInfo(zone)))
    rows = db.execute("SELECT since, minutes FROM office_clock ORDER BY since")
    if [(row[0], row[1]) for row in rows] == wanted:
        return
    db.execute("DELETE FROM office_clock")
    for since, minutes in wanted:
        db.execute("INSERT INTO office_clock (since, minutes) VALUES (?, ?)", (since, minutes))


def changes(zone: ZoneInfo) -> Iterator[tuple[str, int]]:
    """Since when the clock is so many minutes ahead of UTC, the earliest first; it always begins with one."""
    known = _ahead(FIRST, zone)
    yield times.written(datetime.min.replace(tzinfo=UTC)), known
    day = FIRST
    while day < LAST:
        after = day + timedelta(days=1)
        if _ahead(after, zone) != known:
            known = _ahead(after, zone)
            yield times.written(_changed(day, zone, known)), known
        day = after


def _changed(day: datetime, zone: ZoneInfo, ahead: int) -> datetime:
    """The quarter of an hour of that day from which on the clock is so far ahead."""
    quarters = (day + timedelta(minutes=15 * number) for number in range(97))
    return next(at for at in quarters if _ahead(at, zone) == ahead)


def _ahead(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)
