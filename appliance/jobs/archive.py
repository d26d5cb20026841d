"""Recordings and the bucket elsewhere, where there is one: moved there every hour, brought back to be heard.

The pages reach nobody outside the box and read no key: they owe the bringing back, and the worker does it.
May import: the standard library, appliance.archive, appliance.core, appliance.jobs, appliance.store.
"""

import logging

from appliance.archive import moving
from appliance.archive.bucket import BucketFailed
from appliance.core.settings import Settings
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing, Payload
from appliance.jobs.recordings import folder
from appliance.jobs.timetable import Every, Schedule
from appliance.store import messages, recordings_away
from appliance.store.job_leases import Waits
from appliance.store.recordings_away import BRING, BRING_TRIES

log = logging.getLogger(__name__)

NAME = "move_recordings"
HOURLY = Schedule(NAME, NAME, Every(60))
DEADLINE_S = 3600.0
BRING_S = 120.0
SOON = Waits(first_s=5.0, longest_s=30.0)
"""Somebody looks at the page."""


class Wished(Payload):
    """The message whose recording somebody wants to hear."""

    message_id: int


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


def bringing_back(settings: Settings) -> Kind[Wished]:
    """The kind that has a recording here again, until it is removed here as before."""

    def run(errand: Errand, wished: Wished) -> None:
        message = errand.read(lambda db: messages.one(db, wished.message_id))
        name = message.recording_path if message is not None else None
        if name is None or (folder(settings) / name).is_file():
            return
        away = errand.read(lambda db: recordings_away.of(db, [name])).get(name)
        if away is None:
            raise JobFailed("The recording is kept nowhere else.", again=False)
        try:
            moving.bring_back(settings, away, folder(settings) / name, errand.check)
        except BucketFailed as exc:
            raise JobFailed(str(exc), again=exc.again) from exc
        except OSError as exc:
            raise JobFailed(f"The recording cannot be kept here: {exc.strerror}", again=True) from exc

    return Kind(BRING, Wished, run, BRING_S, urgent=True, tries=BRING_TRIES, waits=SOON)
