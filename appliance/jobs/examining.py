"""Having the doctor look at the box: asked for by somebody, and each morning.

What it looks at is the service's. May import: the standard library, appliance.store, appliance.jobs.
"""

from datetime import datetime, time

from appliance.jobs.timetable import Daily, Schedule
from appliance.store import jobs, times
from appliance.store.database import Connection
from appliance.store.jobs import State, Wanted

NAME = "examine box"
MORNINGS = Schedule(NAME, NAME, Daily(time(6, 30)))
TRIES = 2


def ask(db: Connection, now: datetime) -> None:
    """Have it look at once, unless it is about to."""
    if not under_way(db):
        jobs.owe(db, Wanted(NAME, f"{NAME}:{times.written(now)}", tries=TRIES), now=now)


def under_way(db: Connection) -> bool:
    """Whether it is asked for and has not looked yet."""
    return bool(jobs.page(db, (State.QUEUED, State.RUNNING, State.WAITING), kind=NAME, limit=1))
