"""The `attendant` command: the doors of the processes, and what staff set until the admin has pages for it.

May import: everything; heavy parts inside the commands that need them.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from appliance import VERSION
from appliance.cli import (
    calls,
    departments,
    eval_intents,
    evaluate,
    models,
    pages,
    prompts,
    speech,
    staff,
)
from appliance.cli.config import DEFAULT, with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings


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
@click.version_option(VERSION, message="%(version)s")
@click.pass_context
def main(ctx: click.Context, config: Path) -> None:
    """A telephone receptionist for a small clinic."""
    ctx.obj = config


@main.command()
@with_settings
def bridge(settings: Settings) -> None:
    """Run the bridge, which answers the calls."""
    from appliance.service import bridge as process

    process.run(settings)


@main.command()
@click.option("--online", is_flag=True, help="Ask Twilio and the cloud whether they accept the accounts.")
@with_settings
@click.pass_obj
def check(config: Path, settings: Settings, *, online: bool) -> None:
    """Check the settings file and say what is wrong with it."""
    click.echo(f"{config} is in order.")
    if online and asyncio.run(_said_online(settings)):
        sys.exit(1)


async def _said_online(settings: Settings) -> int:
    """Say what each service finds; the number of problems."""
    from appliance.service.online import findings

    problems = 0
    async for service, problem in findings(settings):
        click.echo(f"{service}: {problem or 'accepts the account.'}")
        problems += bool(problem)
    return problems


for command in (
    calls.call,
    calls.calls,
    departments.departments,
    evaluate.evaluate,
    models.models,
    pages.admin,
    pages.admin_link,
    speech.speech,
    prompts.prompts,
    staff.staff,
):
    main.add_command(command)

evaluate.evaluate.add_command(eval_intents.intents)


if __name__ == "__main__":
    main()
