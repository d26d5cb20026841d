"""Texts at the command line: what was sent, and who wants none.

May import: click, appliance.cli, appliance.core, appliance.store.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.store import texting
from appliance.store import texts as text_rows
from appliance.store.database import Connection
from appliance.store.texts import Text

NOTHING = "No text was owed yet."
NOBODY = "Nobody has asked for no texts."


@click.group()
def texts() -> None:
    """Texts that are owed and were sent, and numbers that want none."""


@texts.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, help="So many, the newest.")
@with_settings
def list_(settings: Settings, limit: int) -> None:
    """Print the texts, the newest first, with what became of each."""
    zone = ZoneInfo(rows.office(settings).staff.time_zone)
    found = rows.read(settings, lambda db: text_rows.page(db, limit))
    if not found:
        show.line(NOTHING)
        return
    heads = ("Owed", "Kind", "To", "Language", "State", "Problem")
    show.table(heads, [_row(each, zone) for each in found])


def _row(text: Text, zone: ZoneInfo) -> tuple[str, ...]:
    at = text.owed_at.astimezone(zone)
    return (f"{at:%Y-%m-%d %H:%M}", text.kind, text.number, text.language, text.state, text.problem)


@texts.command("stopped")
@with_settings
def stopped(settings: Settings) -> None:
    """Print the numbers that want no texts."""
    found = rows.read(settings, texting.all_stopped)
    if not found:
        show.line(NOBODY)
    for number in found:
        show.line(number)


@texts.command("stop")
@click.argument("number")
@with_settings
def stop(settings: Settings, number: str) -> None:
    """Send no texts to NUMBER any more."""
    whole, now = _whole(settings, number), datetime.now(UTC)
    rows.write(settings, lambda db: texting.stop(db, whole, now=now))
    show.line(f"{whole} gets no texts any more.")


@texts.command("start")
@click.argument("number")
@with_settings
def start(settings: Settings, number: str) -> None:
    """Send texts to NUMBER again. Who has texted STOP has to text START as well: Twilio keeps to that."""
    whole, now = _whole(settings, number), datetime.now(UTC)

    def change(db: Connection) -> bool:
        was = texting.stopped(db, whole)
        texting.start(db, whole, now=now)
        return was

    was = rows.write(settings, change)
    show.line(f"{whole} gets texts again." if was else f"{whole} has not asked for no texts.")


def _whole(settings: Settings, number: str) -> str:
    """The number in E.164. Raises SettingsError."""
    whole = rows.number(settings, number)
    if not whole:
        raise SettingsError([f"A number is written such as +14155550100, and this is none: {number}"])
    return whole
