"""All timetables of the worker, and those of one box.

May import: the standard library, appliance.core, appliance.jobs.
"""

from datetime import time

from appliance.core.settings import Settings
from appliance.jobs import (
    archive,
    asking_calendars,
    backup,
    examining,
    knowledge,
    retention,
    self_calls,
    tidy,
    writing_down,
)
from appliance.jobs.timetable import Daily, Every, Schedule

RENDER = "render prompts"
RENDERING = Schedule(RENDER, RENDER, Daily(time(4, 25)))
"""Its kind speaks by parts of the service; a better voice may have come during the day."""
BY_DAY = "backup by day"
"""Where another box stands ready, for which a night is too long."""
ALL = (
    writing_down.NIGHTLY,
    knowledge.NIGHTLY,
    retention.NIGHTLY,
    tidy.NIGHTLY,
    tidy.WEEKLY,
    RENDERING,
    backup.NIGHTLY,
    backup.WEEKLY,
    asking_calendars.MORNINGS,
    examining.MORNINGS,
    self_calls.LOOKS,
    archive.HOURLY,
)


def of(settings: Settings) -> list[Schedule]:
    """Those of a box with these settings."""
    off = {
        RENDERING: not settings.speech.rendered_ahead,
        self_calls.LOOKS: not settings.asterisk.enabled,
        backup.NIGHTLY: not settings.backup.repository,
        backup.WEEKLY: not settings.backup.repository,
        archive.HOURLY: not settings.recordings.s3_url,
    }
    found = [each for each in ALL if not off.get(each)]
    if settings.backup.repository and settings.backup.every_minutes:
        found.remove(backup.WEEKLY)
        found += [
            Schedule(BY_DAY, backup.NAME, Every(settings.backup.every_minutes)),
            backup.VERIFIED_NIGHTLY,
        ]
    return found
