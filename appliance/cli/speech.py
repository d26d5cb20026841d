"""The speech program's process.

May import: everything; heavy parts inside the commands that need them.
"""

import faulthandler
import os
import sys

import click

from appliance.cli.config import with_settings
from appliance.core.settings import Settings

NOT_CONFIGURED = 6
"""As the LSB has it, and the unit knows it: nothing is wrong, and another try changes nothing."""


@click.command()
@with_settings
def speech(settings: Settings) -> None:
    """Run the speech program, which hears and speaks when the cloud does not.

    Exit status 6: no [speech] uri is set.
    """
    if not settings.speech.uri:
        click.echo("[speech] uri is empty: there is nowhere to listen.", err=True)
        sys.exit(NOT_CONFIGURED)

    from appliance.service import logs
    from appliance.service.watchdog import Watchdog
    from models.speech import server

    logs.begin_process(settings, "speech")
    # A watchdog ends us by SIGABRT: the log then says where we hung.
    faulthandler.enable()
    # A child that hangs is ended by the program; what is watched is the loop that holds the connections.
    server.run(settings, lambda pulse: Watchdog(os.environ, pulse, lambda: True))
