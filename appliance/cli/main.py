"""The `attendant` command: the doors of the processes, and what staff set until the admin has pages for it.

May import: everything; heavy parts inside the commands that need them.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from appliance import VERSION
from appliance.calendars.graph.account import expiry
from appliance.cli import (
    asterisk,
    audit,
    backup,
    bookings,
    callbacks,
    calls,
    certificate,
    departments,
    doctor,
    eval_datetime,
    eval_intents,
    evaluate,
    fallback,
    greeting_pin,
    jobs,
    kb_ask,
    kb_documents,
    kb_eval,
    kb_unanswered,
    knowledge,
    log_level,
    messages,
    models,
    music,
    pages,
    person,
    phones,
    prompts,
    rehearse,
    restore,
    retention,
    self_call,
    settings,
    speech,
    staff,
    standby,
    texts,
    update,
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
    from appliance.core import in_service
    from appliance.service import bridge as process

    in_service.see(settings.box.data_dir)
    process.run(settings)


@main.command()
@click.option("--online", is_flag=True, help="Ask each service whether it accepts the account.")
@with_settings
@click.pass_obj
def check(config: Path, settings: Settings, *, online: bool) -> None:
    """Check the settings file and say what is wrong with it."""
    click.echo(f"{config} is in order.")
    _say_of_models(settings)
    if notice := expiry(settings.microsoft, datetime.now(UTC).date()):
        click.echo(notice)
    if online and asyncio.run(_said_online(settings)):
        sys.exit(1)


def _say_of_models(settings: Settings) -> None:
    """Say which models in use have no price, or end soon."""
    from models.realtime import prices

    cloud = settings.cloud
    if cloud.enabled:
        in_use = (cloud.model, cloud.transcription_model)
        for notice in prices.load(cloud.prices_file).notices(in_use, datetime.now(UTC).date()):
            click.echo(notice)


async def _said_online(settings: Settings) -> int:
    """Say what each service finds; the number of problems."""
    from appliance.service.online import findings

    problems = 0
    async for service, problem in findings(settings):
        click.echo(f"{service}: {problem or 'accepts the account.'}")
        problems += bool(problem)
    return problems


for command in (
    asterisk.asterisk,
    audit.audit,
    backup.backup,
    bookings.bookings,
    callbacks.callbacks,
    calls.call,
    calls.calls,
    certificate.certificate,
    departments.departments,
    doctor.doctor,
    evaluate.evaluate,
    fallback.fallback,
    greeting_pin.greeting_pin,
    jobs.jobs,
    log_level.log_level,
    messages.messages,
    jobs.worker,
    knowledge.kb,
    models.models,
    music.music,
    pages.admin,
    pages.admin_link,
    person.erase,
    person.export,
    phones.phones,
    rehearse.rehearse,
    restore.restore,
    retention.retention,
    self_call.self_call,
    settings.settings,
    speech.speech,
    prompts.prompts,
    staff.staff,
    standby.standby,
    texts.texts,
    update.update,
):
    main.add_command(command)

evaluate.evaluate.add_command(eval_datetime.of_datetime)
evaluate.evaluate.add_command(eval_intents.intents)
for command in (kb_documents.add, kb_documents.list_, kb_documents.remove, kb_documents.reindex):
    knowledge.kb.add_command(command)
knowledge.kb.add_command(kb_eval.evaluate)
knowledge.kb.add_command(kb_ask.ask)
knowledge.kb.add_command(kb_unanswered.unanswered_group)


if __name__ == "__main__":
    main()
