"""The clinic's sentences, rendered ahead into the prompt cache, each by the best voice that is there.

It computes and speaks to the speech program: for the command line and for jobs, never for the bridge.
May import: the standard library, orjson, appliance, models.local.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import orjson

from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.languages.prompts import codes
from appliance.service import prompts
from models.local.mouth import Voice, pieces_of
from models.local.prompt_cache import FOLDER, PromptCache
from models.local.rendering import CODINGS, Rendering
from models.local.rendering import render as render_ahead
from models.local.speech_client import SpeechClient
from models.local.voices import chain

PATIENT_S = 20.0
"""Nobody waits for it, and calls that speak go first."""

Texts = Mapping[str, Sequence[str]]


def cache(settings: Settings) -> PromptCache:
    """Where the box keeps them."""
    return PromptCache(settings.box.data_dir / FOLDER)


def voices(address: str, named: Mapping[str, str]) -> Sequence[Voice]:
    """The voices of callers, without their haste."""
    return chain(SpeechClient(address, live=False) if address else None, named, first_s=PATIENT_S)


def voices_of(settings: Settings) -> Sequence[Voice]:
    """Those that the settings name."""
    return voices(settings.speech.synthesis_at, settings.speech.voices)


def texts(office: Office) -> dict[str, list[str]]:
    """By language, all that the office is known to need."""
    return {code: prompts.texts(office, code) for code in codes()}


def digest(settings: Settings, office: Office) -> str:
    """Another one when something else is to be said, or by another voice."""
    speech = settings.speech
    told = [texts(office), speech.synthesis_at, dict(speech.voices)]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def render(
    kept: PromptCache, speakers: Sequence[Voice], wanted: Texts, check: Callable[[], None] = lambda: None
) -> dict[str, Rendering]:
    """Have all of these texts in the cache; what came of it by language.

    Raises PromptNotKept, and what `check` does, which is asked before each sentence.
    """
    return {code: await render_ahead(kept, speakers, said, code, check) for code, said in wanted.items()}


def lacking(kept: PromptCache, speakers: Sequence[Voice], wanted: Texts) -> tuple[int, int]:
    """How many sentences are not there by any of these voices, and of how many."""
    pieces = {
        (code, piece) for code, said in wanted.items() for text in said for piece in pieces_of(text, code)
    }
    missing = sum(not _there(kept, speakers, code, piece) for code, piece in pieces)
    return missing, len(pieces)


def _there(kept: PromptCache, speakers: Iterable[Voice], code: str, piece: str) -> bool:
    return any(
        all(kept.read(voice.key(piece, code, coding)) is not None for coding in CODINGS) for voice in speakers
    )
