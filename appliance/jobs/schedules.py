"""All timetables of the worker, in the order of the night.

May import: the standard library, appliance.jobs.
"""

from datetime import time

from appliance.jobs import backup, examining, knowledge, retention, tidy
from appliance.jobs.timetable import Daily, Schedule

RENDER = "render prompts"
RENDERING = Schedule(RENDER, RENDER, Daily(time(4, 25)))
"""Its kind speaks by parts of the service; a better voice may have come during the day."""
ALL = (
    *(
        knowledge.NIGHTLY,
        retention.NIGHTLY,
        tidy.NIGHTLY,
        tidy.WEEKLY,
        RENDERING,
        backup.NIGHTLY,
        backup.WEEKLY,
    ),
    examining.MORNINGS,
)
