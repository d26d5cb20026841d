"""The kind of job that has the doctor look at the box, and keeps what it found for the pages.

May import: the standard library, appliance.core, appliance.jobs, appliance.service.doctor, appliance.store.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from appliance.core.examined import Examined
from appliance.core.settings import Settings
from appliance.jobs.errand import Change, Errand
from appliance.jobs.examining import NAME, TRIES
from appliance.jobs.kinds import Kind, Nothing
from appliance.store import health_looks, office
from appliance.store.times import written

DEADLINE_S = 120.0


def examining(settings: Settings) -> Kind[Nothing]:
    """The kind that does it."""

    def run(errand: Errand, _: Nothing) -> Change:
        from appliance.service.doctor import whole  # noqa: PLC0415 -- with the services' clients, for this alone

        began_at = written(datetime.now(UTC))
        found = errand.awaited(_all(whole.examined(settings, errand.read(office.load))))
        took_ms = round(errand.took_s * 1000)
        return lambda db: health_looks.add(db, began_at, took_ms, found)

    return Kind(NAME, Nothing, run, deadline_s=DEADLINE_S, urgent=True, tries=TRIES)


async def _all(look: AsyncIterator[Examined]) -> list[Examined]:
    return [each async for each in look]
