"""The kind of job that brings an appointment and its calendar together after a call, and tells staff of it.

The same steps as during a call are done on the job's own hold of the store. May import: the standard library,
appliance.core, appliance.jobs, appliance.service.booking, appliance.store.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Payload
from appliance.service.booking import calendars
from appliance.service.booking.books import Books
from appliance.service.booking.settling import Settling
from appliance.store import calendar_sync, office
from appliance.store.calendar_sync import SYNC, TRIES
from appliance.store.database import Connection
from appliance.store.job_leases import Waits

T = TypeVar("T")
DEADLINE_S = 60.0
WAITS = Waits(first_s=20.0, longest_s=300.0)
"""The patient waits for it, and the calendar may be back any minute."""
AT_ONCE = 2


class Appointment(Payload):
    """Which one, by its key."""

    booking: str


class _Rows:
    """The store as an errand has it, where the bridge has a writer and a reader."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand

    async def promise(
        self, job: Callable[[Connection], T], *, within_s: float = 5.0, unless_cancelled: bool = False
    ) -> T:
        """Write; a try that lost its lease writes nothing more."""
        return self._errand.write(job)

    async def run(self, read: Callable[[Connection], T], *, within_s: float = 5.0) -> T:
        """Read."""
        return self._errand.read(read)


def syncing(
    settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Kind[Appointment]:
    """The kind that does it."""
    texts = bool(settings.twilio.account_sid and settings.twilio.sms_from)

    async def settled(errand: Errand, key: str) -> None:
        rows, found = _Rows(errand), await calendars.opened(settings)
        books = Books(found, rows, rows, now=clock, texts=texts)

        async def as_it_is() -> Office:
            return errand.read(office.load)

        try:
            await Settling(books, as_it_is).settle(key, errand.job.attempts)
        finally:
            found.close()

    def run(errand: Errand, wanted: Appointment) -> Change:
        errand.awaited(settled(errand, wanted.booking))
        return lambda db: calendar_sync.owe_rest(db, wanted.booking, now=clock())

    return Kind(SYNC, Appointment, run, DEADLINE_S, at_once=AT_ONCE, tries=TRIES, waits=WAITS)
