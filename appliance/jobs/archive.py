"""Every hour recordings are moved to the bucket elsewhere, where there is one.

May import: the standard library, appliance.archive, appliance.core, appliance.jobs.
"""

import logging

from appliance.archive import moving
from appliance.archive.bucket import BucketFailed
from appliance.core.settings import Settings
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing
from appliance.jobs.recordings import folder
from appliance.jobs.timetable import Every, Schedule

log = logging.getLogger(__name__)

NAME = "move_recordings"
HOURLY = Schedule(NAME, NAME, Every(60))
DEADLINE_S = 3600.0


def moving_recordings(settings: Settings) -> Kind[Nothing]:
    """The kind that does it."""

    def run(errand: Errand, _: Nothing) -> None:
        if not settings.recordings.s3_url:
            return
        try:
            moved = moving.move(errand, settings, folder(settings), errand.check)
        except BucketFailed as exc:
            raise JobFailed(str(exc), again=exc.again) from exc
        if moved.sent or moved.removed:
            told = {"sent": moved.sent, "removed_here": moved.removed}
            log.info("recordings were moved to the bucket", extra=told)

    return Kind(NAME, Nothing, run, DEADLINE_S)
