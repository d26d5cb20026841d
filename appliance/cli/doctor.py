"""The doctor, at the command line: one line for each part, and a status that says whether all is there.

May import: click, appliance.cli, appliance.core, appliance.service.doctor.
"""

import asyncio
import sys

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.examined import Health
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
    from appliance.service.doctor import whole

    lacking = []
    async for each in whole.examined(settings, rows.office(settings)):
        show.line(f"{each.health:8} {each.part}: {each.told}")
        if each.health is Health.MISSING:
            lacking.append(each.part)
    return lacking
