"""The admin's process, and the link that opens its pages.

May import: everything; heavy parts inside the commands that need them.
"""

import logging
import os

import click
import orjson

from appliance.cli.config import with_settings
from appliance.core.settings import Settings


@click.command()
@with_settings
def admin(settings: Settings) -> None:
    """Run the admin's pages, on the office's own network."""
    from admin import serve
    from admin.app import create_app
    from appliance.service import logs
    from appliance.store.migrations import migrate

    logs.begin(settings.box.log_level)
    os.umask(0o077)
    migrate(settings.database)
    app = create_app(settings)
    with serve.bind(settings.listen) as bound:
        listening = {"admin": bound.getsockname()[1]}
        logging.getLogger(__name__).info("listening", extra=listening)
        click.echo(orjson.dumps(listening).decode())
        serve.serve(app, bound)


@click.command("admin-link")
@click.option("--port", type=click.IntRange(1, 65535), help="The port, when the admin took a free one.")
@click.option("--end-sessions", is_flag=True, help="Show everybody out first, and withdraw other links.")
@with_settings
def admin_link(settings: Settings, port: int | None, *, end_sessions: bool) -> None:
    """Print a link that opens the admin's pages: once, within 30 minutes."""
    from admin.door import link
    from appliance.store.migrations import migrate

    migrate(settings.database)
    if end_sessions:
        click.echo(f"Sessions ended: {link.end_sessions(settings)}.", err=True)
    click.echo(link.new_link(settings, port=port))
    click.echo("It opens once, within 30 minutes, for a session of 12 hours at most.", err=True)
