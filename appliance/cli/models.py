"""The weights at the command line: which there are, are they right, bring them.

May import: click, appliance.core, models.weights.
"""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from appliance.cli import show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from models.weights import folder, table
from models.weights.table import Table, Weights

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from models.weights.fetch import Arrived

with_table = click.option(
    "--table",
    "table_file",
    type=click.Path(path_type=Path),
    hidden=True,
    help="A table of weights instead of the one that comes with the product.",
)


MOMENT_S = 2.0


class NothingChosen(AttendantError):
    """It was not said what to fetch."""


@click.group()
def models() -> None:
    """The weights of recognition, voices and embeddings."""


@models.command("list")
@with_table
@with_settings
def list_(settings: Settings, table_file: Path | None) -> None:
    """Print which weights there are, and which of them are here."""
    known, place = table.load(table_file), settings.models_dir
    rows = [(each, folder.state(each, place)) for each in known.weights]
    show.table(
        ("Name", "State", "Size", "What it is", "Licence"),
        [
            (
                f"{each.name}{' *' if each.default else ''}",
                _condition(each, found.condition),
                show_size(each),
                each.what,
                each.licence,
            )
            for each, found in rows
        ],
    )
    show.line()
    show.line("* belongs to the default set. Unpinned: its checksum comes from the hub at the first fetch.")
    for _, found in rows:
        if found.condition in ("broken", "unpinned"):
            show.line(found.reason)


def _condition(weights: Weights, condition: str) -> str:
    return "missing, unpinned" if condition == "missing" and not weights.pinned else condition


def show_size(weights: Weights) -> str:
    """An entry's size, as far as anybody states it."""
    return "not known" if weights.size is None else f"{weights.size / 1_000_000:.0f} MB"


@models.command()
@click.argument("names", nargs=-1)
@with_table
@with_settings
def verify(settings: Settings, names: tuple[str, ...], table_file: Path | None) -> None:
    """Read every byte of the weights that are here (or of NAMES) and say what is not right."""
    known, place = table.load(table_file), settings.models_dir
    asked = _named(known, names) or tuple(each for each in known.weights if (place / each.name).is_dir())
    problems = 0
    for each in asked:
        found = folder.state(each, place, read_all=True)
        show.line(found.reason or f"{each.name} is right.")
        problems += found.condition != "there"
    if not asked:
        show.line(f"There are no weights in {place} yet: attendant models fetch --default")
    if problems:
        sys.exit(1)


@models.command()
@click.argument("names", nargs=-1)
@click.option("--default", "default", is_flag=True, help="What a clinic needs that does not choose.")
@click.option("--all", "everything", is_flag=True, help="Every entry.")
@click.option("--hub", default=table.HUB, show_default=True, help="Where the weights come from.")
@with_table
@with_settings
def fetch(
    settings: Settings,
    names: tuple[str, ...],
    hub: str,
    table_file: Path | None,
    *,
    default: bool,
    everything: bool,
) -> None:
    """Bring the weights NAMES; what was interrupted goes on where it ended."""
    from models.weights import fetch as process

    known = table.load(table_file)
    wanted = known.weights if everything else (*_named(known, names), *(known.default if default else ()))
    if not wanted:
        raise NothingChosen("Say what to fetch: names of attendant models list, --default or --all.")
    once = tuple(dict.fromkeys(wanted))
    with _Told() as told:
        asyncio.run(process.fetch(once, settings.models_dir, hub, told))


def _named(known: Table, names: tuple[str, ...]) -> tuple[Weights, ...]:
    return tuple(known.of(name) for name in names)


class _Told:
    """Shows a fetch: a bar where somebody looks on, and what arrived in lines; with a bar, after it."""

    def __init__(self) -> None:
        self._bar: ProgressBar[int] | None = None
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()
        for line in self._lines:
            show.line(line)

    def begins(self, total: int, have: int) -> None:
        """Draw the bar, if there is anything to come and anybody to see it."""
        if total and sys.stderr.isatty():
            self._bar = click.progressbar(length=total, label="Fetching", file=sys.stderr)
            self._bar.render_progress()
            self._bar.update(have)

    def moved(self, by: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(by)

    def waits(self, failure: AttendantError, pause_s: float) -> None:
        """Say why nothing moves, when it is for longer than a moment."""
        if pause_s > MOMENT_S:
            line_end = "" if self._bar is None else "\n"
            click.echo(f"{line_end}{failure} Trying again in {pause_s:.0f} s.", err=True)

    def arrived(self, what: "Arrived") -> None:
        """Say what is there now, and what the hub alone vouched for."""
        name = what.weights.name
        self._say(f"{name} is there." if what.files else f"{name} was there already.")
        for file, pin in what.pinned.items():
            self._say(f"  {file}: our table has no checksum of it; the hub's held, and it is pinned as")
            self._say(f"  sha256 {pin.sha256} ({pin.size} bytes, commit {pin.commit[:8]})")

    def _say(self, line: str) -> None:
        if self._bar is None:
            show.line(line)
        else:
            self._lines.append(line)
