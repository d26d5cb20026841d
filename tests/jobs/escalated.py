"""An office with a callback list, a mail server and a webhook, and a worker that goes by its clock.

May import: the standard library, appliance, tests.peers.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from appliance.core.callbacks import Cause, Urgency
from appliance.core.settings import Settings
from appliance.jobs import cut_off, escalation, work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.store import callback_causes, callback_rows, database, job_leases, jobs, office
from appliance.store.callback_causes import Reason
from appliance.store.callback_rows import Entry
from appliance.store.database import Connection
from appliance.store.job_leases import Moment, Waits

TUESDAY = datetime(2026, 11, 24, 15, tzinfo=UTC)
"""10 in the morning, in the office's zone."""


@dataclass
class Office:
    """What is told is decided each time that `passes` is called, as the worker does every ten seconds."""

    db: Connection
    settings: Settings
    now: datetime = TUESDAY
    callers: int = 0
    became: list[str] = field(default_factory=list)

    def decides(self, key: str, value: Any) -> None:
        with database.immediate(self.db):
            office.set_value(self.db, key, value, at="2026-01-01T00:00:00.000Z", by="test")

    def is_called(
        self, cause: Cause = Cause.VOICEMAIL, urgency: Urgency = Urgency.NORMAL, number: str = ""
    ) -> Entry:
        """A caller gets onto the list."""
        self.callers += 1
        number = number or f"+1415555{self.callers:04}"
        reason = Reason(f"message {self.callers}", cause, self.now, number, urgency, "Ana Ruiz")
        with database.immediate(self.db):
            return callback_rows.get(self.db, callback_causes.note(self.db, reason))

    def passes(self, minutes: float = 0) -> int:
        """So much time passes, and then what is due is owed and done; how many notices that were."""
        self.now += timedelta(minutes=minutes)
        owed = escalation.owe(self.db, office.staff(self.db), self.now)
        self.works()
        return owed

    def works(self) -> None:
        """Do all that is due."""
        kinds = registry(
            [
                escalation.notifying(self.settings, lambda: self.now),
                cut_off.texting_cut_off(self.settings, lambda: self.now),
            ]
        )
        while True:
            moment = replace(Moment.now(), at=self.now)
            with database.immediate(self.db):
                job_leases.wake(self.db, moment=moment, waits=Waits())
                found = job_leases.claim(self.db, [*kinds], worker="w", moment=moment, lease_s=60)
            if found is None:
                return
            errand = Errand(*found, self.db, Turns(), 30.0)
            self.became.append(work.do(kinds, errand, partial(replace, moment), lambda _: True))

    def errors(self) -> list[str]:
        """What jobs failed of that were given up."""
        return [job.error for job in jobs.page(self.db, [jobs.State.DEAD])]
