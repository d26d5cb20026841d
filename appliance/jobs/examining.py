"""Having the doctor look at the box: asked for by somebody, and each morning.

What it looks at is the service's. May import: the standard library, appliance.store, appliance.jobs.
"""

from datetime import datetime, time

from appliance.jobs.timetable import Daily, Schedule
from appliance.store import jobs
from appliance.store.database import Connection

NAME = "examine box"
MORNINGS = Schedule(NAME, NAME, Daily(time(6, 30)))
TRIES = 2


def ask(db: Connection, now: datetime) -> None:
    """Have it look at once, unless it is about to."""
    jobs.owe_now(db, NAME, tries=TRIES, now=now)
