"""Renders sentences ahead into the prompt cache, each by the best voice that is there, in both codings.

Run again, it makes only what is missing. Not for the bridge: it computes where it is called.
May import: the standard library, appliance.core, models.local.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from appliance.core.coding import Coding
from models.local.espeak import PROGRAM
from models.local.mouth import MADE_IN, Voice, pieces_of
from models.local.prompt_cache import PromptCache
from models.local.shaping import Shaper
from models.local.speech_client import Sound, SpeechFailed
from models.local.wording import Language

ABOUT_THE_VOICE = frozenset({"unavailable", "language", "text", "too-long"})
"""Failures that no waiting mends."""
CODINGS: tuple[Coding, ...] = tuple(dict.fromkeys(MADE_IN.values()))


@dataclass(slots=True)
class Rendering:
    """Sentences made and kept, by voice; those that no voice could say; and why voices failed."""

    made: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    later: bool = False
    """Whether a better voice than those that spoke may be there in a while."""
    in_use: set[str] = field(default_factory=set)


async def render(
    cache: PromptCache,
    voices: Sequence[Voice],
    texts: Iterable[str],
    language: Language,
    check: Callable[[], None] = lambda: None,
) -> Rendering:
    """Have every sentence of these texts in the cache. Raises PromptNotKept, and what `check` does.

    It is asked before each sentence; those that were made stay.
    """
    done = Rendering()
    pieces = dict.fromkeys(piece for text in texts for piece in pieces_of(text, language))
    for piece in pieces:
        check()
        if not await _rendered(cache, voices, piece, language, done):
            done.missing.append(piece)
    return done


async def _rendered(
    cache: PromptCache, voices: Sequence[Voice], piece: str, language: Language, done: Rendering
) -> bool:
    """Whether one sentence is there, by the best voice that can say it. One that failed is asked no more."""
    for voice in voices:
        keys = {coding: voice.key(piece, language, coding) for coding in CODINGS}
        if all(cache.read(key) is not None for key in keys.values()):
            done.kept[voice.title] += 1
        elif voice.title in done.failures:
            continue
        else:
            try:
                came = await _spoken(voice, piece, language)
            except SpeechFailed as exc:
                done.failures[voice.title] = str(exc)
                done.later = done.later or exc.code not in ABOUT_THE_VOICE
                continue
            for coding, key in keys.items():
                cache.write(key, shaped(came, coding))
            done.made[voice.title] += 1
        done.in_use.update(keys.values())
        return True
    return False


async def _spoken(voice: Voice, piece: str, language: Language) -> list[Sound]:
    """The whole of what a voice says of a sentence. Raises SpeechFailed."""
    name = voice.asked_name(language)
    async with aclosing(voice.source.synthesise(piece, language, voice.first_s, name)) as sounds:
        came = [sound async for sound in sounds]
    if not shaped(came, "ulaw_8k"):
        raise SpeechFailed(f"{voice.title} gave no sound", "failed", retry=False)
    if voice.rests and any(sound.voice == PROGRAM for sound in came):
        # It would be kept under the name of a voice that it is not.
        raise SpeechFailed(f"{voice.title} has {PROGRAM} speak for it", "unavailable", retry=False)
    return came


def shaped(came: Sequence[Sound], coding: Coding) -> bytes:
    """A whole sentence in frames, its loudness judged by all of it; empty when there is no speech in it."""
    listener = Shaper(coding, 1.0)
    for sound in came:
        listener.feed(sound.pcm, sound.rate)
    listener.rest()
    shaper = Shaper(coding, listener.needed())
    return b"".join([*(shaper.feed(sound.pcm, sound.rate) for sound in came), shaper.rest()])
