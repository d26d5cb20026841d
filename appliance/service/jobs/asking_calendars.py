"""The kind of job that asks all calendars whether they can be read and written, and keeps what each answered.

May import: the standard library, appliance.core, appliance.jobs, appliance.service.booking, appliance.store.
"""

from datetime import UTC, datetime

from appliance.core.settings import Settings
from appliance.jobs.asking_calendars import NAME, TRIES
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Nothing
from appliance.service.booking import calendars
from appliance.store import calendar_looks, visits
from appliance.store.times import written

DEADLINE_S = 600.0
"""Fifty providers may have six calendars each, and one that is away takes ten seconds."""


def asking_calendars(settings: Settings) -> Kind[Nothing]:
    """The kind that does it."""

    def run(errand: Errand, _: Nothing) -> Change:
        bookable = errand.read(visits.load)
        found = errand.awaited(calendars.looked(settings, bookable.provider))
        at = written(datetime.now(UTC))
        return lambda db: calendar_looks.keep(db, at, found)

    return Kind(NAME, Nothing, run, deadline_s=DEADLINE_S, urgent=True, tries=TRIES)
