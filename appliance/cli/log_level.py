"""How much the box logs, at the command line: changed while it runs, and back by itself after a while.

May import: the standard library, click, appliance.cli, appliance.core, appliance.service.log_level.
"""

from datetime import UTC, datetime, timedelta

import click

from appliance.cli import show
from appliance.cli.config import with_settings
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.service import log_level as levels
from appliance.service.log_level import Wished

USUAL = "usual"


@click.command("log-level")
@click.argument("level", type=click.Choice([*levels.LEVELS, USUAL]), required=False)
@click.option("--minutes", type=click.IntRange(1, 1440), default=60, show_default=True, help="For how long.")
@with_settings
def log_level(settings: Settings, level: str | None, minutes: int) -> None:
    """Have all programs log at LEVEL from now on, without a restart; without one, print which is in force.

    `usual` goes back to [box] log_level at once. What is said on a call is logged at no level.
    """
    folder, now = settings.box.data_dir, datetime.now(UTC)
    try:
        if level == USUAL:
            levels.withdraw(folder)
        elif level is not None:
            levels.wish(folder, Wished(level, now + timedelta(minutes=minutes)))
    except OSError as exc:
        raise SettingsError([f"{folder / levels.FILE} cannot be changed: {exc.strerror}."]) from exc
    found = levels.wished(folder, now)
    if found is None:
        show.line(f"{settings.box.log_level}, as [box] log_level says.")
    else:
        show.line(f"{found.level} until {found.until:%Y-%m-%d %H:%M} UTC, then {settings.box.log_level}.")
