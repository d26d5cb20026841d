"""Everything that the doctor looks at, in its order.

May import: the standard library, appliance.core, appliance.service.beside, appliance.service.doctor.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from appliance.core.examined import Examined, note
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.service.beside import going_on
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
    looks = {
        "packages": _told(lambda: packages.examined(settings)),
        "box": box.examined(settings, office, base),
        "backup": _told(lambda: backups.examined(settings)),
        "alerts": _told(lambda: promises.alerting(settings)),
        "ports": ports.examined(settings),
        "elsewhere": _told(lambda: elsewhere.examined(settings)),
    }
    if settings.asterisk.enabled:
        looks["pbx"] = pbx.examined(settings, office, base)
    for name, look in looks.items():
        async for each in whatever_comes(name, look):
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


async def whatever_comes(name: str, look: AsyncIterator[Examined]) -> AsyncIterator[Examined]:
    """What a look finds; one that breaks off says so, and costs nobody the others."""
    whole = False
    with going_on("a look of the doctor broke off", part=name):
        async for each in look:
            yield each
        whole = True
    if not whole:
        yield note(name, "the look at it broke off by a fault of this program: the log has it.")


async def _told(look: Callable[[], Iterable[Examined]]) -> AsyncIterator[Examined]:
    for each in await asyncio.to_thread(lambda: [*look()]):
        yield each


async def _within(name: str, look: AsyncIterator[Examined]) -> list[Examined]:
    found: list[Examined] = []
    try:
        async with asyncio.timeout(OUTSIDE_S):
            async for each in whatever_comes(name, look):
                found.append(each)
    except TimeoutError:
        found.append(note(name, f"it was not known within {OUTSIDE_S:g} s: look again later."))
    return found
