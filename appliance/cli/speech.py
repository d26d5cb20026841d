"""The speech program's process.

May import: everything; heavy parts inside the commands that need them.
"""

import click

from appliance.cli.config import with_settings
from appliance.core.settings import Settings


@click.command()
@with_settings
def speech(settings: Settings) -> None:
    """Run the speech program, which hears and speaks when the cloud does not."""
    from appliance.service import logs
    from models.speech import server

    logs.begin(settings.box.log_level)
    server.run(settings)
