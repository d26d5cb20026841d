"""Everything that the doctor looks at, in its order.

May import: the standard library, appliance.core, appliance.service.doctor.
"""

import asyncio
from collections.abc import AsyncIterator

from appliance.core.examined import Examined, note
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.service.doctor import (
    accounts,
    address,
    backups,
    box,
    clock,
    cloud,
    elsewhere,
    names,
    packages,
    pbx,
    ports,
    promises,
)

OUTSIDE_S = 45.0
"""So long the looks at what is outside may take, which are all taken at once."""


async def examined(settings: Settings, office: Office) -> AsyncIterator[Examined]:
    """Look at the box, at its PBX where it has one, and outside; each thing as soon as it is known."""
    base = f"http://127.0.0.1:{settings.listen.local_port}"
    for each in packages.examined(settings):
        yield each
    async for each in box.examined(settings, office, base):
        yield each
    for each in (*backups.examined(settings), *promises.alerting(settings)):
        yield each
    async for each in ports.examined(settings):
        yield each
    for each in await asyncio.to_thread(lambda: [*elsewhere.examined(settings)]):
        yield each
    if settings.asterisk.enabled:
        async for each in pbx.examined(settings, office, base):
            yield each
    async for each in outside(settings):
        yield each


async def outside(settings: Settings) -> AsyncIterator[Examined]:
    """Look at what is not on this machine: one that does not answer keeps nobody waiting for the others."""
    looks = {
        "clock": clock.examined(settings),
        "name servers": names.examined(settings),
        "cloud session": cloud.examined(settings),
        "Twilio": accounts.twilio(settings),
        "address": address.examined(settings),
        "calendars": accounts.of_calendars(settings),
        "mail server": accounts.post(settings),
    }
    for found in await asyncio.gather(*(_within(name, look) for name, look in looks.items())):
        for each in found:
            yield each


async def _within(name: str, look: AsyncIterator[Examined]) -> list[Examined]:
    found: list[Examined] = []
    try:
        async with asyncio.timeout(OUTSIDE_S):
            async for each in look:
                found.append(each)
    except TimeoutError:
        found.append(note(name, f"it was not known within {OUTSIDE_S:g} s: look again later."))
    return found
