"""Has the clinic's sentences rendered ahead, whatever changed them: staff, a voice, a new version, a new box.

The worker looks every few seconds whether something else is to be said than what it had rendered last, and at
its start. Each night it is done once more: a better voice may have come. May import: the standard library,
appliance.core, appliance.jobs, appliance.service.rendering, appliance.store, models.local.
"""

import logging
from datetime import datetime

from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing
from appliance.jobs.schedules import RENDER
from appliance.service import rendering
from appliance.store import jobs, office
from appliance.store.database import Connection, immediate
from appliance.store.jobs import Wanted
from appliance.store.times import written
from models.local.rendering import Rendering

log = logging.getLogger(__name__)

DEADLINE_S = 1800.0
AGAIN_AFTER_S = 300.0
"""A voice that was away is asked again then; callers hear the next best one meanwhile."""
TRIES = 5


def rendering_of(settings: Settings) -> Kind[Nothing]:
    """The kind that does it."""

    def run(errand: Errand, _: Nothing) -> Change | None:
        kept, before = rendering.cache(settings), errand.read(office.load)
        work = rendering.render(kept, rendering.voices_of(settings), rendering.texts(before), errand.check)
        done = errand.awaited(work)
        if missing := sum(len(each.missing) for each in done.values()):
            told = f"Sentences without a voice: {missing}. Install espeak-ng, or start the speech program."
            raise JobFailed(told, again=True, after_s=AGAIN_AFTER_S)
        if rendering.digest(settings, errand.read(office.load)) == rendering.digest(settings, before):
            kept.sweep(set().union(*(each.in_use for each in done.values())))
        _tell(done)
        if any(each.later for each in done.values()) and errand.job.attempts < TRIES:
            problem = next(told for each in done.values() for told in each.failures.values())
            raise JobFailed(f"A better voice was away: {problem}.", again=True, after_s=AGAIN_AFTER_S)
        return None

    return Kind(RENDER, Nothing, run, deadline_s=DEADLINE_S, tries=TRIES)


def _tell(done: dict[str, Rendering]) -> None:
    made = sum(each.made.total() for each in done.values())
    if made:
        log.info("sentences are rendered ahead", extra={"count": made})


class Noticing:
    """Owes the job when what is to be said is not what it was when this last looked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._owed = ""

    def look(self, db: Connection, as_it_is: Office, now: datetime) -> bool:
        """Look; whether a job is owed by that. Raises StoreError."""
        digest = rendering.digest(self._settings, as_it_is)
        if digest == self._owed:
            return False
        with immediate(db):
            jobs.owe(db, Wanted(RENDER, f"{RENDER}:{digest[:12]}:{written(now)}", tries=TRIES), now=now)
        self._owed = digest
        return True
