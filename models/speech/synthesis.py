"""Synthesis: breath by breath from piper, and from espeak-ng where piper cannot or is too late.

Each breath is a turn of its own: a long answer of one call does not keep another waiting, and what nobody
listens to any more is not made.
May import: appliance.core, models.local.espeak, models.speech, wyoming.event.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming.event import Event

from models.local.espeak import PROGRAM
from models.speech.child import Child
from models.speech.espeak import LastResort
from models.speech.refused import Refused
from models.speech.requests import Synthesise
from models.speech.sentences import Breath, breaths
from models.speech.turns import Turns

log = logging.getLogger(__name__)

WAITING_MOST = 32
PAUSE_MS = 150
# Later breaths are made while earlier ones play.
LATER_S = 3.0


@dataclass(frozen=True, slots=True)
class Spoken:
    """Mono 16-bit audio, and whose voice it is."""

    pcm: bytes
    rate: int
    voice: str


class Synthesis:
    """The voices of each language, and the one that is always there."""

    def __init__(self, voices: Mapping[str, str], models_dir: Path, threads: int, within_ms: int) -> None:
        self.voices = dict(voices)
        folders = {name: str(models_dir / name) for name in self.voices.values()}
        told = {"folders": folders, "threads": threads}
        self.child = Child("models.speech.mouth", told, threads, Turns(WAITING_MOST, WAITING_MOST))
        self._last_resort = LastResort()
        self._within_s = within_ms / 1000

    @property
    def speaking(self) -> list[str]:
        """The piper voices that speak now."""
        return list(self.child.ready["voices"]) if self.child.ready else []

    async def spoken(self, asked: Synthesise) -> AsyncGenerator[Spoken, None]:
        """The text as audio, each breath as soon as it is made. Raises Refused."""
        voice = self._voice(asked)
        within_s = (asked.within_ms or self._within_s * 1000) / 1000 / 2
        parts = breaths(asked.text)
        for number, breath in enumerate(parts):
            sound = await self._piper(breath, voice, within_s, live=asked.live) if voice else None
            if sound is None:
                # One voice for the rest: changing to and fro sounds worse than the plain one.
                voice = ""
                sound = Spoken(*await self._last_resort.spoken(breath.text, asked.language), PROGRAM)
            yield sound
            if breath.ends and number < len(parts) - 1:
                yield replace(sound, pcm=bytes(2 * (sound.rate * PAUSE_MS // 1000)))
            within_s = LATER_S

    def _voice(self, asked: Synthesise) -> str:
        """The piper voice that is meant; empty when there is none."""
        speaking = self.speaking
        if asked.voice in speaking:
            return asked.voice
        language = asked.language
        named = self.voices.get(language) or self.voices.get(language.partition("-")[0].lower(), "")
        return named if named in speaking else ""

    async def _piper(self, breath: Breath, voice: str, within_s: float, *, live: bool) -> Spoken | None:
        """The breath from piper; None when it cannot, or not in time."""
        question = Event("speak", {"voice": voice, "text": breath.text})
        try:
            async with asyncio.timeout(within_s):
                answer = await self.child.ask(question, live=live)
        except (Refused, TimeoutError) as exc:
            code = exc.code if isinstance(exc, Refused) else "late"
            log.warning("piper does not speak, espeak-ng does", extra={"code": code})
            return None
        return Spoken(answer.payload or b"", answer.data["rate"], voice)
