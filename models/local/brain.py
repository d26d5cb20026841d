"""The local assistant's ears and mouth as a `Brain`: what is said becomes a wish, a sentence becomes sound.

It decides nothing: what it understood goes to the conversation, which says what comes next. One thing is
recognised at a time and one sentence spoken after the other; a new wish of the caller replaces the old one.
May import: appliance.core, models.local.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.core.errors import AttendantError
from appliance.core.events import (
    Heard,
    MessageRecorded,
    ReplyPlayed,
    ReplyWorded,
    Understood,
    UtteranceTaken,
)
from appliance.core.ports import BrainEars
from appliance.core.story import Speaker, Turn
from appliance.core.ulaw import BYTES_PER_MS, Gate
from models.local import sentences
from models.local.speech_client import Recognised
from models.local.utterances import RUN_UP_MS, TRAIL_MS, Ring

log = logging.getLogger(__name__)

KEPT_MS = 15_000
MESSAGE_MOST_MS = 180_000
LEAST_LOUD_MS = 400
READ_BACK_MS = 20_000
MS_PER_LETTER = 65
FRAME = 160
NOTHING = Understood("", "none")
NO_WISH = frozenset({"none", "yes", "no", "repeat"})
LONG_WISHES = frozenset({"leave_message", "book", "move", "cancel", "transfer_department"})

Fields = tuple[tuple[str, str], ...]


class Voice(Protocol):
    """What speaks: the text as µ-law at 8 kHz, piece by piece. Raises AttendantError when it cannot."""

    def speak(self, text: str, language: str) -> AsyncGenerator[bytes, None]:
        """The text, spoken."""


@dataclass(frozen=True, slots=True)
class Faculties:
    """What the local assistant is made of, shared by all calls.

    `recognise` takes µ-law at 8 kHz and a language and raises AttendantError when it cannot; `understand`
    takes a text and a language and is run on `thinking`; `keep` stores a message's µ-law under a name, on
    disk when it returns.
    """

    voice: Voice
    recognise: Callable[[bytes, str], Awaitable[Recognised]]
    understand: Callable[[str, str], Understood]
    keep: Callable[[str, bytes], Awaitable[str]]
    thinking: Executor


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence to be spoken."""

    reply_id: str
    text: str
    language: str


class LocalBrain:
    """The local assistant of one call. `language` is that of the last sentence spoken."""

    def __init__(self, call_id: str, faculties: Faculties, language: str) -> None:
        self._call_id = call_id
        self._faculties = faculties
        self.language = language
        self._ring = Ring(KEPT_MS * BYTES_PER_MS)
        self._ears: BrainEars | None = None
        self._lines: asyncio.Queue[_Line] = asyncio.Queue()
        self._asked: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._speaking: asyncio.Task[None] | None = None
        self._message: bytearray | None = None

    async def listen(self, ears: BrainEars) -> None:
        """Speak and understand what is asked for, until cancelled."""
        self._ears = ears
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._mouth(tasks), name=f"{self._call_id} mouth")
            tasks.create_task(self._thought(), name=f"{self._call_id} thought")

    def _to(self) -> BrainEars:
        assert self._ears is not None  # noqa: S101 -- asked for by the conversation only
        return self._ears

    # Hearing -------------------------------------------------------------------------------------------

    def hear(self, ulaw_8k: bytes) -> None:
        """Keep the caller's audio."""
        self._ring.take(ulaw_8k)
        if self._message is not None and len(self._message) < MESSAGE_MOST_MS * BYTES_PER_MS:
            self._message += ulaw_8k

    def take_utterance(self, began_ms: int, ended_ms: int) -> None:
        """Recognise what was said between these times; what waits is of no more use."""
        while not self._asked.empty():
            self._asked.get_nowait()
        first = max(0, began_ms - RUN_UP_MS) * BYTES_PER_MS
        audio = self._ring.between(first, (ended_ms + TRAIL_MS) * BYTES_PER_MS)
        self._asked.put_nowait(lambda: self._recognised(f"heard-{began_ms}", audio))

    def recall(self, story: tuple[Turn, ...]) -> None:
        """Find the wish that is open in the story."""
        self._asked.put_nowait(lambda: self._recalled(story))

    def start_recording(self) -> None:
        """Record what the caller says from now on."""
        self._message = bytearray()

    def stop_recording(self) -> None:
        """Keep what was recorded."""
        audio, self._message = bytes(self._message or b""), None
        self._asked.put_nowait(lambda: self._kept(audio))

    async def _thought(self) -> None:
        while True:
            work = await self._asked.get()
            await work()

    async def _recognised(self, utterance_id: str, audio: bytes) -> None:
        ears = self._to()
        ears.happened(UtteranceTaken(utterance_id))
        try:
            heard = await self._faculties.recognise(audio, self.language)
        except AttendantError as exc:
            log.warning("not recognised", extra={"call_id": self._call_id, "problem": str(exc)})
            ears.happened(Understood(utterance_id, "unheard"))
            return
        ears.happened(Heard(utterance_id, heard.text))
        ears.happened(await self._wish(utterance_id, heard.text))

    async def _wish(self, utterance_id: str, text: str) -> Understood:
        if not text.strip():
            return Understood(utterance_id, "none")
        loop = asyncio.get_running_loop()
        wish = await loop.run_in_executor(
            self._faculties.thinking, self._faculties.understand, text, self.language
        )
        return Understood(utterance_id, wish.intent, wish.department, wish.digits, wish.language)

    async def _recalled(self, story: tuple[Turn, ...]) -> None:
        """What the caller wanted and has not got: an answer ends a question, a tool ends any wish."""
        wish = NOTHING
        for turn in story:
            match turn.speaker:
                case Speaker.CALLER:
                    wanted = await self._wish(turn.turn_id, turn.text)
                    wish = wish if wanted.intent in NO_WISH else wanted
                case Speaker.TOOL:
                    wish = NOTHING
                case _:
                    wish = wish if wish.intent in LONG_WISHES else NOTHING
        self._to().happened(replace(wish, recalled=True))

    async def _kept(self, audio: bytes) -> None:
        """A message is on disk before anybody is told so; one that holds no sound is none."""
        ms = len(audio) // BYTES_PER_MS
        if _loud_ms(audio) < LEAST_LOUD_MS:
            self._to().happened(MessageRecorded("", "", ms))
            return
        try:
            name = await self._faculties.keep(self._call_id, audio)
        except AttendantError as exc:
            log.error("message not kept", extra={"call_id": self._call_id, "problem": str(exc)})
            self._to().happened(MessageRecorded("", "", ms))
            return
        text = ""
        if ms <= READ_BACK_MS:
            try:
                text = (await self._faculties.recognise(audio, self.language)).text
            except AttendantError as exc:
                log.info("message not read back", extra={"call_id": self._call_id, "problem": str(exc)})
        self._to().happened(MessageRecorded(name, text, ms))

    # Speaking ------------------------------------------------------------------------------------------

    def speak(self, reply_id: str, sentence: str, language: str, fields: Fields) -> None:
        """Say a sentence after those that wait."""
        self.language = language
        self._lines.put_nowait(_Line(reply_id, sentences.text(sentence, language, fields), language))

    def cancel(self) -> None:
        """Be silent at once."""
        while not self._lines.empty():
            self._lines.get_nowait()
        if self._speaking is not None:
            self._speaking.cancel()

    async def _mouth(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            line = await self._lines.get()
            self._speaking = tasks.create_task(self._say(line), name=f"{self._call_id} {line.reply_id}")
            await asyncio.wait([self._speaking])
            self._speaking = None

    async def _say(self, line: _Line) -> None:
        """Speak one sentence; whatever happens, it is over for the call in the end."""
        ears, made = self._to(), 0
        try:
            async with aclosing(self._faculties.voice.speak(line.text, line.language)) as pieces:
                async for piece in pieces:
                    made += len(piece)
                    await ears.reply_audio(line.reply_id, line.reply_id, piece)
        except AttendantError as exc:
            log.error("not spoken", extra={"call_id": self._call_id, "problem": str(exc)})
        finally:
            likely_ms = len(line.text) * MS_PER_LETTER
            ears.happened(ReplyWorded(line.reply_id, line.text, max(made // BYTES_PER_MS, likely_ms)))
        ears.reply_complete(line.reply_id)
        if not made:
            ears.happened(ReplyPlayed(line.reply_id, 0))


def _loud_ms(ulaw_8k: bytes) -> int:
    gate = Gate()
    loud = sum(gate.open(ulaw_8k[at : at + FRAME]) for at in range(0, len(ulaw_8k) - FRAME + 1, FRAME))
    return loud * FRAME // BYTES_PER_MS
