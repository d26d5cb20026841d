"""The sentences that the box says by itself, at the command line: render.

May import: click, appliance.core, appliance.languages, appliance.service, appliance.store, models.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.core.staff import Office

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
    cache, office = _cache(settings), rows.office(settings)
    named = settings.speech.voices | dict(_named(each) for each in names)
    voices = _voices(address or settings.speech.synthesis_at, named)
    done = asyncio.run(_rendered(cache, voices, _texts(office)))
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
    before = _texts(rows.office(settings))
    yield
    after = _texts(rows.office(settings))
    changed = {
        language: [text for text in after[language] if text not in before[language]] for language in after
    }
    if not any(changed.values()):
        return
    voices = _voices(settings.speech.synthesis_at, settings.speech.voices)
    try:
        done = asyncio.run(_rendered(_cache(settings), voices, changed))
    except AttendantError as exc:
        show.line(f"The sentences that this changes are not rendered ahead: {exc}")
        return
    made = sum(each.made.total() for each in done.values())
    show.line(f"Sentences that changed and are rendered ahead: {made}.")
    if any(each.missing for each in done.values()):
        show.line("Some have no voice yet; when there is one: attendant prompts render")


def _cache(settings: Settings) -> "PromptCache":
    from models.local.prompt_cache import FOLDER, PromptCache

    return PromptCache(settings.box.data_dir / FOLDER)


def _voices(address: str, named: dict[str, str]) -> "Sequence[Voice]":
    from models.local.speech_client import SpeechClient
    from models.local.voices import chain

    return chain(SpeechClient(address) if address else None, named, first_s=PATIENT_S)


def _texts(office: Office) -> dict[str, list[str]]:
    """By language, all that the office is known to need."""
    from appliance.languages import prompts as languages
    from appliance.service import prompts as service

    return {code: service.texts(office, code) for code in languages.codes()}


def _named(option: str) -> tuple[str, str]:
    language, equals, name = option.partition("=")
    if not (language and equals and name):
        raise click.BadParameter("must be a language and a name, such as en=en_US-ljspeech-medium")
    return language, name


async def _rendered(
    cache: "PromptCache", voices: "Sequence[Voice]", texts: dict[str, list[str]]
) -> "dict[str, Rendering]":
    from models.local.rendering import render as render_ahead

    return {code: await render_ahead(cache, voices, wanted, code) for code, wanted in texts.items()}


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
