"""The greetings that staff recorded: files of the box, the one in use in memory, for calls of every carrier.

A file is named for its language and by the digest of its sound, so that none is ever changed.
May import: the standard library, appliance.core, models.local.
"""

import asyncio
import hashlib
import io
import logging
import re
import wave
from collections.abc import Callable, Collection
from pathlib import Path

from appliance.core import ulaw
from appliance.core.files import folder_made, private_in, replace
from appliance.core.staff import GREETING_NAME, Office, StaffSettings
from models.local.mouth import Mouth, Own
from models.local.wording import Language

log = logging.getLogger(__name__)

FOLDER = "greetings"
NAME = re.compile(GREETING_NAME)
READ_S = 0.3
"""A caller waits for it."""
KEPT = 5
"""So many stay beside those that are in use: a carrier may still be fetching the last."""


class Greetings:
    """Keeps and gives recorded greetings, µ-law at 8 kHz."""

    def __init__(self, folder: Path, mouth: Callable[[], Mouth]) -> None:
        self._folder = folder
        self._mouth = mouth
        self._held: dict[str, bytes] = {}
        self._missing: set[str] = set()

    async def ready(self, office: Office) -> Office:
        """The office with its recordings at hand; what a file that is gone would say is spoken instead."""
        wanted = in_use(office.staff)
        for name in sorted(wanted - self._held.keys()):
            await self._taken(name)
        self._held = {name: sound for name, sound in self._held.items() if name in wanted}
        if gone := wanted - self._held.keys():
            office = office.model_copy(update={"staff": _without(office.staff, gone)})
        self._mouth().own = self._own(office)
        return office

    def _own(self, office: Office) -> dict[Language, Own]:
        name = office.recording
        language = office.staff.language.partition("-")[0]
        return {language: Own(office.staff.greeting_words(), self._held[name])} if name else {}

    async def _taken(self, name: str) -> None:
        """Have a recording in memory, if it is there."""
        try:
            async with asyncio.timeout(READ_S):
                sound = await asyncio.to_thread(_read, self._folder / f"{name}.ulaw")
        except TimeoutError:
            log.warning("the recorded greeting is not read in time, the spoken one serves")
            return
        if sound:
            self._held[name] = sound
            self._missing.discard(name)
        elif name not in self._missing:
            log.error("the recorded greeting is gone, the spoken one serves", extra={"greeting": name})
            self._missing.add(name)

    async def sound(self, name: str) -> bytes:
        """A greeting as the telephone has it; empty when it is gone, or for a name that is none."""
        if not NAME.fullmatch(name):
            return b""
        return self._held.get(name, b"") or await asyncio.to_thread(_read, self._folder / f"{name}.ulaw")

    async def wav(self, name: str) -> bytes | None:
        """A greeting as a WAV file of 16 bits, as a carrier fetches it; None for a name that is none."""
        sound = await self.sound(name)
        return _wav(sound) if sound else None

    async def keep(self, language: str, sound: bytes, used: Collection[str] = ()) -> str:
        """Keep a greeting, on disk when this returns; its name. Raises OSError.

        Old ones go, but for those of these names.
        """
        name = f"{language}-{hashlib.sha256(sound).hexdigest()}"
        await asyncio.to_thread(self._written, name, sound, used)
        return name

    def _written(self, name: str, sound: bytes, used: Collection[str]) -> None:
        folder_made(self._folder)
        replace(self._folder / f"{name}.ulaw", sound, mode=private_in(self._folder))
        others = (path for path in self._folder.glob("*.ulaw") if path.stem not in used)
        known = sorted(others, key=lambda path: path.stat().st_mtime_ns)
        for old in known[:-KEPT]:
            old.unlink(missing_ok=True)


def in_use(staff: StaffSettings) -> set[str]:
    """The names of the recordings that callers hear."""
    return {staff.greeting_recording, *staff.voicemail_recordings.values()} - {""}


def _without(staff: StaffSettings, gone: Collection[str]) -> StaffSettings:
    kept = {key: name for key, name in staff.voicemail_recordings.items() if name not in gone}
    greeting = "" if staff.greeting_recording in gone else staff.greeting_recording
    return staff.model_copy(update={"greeting_recording": greeting, "voicemail_recordings": kept})


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
