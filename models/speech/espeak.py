"""The voice of last resort: espeak-ng as a subprocess, in a few milliseconds and without weights.

May import: the standard library, models.speech.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE

from models.speech.refused import Refused

COMMAND = "espeak-ng"
WORDS_A_MINUTE = "160"
# Which of its voices a bare language means on this continent.
VOICES = {"": "en-us", "en": "en-us", "es": "es-419"}
WITHIN_S = 5.0
AT_ONCE = 4
HEADER = 44


class Espeak:
    """Speaks, a few texts at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def spoken(self, text: str, language: str) -> tuple[bytes, int]:
        """The text as mono 16-bit audio, and its rate. Raises Refused. Cancelling ends the subprocess."""
        async with self._room:
            sound = await _run(text, VOICES.get(language.lower(), language.lower()))
        if len(sound) <= HEADER or not sound.startswith(b"RIFF"):
            raise Refused("language", f"{COMMAND} does not speak {language!r}")
        return sound[HEADER:], int.from_bytes(sound[24:28], "little")


async def _run(text: str, voice: str) -> bytes:
    # The text goes in by a pipe: on the command line every user of the machine could read it.
    options = ("-v", voice, "-s", WORDS_A_MINUTE, "-b", "1", "--stdin", "--stdout")
    try:
        process = await asyncio.create_subprocess_exec(
            COMMAND, *options, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as exc:
        raise Refused("unavailable", f"{COMMAND} cannot be run: {exc.strerror}") from exc
    try:
        async with asyncio.timeout(WITHIN_S):
            sound, _ = await process.communicate(text.encode("utf-8", "replace"))
            return sound
    except TimeoutError as exc:
        raise Refused("late", f"{COMMAND} took too long") from exc
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
