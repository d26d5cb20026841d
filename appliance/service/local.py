"""The local assistant's faculties, put together once for all calls of the bridge.

May import: appliance.core, appliance.service, appliance.languages, models.
"""

import asyncio
import logging
import os
import secrets
import wave
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

from appliance.core import phrases, ulaw
from appliance.core.errors import EmbedderFailed, StoreRefused
from appliance.core.events import Understood
from appliance.core.files import folder_made, settle
from appliance.core.linear import WeightsUnreadable
from appliance.core.menu import DepartmentLine
from appliance.core.ports import Embedder
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.languages.prompts import codes
from appliance.service import parts, tongues
from appliance.service.parts import Part, Reading, fixed
from appliance.service.prompts import texts
from models.local.brain import Faculties, Voice
from models.local.doubling import pcm_16k
from models.local.intents import Understanding, Watch
from models.local.meaning import Meaning
from models.local.mouth import Mouth
from models.local.prompt_cache import FOLDER, PromptCache
from models.local.speech_client import Recognised, SpeechClient, SpeechFailed
from models.local.taken import taken
from models.local.voices import chain, recordings
from models.weights import folder
from models.weights.table import NoSuchWeights

log = logging.getLogger(__name__)

KEEP_S = 5.0


class LocalAssistant:
    """Ears, mouth and understanding of the box. Enter it on the running loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._recordings = settings.box.data_dir / "recordings"
        self._thinking = ThreadPoolExecutor(1, "thinking")
        speech = settings.speech
        self._ears = SpeechClient(speech.recognition_at) if speech.recognition_at else None
        at = speech.synthesis_at
        self._voice = SpeechClient(at, voices=speech.voices) if at else None
        self._book = phrases.PhraseBook({})
        self.understanding: Understanding | None = None

    async def open(self, stack: AsyncExitStack) -> None:
        """Load what is slow to load, beside the loop."""
        self._mouth = self._made_mouth()
        stack.callback(self._mouth.close)
        stack.callback(self._thinking.shutdown, wait=False, cancel_futures=True)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thinking, tongues.ready)
        self._book = await loop.run_in_executor(self._thinking, _phrases)
        self.understanding = await loop.run_in_executor(
            self._thinking, _understanding, self._settings, self._book.find
        )

    def parts(self) -> dict[str, Reading]:
        """How its understanding, its ears and its mouth are, for health."""
        if not self._settings.local.enabled:
            return dict.fromkeys(("local", "recognition", "synthesis"), fixed("off"))
        return {
            "local": self._understands,
            "recognition": _speech(self._ears),
            "synthesis": _speech(self._voice),
        }

    def _understands(self) -> Part:
        """`broken` when what it ships with cannot be read."""
        if self.understanding is None or not self._book.by_likeness:
            return Part("broken", False)
        return Part("by words alone", False) if self.understanding.by_words_alone else Part("ok")

    async def rehearse(self, office: Office) -> None:
        """Take what was rendered ahead into memory, so that the first sound comes at once."""
        for language in codes():
            await self._mouth.preload(texts(office, language), language)

    @property
    def ears(self) -> SpeechClient | None:
        """The program that recognises, if there is one."""
        return self._ears

    @property
    def voice(self) -> SpeechClient | None:
        """The program that speaks, if there is one."""
        return self._voice

    @property
    def thinking(self) -> Executor:
        """The one thread on which the bridge infers."""
        return self._thinking

    @property
    def embedder(self) -> Embedder | None:
        """The embedding network that ships, if it can be used."""
        return None if self.understanding is None else self.understanding.embedder

    def embedder_of(self, weights: str) -> Embedder | None:
        """The network of these weights, if it is in memory: nobody needs to load it twice."""
        meaning = self.understanding and self.understanding.meaning
        return meaning.embedder if meaning and meaning.embedder.model_id == weights else None

    def mouth(self) -> Mouth:
        """What speaks."""
        return self._mouth

    def _made_mouth(self) -> Mouth:
        speech = self._settings.speech
        voices = chain(self._voice, speech.voices, first_s=speech.synthesise_ms / 1000)
        return Mouth(voices, PromptCache(self._settings.box.data_dir / FOLDER), recordings())

    def watch(self) -> phrases.Watcher:
        """What looks for danger, and for the wish for a person, in one call."""
        return phrases.Watcher(self._book)

    def wish(self, text: str) -> phrases.Finding | None:
        """Danger, or the wish for a person, in a text as a whole."""
        return self._book.find(text)

    def faculties(
        self,
        departments: tuple[DepartmentLine, ...],
        least: float = 1.0,
        documents: Callable[[str, str], float] | None = None,
    ) -> Faculties:
        """What a call of this office has; `least` is how sure an answer from its documents has to be.

        `documents` tells how sure they are to answer a text in a language, on the thinking thread.
        """
        understanding = self.understanding

        def understand(text: str, language: str) -> Understood:
            found = taken(
                understanding,
                text,
                departments,
                language,
                lambda: documents is not None and documents(text, language) >= least,
            )
            wish = found.wish
            return Understood("", str(wish.intent), wish.department, found.digits, wish.language or "")

        return Faculties(cast(Voice, self._mouth), self._recognise, understand, self._keep, self._thinking)

    async def _recognise(self, ulaw_8k: bytes, language: str) -> Recognised:
        if self._ears is None:
            raise SpeechFailed("no speech program is set", "unavailable", retry=False)
        loop = asyncio.get_running_loop()
        pcm = await loop.run_in_executor(self._thinking, pcm_16k, ulaw_8k)
        return await self._ears.recognise(pcm, language, self._settings.speech.recognise_ms / 1000)

    async def _keep(self, call_id: str, ulaw_8k: bytes) -> str:
        """Store a spoken message; on disk when this returns. Raises StoreRefused."""
        name = f"message-{call_id}-{secrets.token_hex(4)}.wav"
        try:
            async with asyncio.timeout(KEEP_S):
                await asyncio.to_thread(write_wav, self._recordings / name, ulaw_8k)
        except (OSError, TimeoutError) as exc:
            raise StoreRefused(f"the message cannot be recorded: {exc}") from exc
        return name


def _speech(client: SpeechClient | None) -> Reading:
    return fixed("off") if client is None else lambda: parts.speech(client.standing)


def _phrases() -> phrases.PhraseBook:
    """The phrases with what was learnt of callers' words, or the phrases alone."""
    try:
        return phrases.load()
    except WeightsUnreadable as exc:
        log.error("danger is found by phrases alone", extra={"problem": str(exc)})
        return phrases.load(by_likeness=False)


def _understanding(settings: Settings, watch: Watch) -> Understanding | None:
    """What understands wishes; without it what callers say leads to keys."""
    try:
        return Understanding.shipped(watch, meaning=_meaning(settings))
    except WeightsUnreadable as exc:
        log.error("wishes are not understood", extra={"problem": str(exc)})
        return None


def _meaning(settings: Settings) -> Meaning | None:
    """The network of many languages, where it is wanted and here; one that is broken is told."""
    name = settings.local.embeddings
    if not (settings.local.enabled and name):
        return None
    try:
        return Meaning.of(folder.ready(settings.models_dir, name))
    except folder.NotReady as exc:
        level = logging.INFO if exc.condition == "missing" else logging.WARNING
        log.log(level, "wishes are understood without it", extra={"weights": name, "problem": str(exc)})
    except (NoSuchWeights, EmbedderFailed) as exc:
        log.warning("wishes are understood without it", extra={"weights": name, "problem": str(exc)})
    return None


def write_wav(path: Path, ulaw_8k: bytes) -> None:
    """Write what was said as a WAV file of 16 bits, whole or not at all; on disk when this returns."""
    folder_made(path.parent)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        with wave.open(file) as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(ulaw.decode(ulaw_8k).tobytes())
        file.flush()
        os.fsync(file.fileno())
    settle(part, path)
