"""The departments, at the command line: list, add, hours, move, remove.

May import: click, orjson, appliance.cli, appliance.core, appliance.store.
"""

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.cli.prompts import rendered_after
from appliance.core.menu import DepartmentLine
from appliance.core.settings import Settings
from appliance.store import office

CLINICS = "clinic"


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
        ("Key", "Slug", "Name", "Numbers", "Hours", "Also called"),
        [
            (str(key), line.slug, line.name, ", ".join(line.numbers), _hours(line), ", ".join(line.aliases))
            for key, line in enumerate(lines, 1)
        ],
    )


@departments.command()
@click.argument("name")
@click.argument("numbers", nargs=-1, required=True)
@click.option("--alias", "aliases", multiple=True, help="What callers may call it too; can be repeated.")
@click.option(
    "--hours", default=CLINICS, show_default=True, help="When it can be reached; or always, or JSON."
)
@with_settings
def add(
    settings: Settings, name: str, numbers: tuple[str, ...], aliases: tuple[str, ...], hours: str
) -> None:
    """Add a department; its NUMBERS (such as +14155550100) ring together."""
    with rendered_after(settings):
        given = _given(hours)
        line = rows.write(settings, lambda db: office.add_department(db, name, numbers, aliases, given))
        show.line(f"{line.name} is added as {line.slug}. Calls that begin from now on can reach it.")


@departments.command("hours")
@click.argument("slug")
@click.argument("hours")
@with_settings
def hours_(settings: Settings, slug: str, hours: str) -> None:
    """Decide when the department of this SLUG can be reached: HOURS are clinic, always, or days as JSON."""
    given = _given(hours)
    rows.write(settings, lambda db: office.set_department_hours(db, slug, given))
    show.line(f"The hours of {slug} are kept. Calls that begin from now on go by them.")


def _given(hours: str) -> object:
    """Hours as they are typed; what is no JSON is told by the check of them."""
    try:
        return None if hours == CLINICS else orjson.loads(hours)
    except orjson.JSONDecodeError:
        return hours


def _hours(line: DepartmentLine) -> str:
    return CLINICS if line.hours is None else "always" if line.hours == "always" else "its own"


@departments.command()
@click.argument("slug")
@click.argument("key", type=click.IntRange(1, office.MOST_DEPARTMENTS))
@with_settings
def move(settings: Settings, slug: str, key: int) -> None:
    """Put the department of this SLUG on KEY of the telephone; the others keep their order."""
    with rendered_after(settings):
        rows.write(settings, lambda db: office.move_department(db, slug, key))
        lines = rows.read(settings, office.departments)
        now = [line.slug for line in lines].index(slug) + 1
        show.line(f"{slug} is on key {now}. Calls that begin from now on go by it.")


@departments.command()
@click.argument("slug")
@with_settings
def remove(settings: Settings, slug: str) -> None:
    """Remove the department of this SLUG."""
    with rendered_after(settings):
        rows.write(settings, lambda db: office.remove_department(db, slug))
        show.line(f"{slug} is removed. Calls that begin from now on are not led there.")
