"""The local assistant's faculties, put together once for all calls of the bridge.

May import: appliance.core, appliance.service, appliance.languages, models.
"""

import asyncio
import logging
import os
import secrets
import wave
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

from appliance.core import ulaw
from appliance.core.errors import StoreRefused
from appliance.core.events import Understood
from appliance.core.menu import DepartmentLine
from appliance.core.settings import Settings
from appliance.languages.prompts import prompts
from models.embed import Embedder, EmbedderFailed
from models.local.brain import Faculties
from models.local.doubling import pcm_16k
from models.local.espeak import Espeak
from models.local.intents import Understanding
from models.local.mouth import Mouth, Recordings, Voice
from models.local.prompt_cache import PromptCache
from models.local.speech_client import Recognised, SpeechClient, SpeechFailed

log = logging.getLogger(__name__)

ESPEAK_FIRST_S = 1.5
KEEP_S = 5.0


class LocalAssistant:
    """Ears, mouth and understanding of the box. Enter it on the running loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._recordings = settings.box.data_dir / "recordings"
        self._thinking = ThreadPoolExecutor(1, "thinking")
        speech = settings.speech
        self._client = SpeechClient(speech.uri, voices=speech.voices) if speech.uri else None
        self.understanding: Understanding | None = None

    async def open(self, stack: AsyncExitStack) -> None:
        """Load what is slow to load, beside the loop."""
        self._mouth = self._made_mouth()
        stack.callback(self._mouth.close)
        stack.callback(self._thinking.shutdown, wait=False, cancel_futures=True)
        loop = asyncio.get_running_loop()
        self.understanding = await loop.run_in_executor(self._thinking, _understanding)

    def _made_mouth(self) -> Mouth:
        speech = self._settings.speech
        voices = []
        if self._client is not None:
            voices.append(Voice("speech", self._client, speech.voices, speech.synthesise_ms / 1000))
        voices.append(Voice("espeak-ng", Espeak(), {}, ESPEAK_FIRST_S, rests=False))
        recordings = {language: _recorded(language) for language in ("en", "es")}
        cache = PromptCache(self._settings.box.data_dir / "prompts")
        return Mouth(voices, cache, recordings)

    def faculties(self, departments: tuple[DepartmentLine, ...]) -> Faculties:
        """What a call of this office has."""
        understanding = self.understanding

        def understand(text: str, language: str) -> Understood:
            if understanding is None:
                return Understood("", "none")
            wish = understanding.wish(text, departments, language)
            return Understood("", str(wish.intent), wish.department, language=wish.language or "")

        return Faculties(self._mouth, self._recognise, understand, self._keep, self._thinking)

    async def _recognise(self, ulaw_8k: bytes, language: str) -> Recognised:
        if self._client is None:
            raise SpeechFailed("no speech program is set", "unavailable", retry=False)
        loop = asyncio.get_running_loop()
        pcm = await loop.run_in_executor(self._thinking, pcm_16k, ulaw_8k)
        return await self._client.recognise(pcm, language, self._settings.speech.recognise_ms / 1000)

    async def _keep(self, call_id: str, ulaw_8k: bytes) -> str:
        """Store a spoken message; on disk when this returns. Raises StoreRefused."""
        name = f"message-{call_id}-{secrets.token_hex(4)}.wav"
        try:
            async with asyncio.timeout(KEEP_S):
                await asyncio.to_thread(_write, self._recordings / name, ulaw_8k)
        except (OSError, TimeoutError) as exc:
            raise StoreRefused(f"the message cannot be recorded: {exc}") from exc
        return name


def _understanding() -> Understanding:
    """Wishes by words and embeddings; by words alone when the network is missing."""
    try:
        return Understanding(Embedder())
    except EmbedderFailed as exc:
        log.warning("wishes are understood by words alone", extra={"problem": str(exc)})
        return Understanding(None)


def _recorded(language: str) -> Recordings:
    said = prompts(language)
    by_text = {said.sentences[name]: sound for name, sound in said.recorded.items()}
    return Recordings(by_text, said.recorded.get("no_voice", b""))


def _write(path: Path, ulaw_8k: bytes) -> None:
    """A WAV file of 16 bits, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        with wave.open(file) as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(ulaw.decode(ulaw_8k).tobytes())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
