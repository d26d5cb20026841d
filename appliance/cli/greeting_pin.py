"""The number by which staff record greetings from a telephone outside, at the command line.

May import: the standard library, click, appliance.cli, appliance.core, appliance.store.
"""

import secrets
from datetime import UTC, datetime

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.store import greeting_pin as pins
from appliance.store.greeting_pin import DIGITS


@click.command("greeting-pin")
@click.option("--off", is_flag=True, help="Let nobody record by it any more.")
@with_settings
def greeting_pin(settings: Settings, *, off: bool) -> None:
    """Make and print a new number by which staff record greetings from the phones in `greeting_phones`."""
    if off:
        had = rows.write(settings, pins.drop)
        show.line("Nobody can record by it any more." if had else "There was none.")
        return
    pin, now = "".join(secrets.choice("0123456789") for _ in range(DIGITS)), datetime.now(UTC)
    rows.write(settings, lambda db: pins.keep(db, pin, now=now))
    show.line(f"{pin} - it is shown this once. Whoever rings from one of these telephones is asked for it:")
    phones = rows.office(settings).staff.greeting_phones
    for phone in phones:
        show.line(f"  {phone}")
    if not phones:
        show.line("  none yet: attendant staff set greeting_phones '[\"+14155550100\"]'")
