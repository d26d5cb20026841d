"""The audit log at the command line.

May import: click, admin (words alone), appliance.cli, appliance.core, appliance.store.
"""

import click

from admin.audit.words import deed, who
from admin.tongue import ENGLISH
from admin.words import words
from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.store import audit as log
from appliance.store import times


class Broken(AttendantError):
    """A row of the audit log is not as it was written."""


@click.group()
def audit() -> None:
    """Who did what in the admin."""


@audit.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@with_settings
def list_(settings: Settings, limit: int) -> None:
    """Print who did what, the newest first."""
    found, office = rows.read(settings, lambda db: log.page(db, limit=limit)), rows.office(settings)
    now = times.utc_now()
    show.table(
        ("When", "Who", "From", "What"),
        [
            (words.moment(row.at, office, now), who(row.actor, ENGLISH), row.actor.source, deed(row, ENGLISH))
            for row in found
        ],
    )


@audit.command()
@with_settings
def verify(settings: Settings) -> None:
    """See that no row was changed, and none between others is missing."""
    broken = rows.read(settings, log.broken)
    if broken is not None:
        raise Broken(f"Row {broken} of the audit log, or the one before it, is not as it was written.")
    click.echo("The audit log is as it was written.")
