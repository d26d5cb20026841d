"""Gives audio for text, and never silence: a chain of voices, each of which takes over where another fails.

A text becomes words (`wording`) and then sentences. For each sentence, in this order: what a voice has
rendered ahead; that voice itself, with a deadline to its first sound; then the same of the next voice;
and when none can speak, a recorded sentence. A voice that breaks off in mid-sentence is not repeated: the
next voice goes on with the next sentence. A voice that failed rests for a while, on all calls, so that
nobody waits for it again. Closing the iterator (`contextlib.aclosing`) stops everything at once: process
killed, connection closed.
May import: the standard library, appliance.core, models.local, models.transcoding.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from appliance.core.coding import RATES, Coding
from models.local.prompt_cache import PromptCache, key_of
from models.local.shaping import FRAME_BYTES, Levels, Shaper, recorded, silence
from models.local.speech_client import Sound, SpeechFailed
from models.local.wording import Language, sentences, spoken
from models.transcoding import Transcoder

log = logging.getLogger(__name__)

GAP_S = 1.5
"""How long a voice may fall silent in mid-sentence."""
PIECE_LONGEST_S = 60
"""Sound of one sentence beyond this is not taken."""
RESTS_S = {"busy": 2.0, "text": 0.0, "too-long": 0.0}
REST_S = 10.0
SENTENCE_PAUSE_MS, CLAUSE_PAUSE_MS = 240, 100
THREADS = 2
NICE = 5
MADE_IN: dict[Coding, Coding] = {
    "ulaw_8k": "ulaw_8k",
    "pcm_8k": "ulaw_8k",
    "pcm_16k": "pcm_24k",
    "pcm_24k": "pcm_24k",
}
"""Sentences are made, and rendered ahead, in two codings; legs of the others get them brought over."""

T = TypeVar("T")


class Synthesiser(Protocol):
    """What speaks: the speech program (`SpeechClient`) or our own subprocess (`Espeak`)."""

    def synthesise(
        self, text: str, language: str, within_s: float, voice: str = ""
    ) -> AsyncGenerator[Sound, None]:
        """The text spoken, its first sound within `within_s`. Raises SpeechFailed."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One way to speak. `names` says for each language under which name its sentences are cached."""

    title: str
    source: Synthesiser
    names: Mapping[Language, str]
    first_s: float
    rests: bool = True
    """Whether it is left alone for a while after it failed."""

    def known_as(self, language: Language) -> str:
        """Its full name in a language."""
        return f"{self.title}:{self.names.get(language, language)}"

    def asked_name(self, language: Language) -> str:
        """The name under which its source is asked for it; empty leaves the choice to the source."""
        return self.names.get(language, "")

    def key(self, piece: str, language: Language, coding: Coding) -> str:
        """The name of a sentence of this voice in the cache."""
        return key_of(self.known_as(language), RATES[coding], piece)


@dataclass(frozen=True, slots=True)
class Recordings:
    """Recorded sentences of a language, µ-law at 8 kHz: by their words, and one for when no voice is left."""

    by_text: Mapping[str, bytes] = field(default_factory=dict)
    no_voice: bytes = b""


@dataclass(frozen=True, slots=True)
class Own:
    """Words of which the clinic has a recording of its own, µ-law at 8 kHz."""

    words: str
    sound: bytes


@dataclass(slots=True)
class _Utterance:
    """What is being said: its sentences, and the voices that may still be asked to speak."""

    text: str
    language: Language
    coding: Coding
    pieces: list[str]
    asked: list[Voice]
    said: bool = False
    over: bool = False


@dataclass(slots=True)
class Mouth:
    """The voices of the box, in the order in which they are preferred; shared by all calls."""

    voices: Sequence[Voice]
    cache: PromptCache
    recordings: Mapping[Language, Recordings] = field(default_factory=dict)
    own: Mapping[Language, Own] = field(default_factory=dict)
    """What is heard in place of a text that is, or begins with, these words."""
    gap_s: float = GAP_S
    clock: Callable[[], float] = time.monotonic
    _resting: dict[tuple[str, Language], float] = field(default_factory=dict)
    _levels: Levels = field(default_factory=Levels)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, "mouth", initializer=_step_back)
    )

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def speak(self, text: str, language: Language, coding: Coding = "ulaw_8k") -> AsyncGenerator[bytes, None]:
        """The text in this coding; in all, whole frames of 20 ms."""
        made_in = MADE_IN[coding]
        said = self._say(text, language, made_in)
        return said if coding == made_in else self._brought_over(said, Transcoder(made_in, coding))

    async def _brought_over(
        self, said: AsyncGenerator[bytes, None], transcoder: Transcoder
    ) -> AsyncGenerator[bytes, None]:
        async with aclosing(said) as sounds:
            async for sound in sounds:
                yield await self._in_thread(transcoder.feed, sound)
        if rest := await self._in_thread(transcoder.rest):
            yield rest

    async def preload(self, texts: Iterable[str], language: Language, coding: Coding = "ulaw_8k") -> int:
        """Take what is rendered of these texts into memory; how many sentences that are."""
        return await self._in_thread(self._preloaded, tuple(texts), language, coding)

    def _preloaded(self, texts: tuple[str, ...], language: Language, coding: Coding) -> int:
        keys = [
            voice.key(piece, language, coding)
            for text in texts
            for piece in pieces_of(text, language)
            for voice in self.voices
        ]
        return self.cache.preload(keys)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *arguments))

    # Saying --------------------------------------------------------------------------------------------

    async def _say(self, text: str, language: Language, coding: Coding) -> AsyncGenerator[bytes, None]:
        own = self.own.get(language)
        if own is not None and own.words and text.startswith(own.words):
            yield await self._in_thread(recorded, own.sound, coding)
            text = text.removeprefix(own.words).strip()
            if not text:
                return
            yield silence(coding, SENTENCE_PAUSE_MS)
        pieces = await self._in_thread(pieces_of, text, language)
        asked = [voice for voice in self.voices if not self._rests(voice, language)]
        saying = _Utterance(text, language, coding, pieces, asked)
        for place, piece in enumerate(pieces):
            async with aclosing(self._sentence(saying, piece)) as sounds:
                async for sound in sounds:
                    yield sound
            if saying.over:
                return
            if place + 1 < len(pieces):
                yield pause_after(piece, coding)
        if not saying.said and (sound := await self._in_thread(self._recorded, saying)):
            yield sound

    async def _sentence(self, saying: _Utterance, piece: str) -> AsyncGenerator[bytes, None]:
        """One sentence by the first voice that can say it; a recording when none can."""
        for voice in self.voices:
            cached = await self._cached(voice.key(piece, saying.language, saying.coding))
            if cached is not None:
                saying.said = True
                yield cached
                return
            if voice is self.voices[-1] and not saying.said and self._has_recorded(saying):
                break
            if voice not in saying.asked:
                continue
            begun = False
            async with aclosing(self._spoken(saying, voice, piece)) as sounds:
                async for sound in sounds:
                    begun = saying.said = True
                    yield sound
            if begun:
                return
        saying.said = saying.over = True
        if sound := await self._in_thread(self._recorded, saying):
            yield sound

    async def _cached(self, key: str) -> bytes | None:
        held = self.cache.held(key)
        return held if held is not None else await self._in_thread(self.cache.read, key)

    async def _spoken(self, saying: _Utterance, voice: Voice, piece: str) -> AsyncGenerator[bytes, None]:
        """What a voice says of a sentence; when it fails it is not asked again for this text."""
        try:
            async with aclosing(self._live(voice, piece, saying.language, saying.coding)) as sounds:
                async for sound in sounds:
                    yield sound
        except SpeechFailed as exc:
            saying.asked.remove(voice)
            self._let_rest(voice, saying.language, exc)

    async def _live(
        self, voice: Voice, piece: str, language: Language, coding: Coding
    ) -> AsyncGenerator[bytes, None]:
        name, known_as = voice.asked_name(language), voice.known_as(language)
        shaper = Shaper(coding, self._levels.of(known_as))
        left = PIECE_LONGEST_S * 50 * FRAME_BYTES[coding]
        async with aclosing(voice.source.synthesise(piece, language, voice.first_s, name)) as sounds:
            wait_s = voice.first_s
            while left > 0 and (sound := await _next(sounds, wait_s)) is not None:
                wait_s = self.gap_s
                if frames := await self._in_thread(shaper.feed, sound.pcm, sound.rate):
                    left -= len(frames)
                    yield frames
        if frames := await self._in_thread(shaper.rest):
            yield frames
        if not shaper.begun:
            raise SpeechFailed("it gave no sound", "failed", retry=False)
        self._levels.learn(known_as, await self._in_thread(shaper.needed))

    # Voices that fail ----------------------------------------------------------------------------------

    def _rests(self, voice: Voice, language: Language) -> bool:
        return self.clock() < self._resting.get((voice.title, language), 0.0)

    def _let_rest(self, voice: Voice, language: Language, failure: SpeechFailed) -> None:
        log.warning(
            "a voice failed", extra={"voice": voice.title, "code": failure.code, "problem": str(failure)}
        )
        if voice.rests:
            rest_s = RESTS_S.get(failure.code, REST_S)
            self._resting[voice.title, language] = self.clock() + rest_s

    def _has_recorded(self, saying: _Utterance) -> bool:
        recordings = self.recordings.get(saying.language)
        return recordings is not None and saying.text in recordings.by_text

    def _recorded(self, saying: _Utterance) -> bytes:
        recordings = self.recordings.get(saying.language, Recordings())
        sound = recordings.by_text.get(saying.text, recordings.no_voice)
        if not sound:
            log.error("there is no voice and no recording", extra={"language": saying.language})
        return recorded(sound, saying.coding)


def pieces_of(text: str, language: Language) -> list[str]:
    """The sentences of a text as they are synthesised and cached."""
    return [piece for piece in sentences(spoken(text, language), language) if any(map(str.isalpha, piece))]


def pause_after(piece: str, coding: Coding) -> bytes:
    """The silence between a sentence, or a clause, and the next one."""
    return silence(coding, SENTENCE_PAUSE_MS if piece[-1] in ".?!" else CLAUSE_PAUSE_MS)


async def _next(sounds: AsyncGenerator[Sound, None], within_s: float) -> Sound | None:
    """The next sound; None at the end. Raises SpeechFailed when it does not come in time."""
    try:
        async with asyncio.timeout(within_s):
            return await anext(sounds, None)
    except TimeoutError as exc:
        raise SpeechFailed("no sound came in time", "late", retry=False) from exc


def _step_back() -> None:
    """Give these threads less of the processor than the loop."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    except OSError as exc:
        log.info("the mouth's threads keep their priority", extra={"problem": str(exc)})
