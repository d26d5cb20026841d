"""Nightly: forget what serves nobody any more, and keep the database quick.

May import: the standard library, appliance.store, appliance.jobs.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing
from appliance.jobs.timetable import Daily, Schedule
from appliance.store import (
    after_calls,
    booking_links,
    database,
    identity_tries,
    jobs,
    office,
    office_clock,
    texting,
    upkeep,
)
from appliance.store.database import Connection

NAME, CHECK = "tidy", "check database"
NIGHTLY = Schedule(NAME, NAME, Daily(time(3, 40)))
WEEKLY = Schedule(CHECK, CHECK, Daily(time(4, 10), weekday=6))
UNMADE = timedelta(days=30)
"""How long is known what was asked for and never became an appointment: staff have its message."""
CANCELLED = timedelta(days=90)
"""How long is known what was cancelled, from then and from its day on."""
LINKED = timedelta(days=30)
"""How long a link to book by is known that has expired: until then it tells what came of it."""
HEARD = timedelta(days=7)
"""How long is known who texted us, and wants no texts less for it."""
BATCH = 200
PAUSE_S = 0.05


def tidying(kept_days: int) -> Kind[Nothing]:
    """The kind that tidies up, in small steps: a call never waits for long for the database."""

    def run(errand: Errand, _: Nothing) -> None:
        now = datetime.now(UTC)
        errand.write(lambda db: after_calls.purge(db, now=now))
        errand.write(lambda db: identity_tries.forget(db, now=now))
        _in_steps(errand, lambda db: after_calls.forget_unmade(db, now - UNMADE, limit=BATCH))
        _in_steps(errand, lambda db: after_calls.forget_cancelled(db, now - CANCELLED, limit=BATCH))
        _in_steps(errand, lambda db: booking_links.forget(db, now - LINKED, limit=BATCH))
        _in_steps(errand, lambda db: texting.forget(db, now - HEARD, limit=BATCH))
        _in_steps(errand, lambda db: jobs.forget(db, now - timedelta(days=kept_days), limit=BATCH))
        # Rules of zones change with the system's updates.
        errand.write(lambda db: office_clock.keep(db, office.staff(db).time_zone))
        errand.apart(upkeep.optimise)

    return Kind(NAME, Nothing, run, deadline_s=600)


def checking(path: Path) -> Kind[Nothing]:
    """The kind that reads the whole database, to see that it is sound while there still is a copy that is."""

    def run(_errand: Errand, _: Nothing) -> None:
        if found := database.faults(path):
            told = f"The database is damaged: restore a backup. {len(found)} faults, the first: {found[0]}"
            raise JobFailed(told, again=False)

    return Kind(CHECK, Nothing, run, deadline_s=1800, tries=3)


def _in_steps(errand: Errand, step: Callable[[Connection], int]) -> None:
    while errand.write(step) == BATCH:
        errand.rest(PAUSE_S)
