"""The greetings that staff recorded: files of the box, the one in use in memory, for calls of every carrier.

A file is named for its language and by the digest of its sound, so that none is ever changed.
May import: the standard library, appliance.core, appliance.service.pbx.house,
appliance.store.database, models.local.
"""

import asyncio
import hashlib
import io
import logging
import re
import wave
from collections.abc import Callable
from pathlib import Path

from appliance.core import ulaw
from appliance.core.staff import GREETING_NAME, Office
from appliance.service.pbx.house import replace
from appliance.store.database import sync_folder
from models.local.mouth import Mouth, Own
from models.local.wording import Language

log = logging.getLogger(__name__)

FOLDER = "greetings"
NAME = re.compile(GREETING_NAME)
READ_S = 0.3
"""A caller waits for it."""
KEPT = 5
"""Older ones go: a carrier may still be fetching the last."""


class Greetings:
    """Keeps and gives recorded greetings, µ-law at 8 kHz."""

    def __init__(self, folder: Path, mouth: Callable[[], Mouth]) -> None:
        self._folder = folder
        self._mouth = mouth
        self._held: dict[str, bytes] = {}
        self._missing = ""

    async def ready(self, office: Office) -> Office:
        """The office with its recording at hand; one whose file is gone is spoken instead."""
        name = office.staff.greeting_recording
        if name and name not in self._held and not await self._taken(name):
            office = office.model_copy(
                update={"staff": office.staff.model_copy(update={"greeting_recording": ""})}
            )
        self._mouth().own = self._own(office)
        return office

    def _own(self, office: Office) -> dict[Language, Own]:
        name = office.recording
        language = office.staff.language.partition("-")[0]
        return {language: Own(office.staff.greeting_words(), self._held[name])} if name else {}

    async def _taken(self, name: str) -> bool:
        """Whether a recording is in memory now; those before the last one go."""
        try:
            async with asyncio.timeout(READ_S):
                sound = await asyncio.to_thread(_read, self._folder / f"{name}.ulaw")
        except TimeoutError:
            log.warning("the recorded greeting is not read in time, the spoken one serves")
            return False
        if not sound:
            if name != self._missing:
                log.error("the recorded greeting is gone, the spoken one serves", extra={"greeting": name})
            self._missing = name
            return False
        self._held = {**dict([*self._held.items()][-1:]), name: sound}
        return True

    async def wav(self, name: str) -> bytes | None:
        """A greeting as a WAV file of 16 bits, as a carrier fetches it; None for a name that is none."""
        if not NAME.fullmatch(name):
            return None
        sound = self._held.get(name) or await asyncio.to_thread(_read, self._folder / f"{name}.ulaw")
        return _wav(sound) if sound else None

    async def keep(self, language: str, sound: bytes) -> str:
        """Keep a greeting, on disk when this returns; its name. Raises OSError."""
        name = f"{language}-{hashlib.sha256(sound).hexdigest()}"
        await asyncio.to_thread(self._written, name, sound)
        return name

    def _written(self, name: str, sound: bytes) -> None:
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700, parents=True)
            sync_folder(self._folder.parent)
        replace(self._folder / f"{name}.ulaw", sound, mode=0o600)
        known = sorted(self._folder.glob("*.ulaw"), key=lambda path: path.stat().st_mtime_ns)
        for old in known[:-KEPT]:
            old.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    """The sound; empty when it is not there, or not what its name says."""
    try:
        sound = path.read_bytes()
    except OSError:
        return b""
    return sound if hashlib.sha256(sound).hexdigest() == path.stem.rpartition("-")[2] else b""


def _wav(ulaw_8k: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(ulaw.decode(ulaw_8k).tobytes())
    return file.getvalue()
