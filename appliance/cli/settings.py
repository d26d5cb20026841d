"""The settings of the box, at the command line: list, set, unset, and put a secret into its file.

They work also when what was changed lets no process begin. May import: the standard library, click,
appliance.cli, appliance.core, appliance.store.
"""

import sys
from pathlib import Path

import click

from appliance.cli import rows, show
from appliance.cli.config import with_file
from appliance.core import boot_changes, known_settings
from appliance.core.boot_changes import Origin
from appliance.core.errors import SettingsError
from appliance.core.known_settings import Kind
from appliance.store import times

RESTART = "It counts when the box's programs are started anew."
FROM = {Origin.DEFAULT: "the default", Origin.FILE: "from the settings file"}


@click.group("settings")
def settings() -> None:
    """The settings of the box: those of its file, and what was changed beside it."""


@settings.command("list")
@with_file
def list_(file: Path) -> None:
    """Print each setting, its value, where that is from, and what it means."""
    boot = boot_changes.read(file)
    values = boot.values()
    for section in known_settings.boot():
        for known in section.settings:
            text = known.shown(known_settings.value_at(values, known.name)).replace("\n", " · ")
            change = boot.changes.settings.get(known.name)
            since = f"set {change.at[:10]} by {change.by}" if change else FROM[boot.origin(known.name)]
            show.line(f"{known.name} = {text}")
            show.line(f"    {known.help} ({since})")


@settings.command("set")
@click.argument("name")
@click.argument("value")
@with_file
def set_(file: Path, name: str, value: str) -> None:
    """Change NAME, such as cloud.model; of a list each VALUE stands behind a comma."""
    known = known_settings.named(name)
    listed = known is not None and known.kind in (Kind.LIST, Kind.TABLE)
    typed = known.typed(value.replace(",", "\n") if listed else value) if known else value
    boot_changes.change(file, {name: typed}, at=times.utc_now(), by=rows.who())
    show.line(f"{name} is set. {RESTART}")


@settings.command()
@click.argument("name")
@with_file
def unset(file: Path, name: str) -> None:
    """Have what the settings file says of NAME, or its default."""
    if not boot_changes.put_back(file, name, at=times.utc_now()):
        raise SettingsError([f"{name} was not changed beside the settings file."])
    show.line(f"{name} is as the settings file says. {RESTART}")


@settings.command()
@click.argument("name")
@with_file
def secret(file: Path, name: str) -> None:
    """Put what is typed, or comes by standard input, into the file of NAME, such as cloud.key_file."""
    known = known_settings.named(name)
    if known is None or known.secret is None:
        raise SettingsError([f"{name} is no secret."])
    text = click.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    boot_changes.set_secret(boot_changes.read(file).settings, known, text)
    show.line(f"The secret is kept. {RESTART}")
