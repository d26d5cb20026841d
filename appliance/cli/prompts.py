"""The sentences that the box says by itself, at the command line: render.

May import: click, appliance.core, appliance.languages, appliance.service, appliance.store, models.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.store import office as office_rows

if TYPE_CHECKING:
    from models.local.mouth import Voice
    from models.local.prompt_cache import PromptCache
    from models.local.rendering import Rendering

PATIENT_S = 20.0


@click.group()
def prompts() -> None:
    """The sentences that the box says by itself."""


@prompts.command()
@click.option("--speech", "address", metavar="ADDRESS", help="Another speech program than the settings name.")
@click.option("--voice", "names", multiple=True, metavar="LANGUAGE=NAME", help="Another voice than theirs.")
@with_settings
def render(settings: Settings, address: str | None, names: tuple[str, ...]) -> None:
    """Render the clinic's sentences ahead, each with the best voice there is; only what changed is made."""
    from models.local.prompt_cache import FOLDER, PromptCache
    from models.local.speech_client import SpeechClient
    from models.local.voices import chain

    office = _office(settings)
    named = settings.speech.voices | dict(_named(each) for each in names)
    at = address or settings.speech.synthesis_at
    speech = SpeechClient(at) if at else None
    cache = PromptCache(settings.box.data_dir / FOLDER)
    done = asyncio.run(_rendered(cache, chain(speech, named, first_s=PATIENT_S), office))
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


def _office(settings: Settings) -> Office:
    """What staff decided; on a new box, what they will find."""
    try:
        return rows.read(settings, office_rows.load)
    except rows.NothingYet:
        return Office()


def _named(option: str) -> tuple[str, str]:
    language, equals, name = option.partition("=")
    if not (language and equals and name):
        raise click.BadParameter("must be a language and a name, such as en=en_US-ljspeech-medium")
    return language, name


async def _rendered(
    cache: "PromptCache", voices: "Sequence[Voice]", office: Office
) -> "dict[str, Rendering]":
    from appliance.languages import prompts as languages
    from appliance.service import prompts as service
    from models.local.rendering import render as render_ahead
    from models.local.wording import Language

    return {
        code: await render_ahead(cache, voices, service.texts(office, code), cast(Language, code))
        for code in languages.codes()
    }


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
