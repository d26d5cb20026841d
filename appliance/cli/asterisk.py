"""The local Asterisk, at the command line: render its configuration.

May import: click, appliance.cli, appliance.core, appliance.service.pbx, appliance.store, models.
"""

import asyncio
from typing import TYPE_CHECKING

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.phones import Phone
from appliance.core.settings import Settings
from appliance.core.staff import Office

if TYPE_CHECKING:
    from appliance.service.pbx.house import House

SHARED_FOLDER = "/var/lib/attendant-pbx"
"""What the box and a PBX share, be it its own or the clinic's."""
SHARING_GROUP = "attendant-pbx"


@click.group()
def asterisk() -> None:
    """The Asterisk on this machine, which holds desk phones and trunks."""


@asterisk.command()
@click.option("--print", "printed", is_flag=True, help="Print the files instead of writing them.")
@click.option(
    "--existing",
    is_flag=True,
    help="Print what a PBX of your own includes, and where it goes; write nothing.",
)
@with_settings
def render(settings: Settings, *, printed: bool, existing: bool) -> None:
    """Write Asterisk's configuration and sounds as staff decided; a bridge that runs does so by itself."""
    from appliance.service.pbx.house import House, rendered
    from appliance.service.pbx.keeper import decided
    from appliance.service.pbx.music import names
    from appliance.service.pbx.trunk_hosts import known

    house = House.of(settings)
    office, phones = rows.read(settings, decided)
    local_base = f"http://127.0.0.1:{settings.listen.local_port}"
    if existing:
        _print_existing(settings, house, office, phones, local_base)
        return
    texts = rendered(settings, house, office, phones, local_base, known(house), names(house))
    if printed:
        for name, text in sorted(texts.items()):
            show.line(f"; ---- {name}\n{text}")
        return
    house.install(texts)
    missing = asyncio.run(_sounds(settings))
    show.line(f"{len(texts)} files are in {house.folder / 'etc'}.")
    if missing:
        show.line(f"These sentences have no voice yet: {', '.join(missing)}.")


def _print_existing(
    settings: Settings, house: "House", office: Office, phones: tuple[Phone, ...], local_base: str
) -> None:
    """Print the pieces, and what is to be done with them."""
    from appliance.service.pbx.house import existing

    asterisk = settings.asterisk
    if not (asterisk.enabled and asterisk.existing):
        show.line("; First set this in the settings file, and start the bridge again:")
        show.line(f'; [asterisk]\n; enabled = true\n; existing = true\n; folder = "{SHARED_FOLDER}"\n')
    show.line(
        f"; The bridge keeps its dialplan in {house.folder / 'etc'}, and Asterisk records beside it: its user"
        f" has to be\n; in that folder's group, such as by `usermod -aG {SHARING_GROUP} asterisk`.\n"
    )
    for piece in existing(settings, house, office, phones, local_base):
        show.line(f"; ---- {piece.file} (FreePBX: {piece.freepbx})\n; {piece.about}\n\n{piece.text}")
    show.line("; Then restart Asterisk, and see what is missing: attendant doctor")


async def _sounds(settings: Settings) -> list[str]:
    from contextlib import AsyncExitStack

    from appliance.service.greetings import FOLDER, Greetings
    from appliance.service.local import LocalAssistant
    from appliance.service.pbx import sounds
    from appliance.service.pbx.house import House

    async with AsyncExitStack() as stack:
        local = LocalAssistant(settings)
        await local.open(stack)
        sounds.without_words(House.of(settings))
        greetings = Greetings(settings.box.data_dir / FOLDER, local.mouth)
        office = rows.office(settings)
        return await sounds.rendered(House.of(settings), office, local.mouth(), greetings.sound)
