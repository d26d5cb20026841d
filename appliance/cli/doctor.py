"""The doctor, at the command line: one line for each part, and a status that says whether all is there.

With `--json` the same for programs: a list of parts, each with its state and its sentence.

May import: click, orjson, appliance.cli, appliance.core, appliance.service.doctor.
"""

import asyncio
import sys
from collections.abc import Callable

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.examined import Examined, Health
from appliance.core.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, for programs.")
@with_settings
def doctor(settings: Settings, *, as_json: bool) -> None:
    """Look at the box, its PBX and accounts; say what is missing and what to do. Status 1: something is."""
    found = asyncio.run(_examined(settings, _say if not as_json else lambda _: None))
    lacking = [each.part for each in found if each.health is Health.MISSING]
    if as_json:
        told = [{"part": each.part, "health": each.health, "told": each.told} for each in found]
        click.echo(orjson.dumps({"missing": lacking, "found": told}, option=orjson.OPT_INDENT_2).decode())
    else:
        show.line()
        show.line("Nothing is missing." if not lacking else f"Missing: {', '.join(lacking)}.")
    sys.exit(1 if lacking else 0)


def _say(each: Examined) -> None:
    show.line(f"{each.health:8} {each.part}: {each.told}")


async def _examined(settings: Settings, say: Callable[[Examined], None]) -> list[Examined]:
    """All that is found, said as it is found."""
    from appliance.service.doctor import whole

    found = []
    async for each in whole.examined(settings, rows.office(settings)):
        say(each)
        found.append(each)
    return found
