"""espeak-ng as a subprocess of ours: the voice that needs no other program, no weights and no network.

The text goes in on its standard input, never through a shell; the sound comes out as it is made. It runs
at low priority, few at a time, within a deadline, and is killed when nobody wants its sound any more.
May import: the standard library, appliance.languages, models.local.spawned, models.local.speech_client.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing

from appliance.languages.prompts import codes, prompts
from models.local.spawned import Spawned
from models.local.speech_client import Sound, SpeechFailed

log = logging.getLogger(__name__)

PROGRAM = "espeak-ng"
SPEED = 160
"""Words a minute."""
AT_ONCE = 2
NICE = 10
LONGEST_S = 10.0
"""The longest that one sentence may take, from its start to its end."""
READ_BYTES = 16384
HEADER_BYTES = 44
END_S = 2.0


def voices() -> dict[str, str]:
    """Its voice for each of our languages."""
    return {code: prompts(code).voice for code in codes()}


class Espeak:
    """Speaks by espeak-ng, a process for each sentence."""

    def __init__(
        self, program: str = PROGRAM, *, at_once: int = AT_ONCE, longest_s: float = LONGEST_S
    ) -> None:
        self._program = program
        self._turns = asyncio.Semaphore(at_once)
        self._longest_s = longest_s
        self.running: set[int] = set()
        """The processes that run now."""

    async def synthesise(
        self, text: str, language: str, within_s: float, voice: str = ""
    ) -> AsyncGenerator[Sound, None]:
        """The text spoken, its first sound within `within_s`. Raises SpeechFailed.

        Closing the iterator (`contextlib.aclosing`) kills the process.
        """
        ends = asyncio.get_running_loop().time() + within_s
        try:
            async with asyncio.timeout_at(ends):
                await self._turns.acquire()
        except TimeoutError as exc:
            raise SpeechFailed("too many sentences wait for espeak-ng", "busy", retry=True) from exc
        try:
            async with aclosing(
                self._spoken(text, voice or voices().get(language, language), ends)
            ) as sounds:
                async for sound in sounds:
                    yield sound
        finally:
            self._turns.release()

    async def _spoken(self, text: str, voice: str, ends: float) -> AsyncGenerator[Sound, None]:
        process = self._started(voice)
        try:
            stops = asyncio.get_running_loop().time() + self._longest_s
            async with asyncio.timeout_at(min(ends, stops)):
                rate = await _asked(process, text)
                sound = await _read(process.says)
            while sound:
                yield Sound(sound, rate)
                async with asyncio.timeout_at(stops):
                    sound = await _read(process.says)
        except TimeoutError as exc:
            raise SpeechFailed("espeak-ng did not speak in time", "late", retry=False) from exc
        finally:
            await self._ended(process)

    def _started(self, voice: str) -> Spawned:
        # -b 1: the text is UTF-8, whatever the locale.
        command = (self._program, "-v", voice, "-s", str(SPEED), "-b", "1", "--stdin", "--stdout")
        try:
            process = Spawned(command)
        except OSError as exc:
            problem = f"{self._program} cannot be started: {exc.strerror}"
            raise SpeechFailed(problem, "unavailable", retry=False) from exc
        self.running.add(process.pid)
        return process

    async def _ended(self, process: Spawned) -> None:
        try:
            await process.end(END_S)
        except TimeoutError:
            log.error("a killed espeak-ng does not end", extra={"pid": process.pid})
        finally:
            self.running.discard(process.pid)


async def _asked(process: Spawned, text: str) -> int:
    """Hand the text over; return the rate of the sound that comes."""
    _step_back(process.pid)
    try:
        await process.tell(text.encode("utf-8", "replace"))
        header = await process.says.readexactly(HEADER_BYTES)
    except (OSError, asyncio.IncompleteReadError) as exc:
        raise SpeechFailed("espeak-ng ended without a sound", "failed", retry=False) from exc
    rate = int.from_bytes(header[24:28], "little")
    if header[:4] != b"RIFF" or not 4000 <= rate <= 192000:
        raise SpeechFailed("what espeak-ng sent is no sound", "garbage", retry=False)
    return rate


async def _read(says: asyncio.StreamReader) -> bytes:
    """The next of its sound, a whole number of samples; empty at the end."""
    sound = await says.read(READ_BYTES)
    if len(sound) % 2:
        try:
            sound += await says.readexactly(1)
        except asyncio.IncompleteReadError:
            return sound[:-1]
    return sound


def _step_back(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
    except OSError:
        # It has ended already, or may not be slowed down: it is spoken all the same.
        return
