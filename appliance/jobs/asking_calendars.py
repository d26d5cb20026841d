"""Having all calendars asked whether they can be read and written: each morning, and by somebody.

How they are asked is the service's. May import: the standard library, appliance.store, appliance.jobs.
"""

from datetime import datetime, time

from appliance.jobs.timetable import Daily, Schedule
from appliance.store import jobs
from appliance.store.database import Connection

NAME = "ask calendars"
MORNINGS = Schedule(NAME, NAME, Daily(time(6, 20)))
"""Before anybody rings: a key that has run out is seen to before a caller meets it."""
TRIES = 2


def ask(db: Connection, now: datetime) -> None:
    """Have them asked at once, unless they are about to be."""
    jobs.owe_now(db, NAME, tries=TRIES, now=now)
