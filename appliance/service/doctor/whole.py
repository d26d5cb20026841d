"""Everything that the doctor looks at, in its order.

May import: the standard library, appliance.core, appliance.service.doctor.
"""

import asyncio
from collections.abc import AsyncIterator

from appliance.core.examined import Examined
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.service.doctor import backups, box, elsewhere, pbx


async def examined(settings: Settings, office: Office) -> AsyncIterator[Examined]:
    """Look at the box, and at its PBX where it has one; each thing as soon as it is known."""
    base = f"http://127.0.0.1:{settings.listen.local_port}"
    async for each in box.examined(settings, office, base):
        yield each
    for each in backups.examined(settings):
        yield each
    for each in await asyncio.to_thread(lambda: [*elsewhere.examined(settings)]):
        yield each
    if settings.asterisk.enabled:
        async for each in pbx.examined(settings, office, base):
            yield each
