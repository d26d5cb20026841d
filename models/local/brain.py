"""The local assistant's ears and mouth as a `Brain`: what is said becomes a wish, a sentence becomes sound.

It decides nothing: what it understood goes to the conversation, which says what comes next. One thing is
recognised at a time and one sentence spoken after the other; a new wish of the caller replaces the old one.
May import: appliance.core, models.local, models.transcoding.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Coroutine
from concurrent.futures import Executor
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from appliance.core.coding import BYTES_PER_MS as LEG_BYTES_PER_MS
from appliance.core.coding import Coding
from appliance.core.dialogue.facts import OTHER_LANGUAGE
from appliance.core.errors import AttendantError
from appliance.core.events import (
    Heard,
    HeardPart,
    MessageRecorded,
    Overheard,
    ReplyPlayed,
    ReplyWorded,
    Understood,
    UtteranceTaken,
)
from appliance.core.ports import BrainEars
from appliance.core.story import Speaker, Turn
from appliance.core.ulaw import BYTES_PER_MS, Gate
from models.local import sentences
from models.local.open_wish import OpenWish
from models.local.ring import TRAIL_MS, Ring
from models.local.speech_client import Recognised
from models.transcoding import Transcoder

log = logging.getLogger(__name__)

KEPT_MS = 15_000
MESSAGE_MOST_MS = 180_000
LEAST_LOUD_MS = 400
READ_BACK_MS = 20_000
LAST_WORDS_S = 3.0
MS_PER_LETTER = 65
FRAME = 160

Fields = tuple[tuple[str, str], ...]
Span = tuple[int, int]
"""When something was said, from and to, in ms of the call."""
SO_FAR, UTTERANCE, STORY, MESSAGE = "so far", "utterance", "story", "message"


class Voice(Protocol):
    """What speaks: the text in a leg's coding, piece by piece. Raises AttendantError when it cannot."""

    def speak(self, text: str, language: str, coding: Coding) -> AsyncGenerator[bytes, None]:
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


@dataclass(frozen=True, slots=True)
class _Thought:
    """Something to be recognised or understood: one at a time. `whole` is all that the caller said."""

    kind: str
    think: Callable[[], Coroutine[None, None, None]]
    span: Span = (0, 0)
    whole: bool = False


class LocalBrain:
    """The local assistant of one call. `language` is that of the last sentence spoken.

    `coding` is the leg's. It speaks in it; what it hears it keeps as µ-law.
    """

    def __init__(self, call_id: str, faculties: Faculties, language: str, coding: Coding = "ulaw_8k") -> None:
        self._coding = coding
        self._narrow = Transcoder(coding, "ulaw_8k").feed
        self._call_id = call_id
        self._faculties = faculties
        self.language = language
        self._ring = Ring(KEPT_MS * BYTES_PER_MS)
        self._ears: BrainEars | None = None
        self._lines: asyncio.Queue[_Line] = asyncio.Queue()
        self._asked: deque[_Thought] = deque()
        self._was_asked = asyncio.Event()
        self._thinking: tuple[_Thought, asyncio.Task[None]] | None = None
        self._known: tuple[tuple[Span, str], Recognised] | None = None
        self._free_ms = 0
        self._speaking: tuple[str, asyncio.Task[None]] | None = None
        self._message: bytearray | None = None

    async def listen(self, ears: BrainEars) -> None:
        """Speak and understand what is asked for, until cancelled."""
        self._ears = ears
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._mouth(tasks), name=f"{self._call_id} mouth")
            tasks.create_task(self._mind(tasks), name=f"{self._call_id} thought")

    def _to(self) -> BrainEars:
        assert self._ears is not None  # noqa: S101 -- asked for by the conversation only
        return self._ears

    # Hearing -------------------------------------------------------------------------------------------

    def hear(self, audio: bytes) -> None:
        """Keep the caller's audio, given in the leg's coding."""
        ulaw_8k = self._narrow(audio)
        self._ring.take(ulaw_8k)
        if self._message is not None and len(self._message) < MESSAGE_MOST_MS * BYTES_PER_MS:
            self._message += ulaw_8k

    def take_utterance(self, began_ms: int, ended_ms: int) -> None:
        """Recognise what was said between these times; a wish that waits is of no more use."""
        span = began_ms, ended_ms
        audio = self._ring.utterance(*span, self._free_ms)
        self._free_ms = ended_ms + TRAIL_MS
        self._drop(span)
        thought = _Thought(UTTERANCE, lambda: self._recognised(span, audio), span, whole=True)
        self._ask(thought, UTTERANCE, STORY, SO_FAR)

    def take_so_far(self, began_ms: int, ended_ms: int, *, whole: bool = False) -> None:
        """Recognise it as far as it goes; should it be the whole, the work is done already."""
        span = began_ms, ended_ms
        audio = self._ring.utterance(*span, self._free_ms)
        think = partial(self._heard_so_far, span, audio, whole=whole)
        self._ask(_Thought(SO_FAR, think, span, whole), SO_FAR)

    def overhear(self, began_ms: int, ended_ms: int, language: str) -> None:
        """Recognise what was said to somebody else. Should it become ours to answer, the work is done."""
        span = began_ms, ended_ms
        audio = self._ring.utterance(*span, self._free_ms)
        self._ask(_Thought(SO_FAR, lambda: self._overheard(span, audio, language), span), SO_FAR)

    def recall(self, story: tuple[Turn, ...]) -> None:
        """Find the wish that is open in the story."""
        self._drop()
        self._ask(_Thought(STORY, lambda: self._recalled(story)), STORY)

    def start_recording(self, since_ms: int = -1) -> None:
        """Record what the caller says: from now on, or what began at this time of the call."""
        begun = b"" if since_ms < 0 else self._ring.utterance(since_ms, since_ms + KEPT_MS, self._free_ms)
        self._message = bytearray(begun)

    def stop_recording(self) -> None:
        """Keep what was recorded."""
        audio, self._message = bytes(self._message or b""), None
        self._drop()
        self._ask(_Thought(MESSAGE, lambda: self._kept(audio), whole=True), SO_FAR)

    async def finish(self, within_s: float = LAST_WORDS_S) -> None:
        """Have what was said last recognised or kept, but do not wait for long: it may be danger."""
        self._asked = deque(each for each in self._asked if each.whole)
        if not self._asked and (self._thinking is None or not self._thinking[0].whole):
            return
        over = asyncio.Event()

        async def tell() -> None:
            over.set()

        self._ask(_Thought("end", tell))
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), within_s)

    def _ask(self, thought: _Thought, *instead: str) -> None:
        """Think of this next, and no more of what waits of these kinds."""
        self._asked = deque(each for each in self._asked if each.kind not in instead)
        self._asked.append(thought)
        self._was_asked.set()

    def _drop(self, wanted: Span | None = None) -> None:
        """Give up what is being recognised of an unfinished utterance, unless it is what is `wanted`.

        One that is wanted together with what was said behind it was unfinished, too.
        """
        if self._thinking is not None:
            thought, task = self._thinking
            part = thought.kind == UTTERANCE and wanted is not None and thought.span[0] == wanted[0]
            if (part or thought.kind == SO_FAR) and thought.span != wanted:
                task.cancel()

    async def _mind(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            while not self._asked:
                self._was_asked.clear()
                await self._was_asked.wait()
            thought = self._asked.popleft()
            task = tasks.create_task(thought.think(), name=f"{self._call_id} {thought.kind}")
            self._thinking = thought, task
            await asyncio.wait([task])
            self._thinking = None

    async def _words(self, span: Span, audio: bytes, language: str = "") -> Recognised:
        """What was said; once known it is not recognised again. Raises AttendantError."""
        what = span, language or self.language
        if self._known is None or self._known[0] != what:
            heard = await self._faculties.recognise(audio, what[1])
            # Another server may send words that it takes for none: recognisers make them up of noise.
            self._known = what, heard if heard.speech else replace(heard, text="")
        return self._known[1]

    async def _overheard(self, span: Span, audio: bytes, language: str) -> None:
        try:
            heard = await self._words(span, audio, language)
        except AttendantError as exc:
            log.info("not overheard", extra={"call_id": self._call_id, "problem": str(exc)})
            return
        self._to().happened(Overheard(span[0], heard.text))

    async def _heard_so_far(self, span: Span, audio: bytes, *, whole: bool) -> None:
        utterance_id = _utterance_id(span)
        try:
            heard = await self._words(span, audio)
        except AttendantError as exc:
            log.info("not recognised yet", extra={"call_id": self._call_id, "problem": str(exc)})
            return
        if whole or heard.text.strip():
            self._to().happened(UtteranceTaken(utterance_id))
            self._to().happened((Heard if whole else HeardPart)(utterance_id, heard.text))

    async def _recognised(self, span: Span, audio: bytes) -> None:
        ears, utterance_id = self._to(), _utterance_id(span)
        ears.happened(UtteranceTaken(utterance_id))
        try:
            heard = await self._words(span, audio)
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
        return replace(wish, utterance_id=utterance_id, text=text)

    async def _recalled(self, story: tuple[Turn, ...]) -> None:
        """What the caller wanted and has not got."""
        wish = OpenWish()
        for turn in story:
            match turn.speaker:
                case Speaker.CALLER:
                    wish.caller(await self._wish(turn.turn_id, turn.text), turn.text)
                case Speaker.TOOL:
                    wish.tool()
                case Speaker.ATTENDANT:
                    wish.attendant()
                case Speaker.KEYPAD:
                    wish.keypad(turn.text)
        self._to().happened(wish.found)

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
            self._to().happened(MessageRecorded("", "", ms, kept=False))
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
        if sentence != OTHER_LANGUAGE:
            # That is offered in its own words, and answered in the call's, as far as we know.
            self.language = language
        self._lines.put_nowait(_Line(reply_id, sentences.text(sentence, language, fields), language))

    def cancel(self) -> None:
        """Be silent at once."""
        self.only(())

    def only(self, reply_ids: Container[str]) -> None:
        """Say no more but these sentences."""
        lines = [self._lines.get_nowait() for _ in range(self._lines.qsize())]
        for line in lines:
            if line.reply_id in reply_ids:
                self._lines.put_nowait(line)
        if self._speaking is not None and self._speaking[0] not in reply_ids:
            self._speaking[1].cancel()

    async def _mouth(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            line = await self._lines.get()
            saying = tasks.create_task(self._say(line), name=f"{self._call_id} {line.reply_id}")
            self._speaking = line.reply_id, saying
            await asyncio.wait([saying])
            self._speaking = None

    async def _say(self, line: _Line) -> None:
        """Speak one sentence; whatever happens, it is over for the call in the end."""
        ears, made = self._to(), 0
        try:
            async with aclosing(
                self._faculties.voice.speak(line.text, line.language, self._coding)
            ) as pieces:
                async for piece in pieces:
                    made += len(piece)
                    await ears.reply_audio(line.reply_id, line.reply_id, piece)
        except AttendantError as exc:
            log.error("not spoken", extra={"call_id": self._call_id, "problem": str(exc)})
        finally:
            made_ms = made // LEG_BYTES_PER_MS[self._coding]
            likely_ms = len(line.text) * MS_PER_LETTER
            ears.happened(ReplyWorded(line.reply_id, line.text, max(made_ms, likely_ms)))
        ears.reply_complete(line.reply_id)
        if not made:
            ears.happened(ReplyPlayed(line.reply_id, 0))


def _utterance_id(span: Span) -> str:
    return f"heard-{span[0]}"


def _loud_ms(ulaw_8k: bytes) -> int:
    gate = Gate()
    loud = sum(gate.open(ulaw_8k[at : at + FRAME]) for at in range(0, len(ulaw_8k) - FRAME + 1, FRAME))
    return loud * FRAME // BYTES_PER_MS
