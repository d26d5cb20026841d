"""The departments, at the command line: list, add, remove.

May import: click, appliance.core, appliance.store.
"""

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.store import office


@click.group()
def departments() -> None:
    """The departments that callers can reach."""


@departments.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Print the departments in the order in which they are offered."""
    lines = rows.read(settings, office.departments)
    if not lines:
        show.line("There is no department yet: attendant departments add NAME NUMBER...")
        return
    show.table(
        ("Key", "Slug", "Name", "Numbers", "Also called"),
        [
            (str(key), line.slug, line.name, ", ".join(line.numbers), ", ".join(line.aliases))
            for key, line in enumerate(lines, 1)
        ],
    )


@departments.command()
@click.argument("name")
@click.argument("numbers", nargs=-1, required=True)
@click.option("--alias", "aliases", multiple=True, help="What callers may call it too; can be repeated.")
@with_settings
def add(settings: Settings, name: str, numbers: tuple[str, ...], aliases: tuple[str, ...]) -> None:
    """Add a department; its NUMBERS (such as +14155550100) ring together."""
    line = rows.write(settings, lambda db: office.add_department(db, name, numbers, aliases))
    show.line(f"{line.name} is added as {line.slug}. Calls that begin from now on can reach it.")


@departments.command()
@click.argument("slug")
@with_settings
def remove(settings: Settings, slug: str) -> None:
    """Remove the department of this SLUG."""
    rows.write(settings, lambda db: office.remove_department(db, slug))
    show.line(f"{slug} is removed. Calls that begin from now on are not led there.")
