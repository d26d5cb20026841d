"""The doctor, at the command line: one line for each part, and a status that says whether all is there.

May import: click, appliance.cli, appliance.core, appliance.service.doctor.
"""

import asyncio
import sys

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings


@click.command()
@with_settings
def doctor(settings: Settings) -> None:
    """Look at the box and at its PBX, and say what is missing and what to do. Status 1: something is."""
    lacking = asyncio.run(_examined(settings))
    show.line()
    show.line("Nothing is missing." if not lacking else f"Missing: {', '.join(lacking)}.")
    sys.exit(1 if lacking else 0)


async def _examined(settings: Settings) -> list[str]:
    """Print what is found, as it is found; the parts that are missing."""
    from appliance.service.doctor import box, pbx
    from appliance.service.doctor.examined import Health

    office = rows.office(settings)
    base = f"http://127.0.0.1:{settings.listen.local_port}"
    looks = [box.examined(settings, office, base)]
    if settings.asterisk.enabled:
        looks.append(pbx.examined(settings, office, base))
    lacking = []
    for look in looks:
        async for each in look:
            show.line(f"{each.health:8} {each.part}: {each.told}")
            if each.health is Health.MISSING:
                lacking.append(each.part)
    return lacking
