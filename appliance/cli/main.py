"""The `attendant` command: the doors of the processes, and what staff set until the admin has pages for it.

May import: everything; heavy parts inside the commands that need them.
"""

import sys
from pathlib import Path
from typing import Any

import click

from appliance.core import settings as boot
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings

DEFAULT = Path("/etc/attendant/attendant.toml")


class _Attendant(click.Group):
    """Says our errors as sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AttendantError as exc:
            click.echo(str(exc), err=True)
            sys.exit(1)


@click.group(cls=_Attendant)
@click.option("--config", type=click.Path(path_type=Path), default=DEFAULT, help="The settings file.")
@click.version_option(package_name="attendant", message="%(version)s")
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """A telephone receptionist for a small clinic."""
    ctx.obj = config


def _settings(ctx: click.Context) -> Settings:
    return boot.load(ctx.obj)


@main.command()
@click.pass_context
def bridge(ctx: click.Context) -> None:
    """Run the bridge, which answers the calls."""
    from appliance.service import bridge as process

    process.run(_settings(ctx))


@main.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the settings file and say what is wrong with it."""
    _settings(ctx)
    click.echo(f"{ctx.obj} is in order.")


if __name__ == "__main__":
    main()
