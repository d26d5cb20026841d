"""The sentences that the box says by itself, at the command line: render.

May import: click, appliance.core, appliance.service, models.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings

if TYPE_CHECKING:
    from models.local.rendering import Rendering


@click.group()
def prompts() -> None:
    """The sentences that the box says by itself."""


@prompts.command()
@click.option("--speech", "address", metavar="ADDRESS", help="Another speech program than the settings name.")
@click.option("--voice", "names", multiple=True, metavar="LANGUAGE=NAME", help="Another voice than theirs.")
@with_settings
def render(settings: Settings, address: str | None, names: tuple[str, ...]) -> None:
    """Render the clinic's sentences ahead, each with the best voice there is; only what changed is made."""
    from appliance.service import rendering

    cache, office = rendering.cache(settings), rows.office(settings)
    named = settings.speech.voices | dict(_named(each) for each in names)
    voices = rendering.voices(address or settings.speech.synthesis_at, named)
    done = asyncio.run(rendering.render(cache, voices, rendering.texts(office)))
    _tell(done)
    missing = sum(len(each.missing) for each in done.values())
    if not missing:
        stale = cache.sweep(set().union(*(each.in_use for each in done.values())))
        show.line(f"Stale sounds removed: {stale}.")
        return
    click.echo(
        f"Sentences without a voice: {missing}. Install espeak-ng, or start the speech program.", err=True
    )
    sys.exit(1)


@contextmanager
def rendered_after(settings: Settings) -> Iterator[None]:
    """Around an edit: the sentences that it changes are rendered, so that no caller waits for them."""
    from appliance.service import rendering

    before = rendering.texts(rows.office(settings))
    yield
    after = rendering.texts(rows.office(settings))
    changed = {
        language: [text for text in after[language] if text not in before[language]] for language in after
    }
    if not any(changed.values()):
        return
    try:
        done = asyncio.run(
            rendering.render(rendering.cache(settings), rendering.voices_of(settings), changed)
        )
    except AttendantError as exc:
        show.line(f"The sentences that this changes are not rendered ahead: {exc}")
        return
    made = sum(each.made.total() for each in done.values())
    show.line(f"Sentences that changed and are rendered ahead: {made}.")
    if any(each.missing for each in done.values()):
        show.line("Some have no voice yet; when there is one: attendant prompts render")


def _named(option: str) -> tuple[str, str]:
    language, equals, name = option.partition("=")
    if not (language and equals and name):
        raise click.BadParameter("must be a language and a name, such as en=en_US-ljspeech-medium")
    return language, name


def _tell(done: "dict[str, Rendering]") -> None:
    """Print what was made by which voice, and why a voice was not used."""
    lines = [
        (language, voice, str(each.made[voice]), str(each.kept[voice]))
        for language, each in done.items()
        for voice in sorted(each.made.keys() | each.kept.keys())
    ]
    if lines:
        show.table(("Language", "Voice", "Made", "Kept"), lines)
    for language, each in done.items():
        for voice, problem in each.failures.items():
            show.line(f"{language}: {voice} was not used: {problem}.")
