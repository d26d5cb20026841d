"""The admin's process, and the link that opens its pages.

May import: everything; heavy parts inside the commands that need them.
"""

import logging
import os
from pathlib import Path

import click
import orjson

from appliance.cli.config import with_settings
from appliance.core.settings import Settings


@click.command()
@with_settings
@click.pass_obj
def admin(file: Path, settings: Settings) -> None:
    """Run the admin's pages, on the office's own network."""
    from admin import serve
    from admin.app import create_app
    from appliance.core.files import umask_in
    from appliance.service import embedding, logs
    from appliance.service.watchdog import Runner
    from appliance.store.migrations import migrate

    os.umask(umask_in(settings.box.data_dir))
    logs.begin_process(settings, "admin")
    migrate(settings.database)
    app = create_app(
        settings,
        embedder=lambda: embedding.embedder_or_none(lambda: embedding.embedder(settings)),
        file=file,
    )
    runner = Runner(os.environ)
    with serve.handed() or serve.bind(settings.listen) as bound:
        name = bound.getsockname()
        listening = {"admin": name if isinstance(name, str) else name[1]}
        logging.getLogger(__name__).info("listening", extra=listening)
        click.echo(orjson.dumps(listening).decode())
        serve.serve(app, bound, lambda: runner.tell("READY=1"))
    runner.tell("STOPPING=1")


@click.command("admin-link")
@click.option("--for", "name", default="", help="Whose link it is; the owner's when there is one owner.")
@click.option(
    "--without-second-step", is_flag=True, help="Also ask for no code any more: the telephone is lost."
)
@click.option("--port", type=click.IntRange(1, 65535), help="The port, when the admin took a free one.")
@click.option("--end-sessions", is_flag=True, help="Show everybody out first, and withdraw other links.")
@with_settings
def admin_link(
    settings: Settings, name: str, port: int | None, *, without_second_step: bool, end_sessions: bool
) -> None:
    """Print a link by which somebody chooses a password: first the owner, later whoever lost theirs."""
    from admin.door import link
    from appliance.store.migrations import migrate

    migrate(settings.database)
    if end_sessions:
        click.echo(f"Sessions ended: {link.end_sessions(settings)}.", err=True)
    address, whose = link.new_link(settings, name=name, port=port, without_second_step=without_second_step)
    click.echo(address)
    for_whom = (
        f"{whose} chooses a new password" if whose else "whoever opens it becomes the owner of this box"
    )
    click.echo(f"It opens once, within 30 minutes: {for_whom}.", err=True)
