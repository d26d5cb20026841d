"""The clinic's own music for callers who wait, at the command line: list, add, remove.

May import: click, appliance.cli, appliance.core, appliance.service, models.
"""

from pathlib import Path

import click

from appliance.cli import show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings

BYTES_PER_S = 8000


@click.group()
def music() -> None:
    """What callers of the PBX hear while phones ring for them, and on hold."""


@music.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Print the pieces in the order in which they are heard."""
    from appliance.service.pbx.house import House
    from appliance.service.pbx.music import names

    house = House.of(settings)
    known = names(house)
    if not known:
        show.line("Callers hear the box's own sound: attendant music add FILE")
        return
    lengths = [(house.music / f"{name}.ulaw").stat().st_size // BYTES_PER_S for name in known]
    show.table(
        ("Piece", "Length"),
        [(name, f"{s // 60}:{s % 60:02}") for name, s in zip(known, lengths, strict=True)],
    )


@music.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
@with_settings
def add(settings: Settings, file: tuple[Path, ...]) -> None:
    """Have callers hear FILE (WAV, MP3, Ogg, FLAC ...), in the place of the box's own sound."""
    from appliance.service.pbx import music as pieces
    from appliance.service.pbx.house import House
    from models.music import telephone_music

    for path in file:
        name = pieces.add(House.of(settings), path.stem, telephone_music(path))
        show.line(f"{name} is heard within seconds. See that you may play it to callers.")


@music.command()
@click.argument("piece")
@with_settings
def remove(settings: Settings, piece: str) -> None:
    """Take PIECE out, by its name in the list; without any callers hear the box's own sound again."""
    from appliance.service.pbx.house import House
    from appliance.service.pbx.music import remove as taken_out

    if not taken_out(House.of(settings), piece):
        raise click.ClickException(f"There is no piece {piece!r}: attendant music list")
    show.line(f"{piece} is heard no more.")
