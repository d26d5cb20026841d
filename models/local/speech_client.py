"""Speaks to the speech program, or to any other Wyoming server, for whoever needs ears or a mouth.

One connection a request; closing it cancels the request. A crash of the program costs one retry inside the
same deadline, as long as nothing was heard yet. No inference here.
May import: appliance.core, models.wyoming_wire, wyoming.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlsplit

from wyoming.asr import Transcribe
from wyoming.event import Event
from wyoming.tts import Synthesize

from appliance.core.errors import AttendantError, WireError
from appliance.core.standing import Standing
from models import wyoming_wire as wire

log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
REDIAL_S = 0.05
STALL_S = 5.0
RATE = 16000
# What a server may send: a list of all voices in the world is long, and some send a sentence in one piece.
BOUNDS = wire.Bounds(line=2 * 1024 * 1024, data=2 * 1024 * 1024, payload=8 * 1024 * 1024)
# What a server may say after which asking again would be answered the same.
ABOUT_THE_REQUEST = frozenset({"busy", "language", "format", "text", "too-long"})
"""What a server says that is well."""
FINAL = frozenset({"busy", "late", "unavailable", "language", "format", "text", "too-long"})

Answer = TypeVar("Answer")


class SpeechFailed(AttendantError):
    """Speech cannot be had. `retry` says whether asking again can help; `code` is one word for it.

    busy: too many wait, offer keys. late: no answer within the deadline. unreachable, lost, crashed: the
    program is absent or ended. unavailable: it has no weights for this. garbage: it is no Wyoming server.
    language, format, text, too-long: it cannot take what was asked. failed: anything else.
    """

    def __init__(self, problem: str, code: str, *, retry: bool) -> None:
        super().__init__(problem)
        self.code = code
        self.retry = retry


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word, when it is said in the audio, and how sure the server is of it (0 to 1)."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was heard. `speech` is false when nobody spoke: a good answer, not a failure.

    Words come where they were asked for, if the server knows them; so does how sure it is of the language.
    """

    text: str
    confidence: float | None
    language: str
    speech: bool
    language_sure: float | None = None
    words: tuple[SaidWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of mono 16-bit audio. The rate may change when another voice steps in.

    `voice` is whose it is, where a server says so.
    """

    pcm: bytes
    rate: int
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A model or a voice that a server has, with its languages."""

    name: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server can do now; empty where it cannot. Our own says how many utterances wait besides."""

    models: tuple[Named, ...]
    voices: tuple[Named, ...]
    recognising: int = 0
    recognitions_waiting: int = 0
    synthesising: int = 0
    syntheses_waiting: int = 0


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._events = wire.EventReader(BOUNDS)
        self._came: deque[Event] = deque()

    def send(self, events: list[Event]) -> None:
        """Send. It waits for nothing: a server that refuses does so before it has read everything."""
        self._writer.write(b"".join(wire.packed(event) for event in events))

    async def next(self) -> Event:
        """The next event. Raises SpeechFailed when none can come, or when the server says that it failed."""
        while not self._came:
            try:
                received = await self._reader.read(READ_BYTES)
            except OSError as exc:
                raise _lost() from exc
            if not received:
                raise _lost()
            self._came.extend(self._events.feed(received))
        event = self._came.popleft()
        if event.type == "error":
            raise _refused(event)
        return event

    async def until(self, *kinds: str) -> Event:
        """The next event of these kinds; others are left out."""
        while (event := await self.next()).type not in kinds:
            continue
        return event

    def close(self) -> None:
        """Be gone at once."""
        self._writer.transport.abort()


def _lost() -> SpeechFailed:
    return SpeechFailed("the speech program closed the connection", "lost", retry=True)


def _refused(event: Event) -> SpeechFailed:
    code = event.data.get("code")
    known = isinstance(code, str) and (code in FINAL or code == "crashed")
    word = str(code) if known else "failed"
    return SpeechFailed(f"the speech program refused: {word}", word, retry=word not in FINAL)


@contextmanager
def _no_garbage() -> Iterator[None]:
    try:
        yield
    except WireError as exc:
        # What it quotes may be what somebody said, and this text may be logged.
        raise SpeechFailed("what answers there is no speech program", "garbage", retry=False) from exc


class SpeechClient:
    """Asks one server. `voices` names the voice for a language where a server knows voices by name alone.

    What is spoken for no call that is `live` waits behind what is.
    """

    def __init__(
        self, address: str, *, voices: Mapping[str, str] = MappingProxyType({}), live: bool = True
    ) -> None:
        self.address = address
        self._live = live
        self._where = urlsplit(address)
        self._voices = voices
        self.standing = Standing()
        """How the last request went; the problem is a code of SpeechFailed."""

    async def recognise(
        self, pcm_16k: bytes, language: str, within_s: float, *, live: bool = True, words: bool = False
    ) -> Recognised:
        """What is said in mono 16-bit audio; without a language the server finds out which it is.

        Raises SpeechFailed. Cancelling closes the connection.
        """
        language = _primary(language)

        async def ask(line: _Line, left_ms: int) -> Recognised:
            request = Transcribe(language=language or None).event()
            request.data |= {"within_ms": left_ms, "priority": _priority(live=live)}
            if words:
                request.data["words"] = True
            line.send([request, wire.audio_start(RATE), *wire.chunks(pcm_16k, RATE), wire.audio_stop()])
            return _recognised(await line.until("transcript"), language)

        line, answer = await self._asked(ask, within_s)
        line.close()
        return answer

    async def synthesise(
        self, text: str, language: str, within_s: float, voice: str = ""
    ) -> AsyncGenerator[Sound, None]:
        """The text spoken, its first sound within `within_s`. Raises SpeechFailed.

        Closing the iterator (`contextlib.aclosing`) closes the connection, and the server stops.
        """
        named = voice or self._voices.get(language) or self._voices.get(_primary(language))

        async def ask(line: _Line, left_ms: int) -> Sound | None:
            # What is no Unicode cannot be sent: it is spoken as a gap.
            request = Synthesize(text.encode("utf-8", "replace").decode()).event()
            request.data["voice"] = {"language": language} | ({"name": named} if named else {})
            request.data |= {"within_ms": left_ms, "priority": _priority(live=self._live)}
            line.send([request])
            return await _next_sound(line)

        line, sound = await self._asked(ask, within_s)
        try:
            while sound is not None:
                yield sound
                sound = await _continued(line)
        except SpeechFailed as exc:
            self._note(exc)
            raise
        finally:
            line.close()

    async def describe(self, within_s: float) -> Offer:
        """What the server can do. Raises SpeechFailed."""

        async def ask(line: _Line, _left_ms: int) -> Offer:
            line.send([Event("describe")])
            told = (await line.until("info")).data
            asr, tts = told.get("asr"), told.get("tts")
            return Offer(_installed(asr, "models"), _installed(tts, "voices"), *_load(asr), *_load(tts))

        line, answer = await self._asked(ask, within_s)
        line.close()
        return answer

    async def _asked(
        self, ask: Callable[[_Line, int], Awaitable[Answer]], within_s: float
    ) -> tuple[_Line, Answer]:
        """Ask, and note how it went. The line is the caller's to close."""
        try:
            asked = await self._answered(ask, within_s)
        except SpeechFailed as exc:
            self._note(exc)
            raise
        self.standing.answered()
        return asked

    def _note(self, failed: SpeechFailed) -> None:
        if failed.code in ABOUT_THE_REQUEST:
            self.standing.answered()
        else:
            self.standing.failed(failed.code)

    async def _answered(
        self, ask: Callable[[_Line, int], Awaitable[Answer]], within_s: float
    ) -> tuple[_Line, Answer]:
        """Ask on a fresh connection, and once more where that can help."""
        ends = asyncio.get_running_loop().time() + within_s
        try:
            async with asyncio.timeout_at(ends):
                try:
                    return await self._once(ask, ends, patient=False)
                except SpeechFailed as exc:
                    if not exc.retry:
                        raise
                    log.info("speech is asked again", extra={"code": exc.code})
                    # A program that was there a moment ago is being started again.
                    patient = exc.code != "unreachable"
                await asyncio.sleep(REDIAL_S)
                return await self._once(ask, ends, patient=patient)
        except TimeoutError as exc:
            problem = f"no answer from the speech program within {within_s:.1f} s"
            raise SpeechFailed(problem, "late", retry=False) from exc

    async def _once(
        self, ask: Callable[[_Line, int], Awaitable[Answer]], ends: float, *, patient: bool
    ) -> tuple[_Line, Answer]:
        with ExitStack() as stack, _no_garbage():
            line = await self._dialled(patient=patient)
            stack.callback(line.close)
            left_ms = max(1, round((ends - asyncio.get_running_loop().time()) * 1000))
            answer = await ask(line, left_ms)
            stack.pop_all()
            return line, answer

    async def _dialled(self, *, patient: bool) -> _Line:
        while True:
            try:
                if self._where.scheme == "unix":
                    return _Line(*await asyncio.open_unix_connection(self._where.path))
                return _Line(*await asyncio.open_connection(self._where.hostname, self._where.port))
            except OSError as exc:
                if not patient:
                    problem = f"the speech program cannot be reached at {self.address}: {exc}"
                    raise SpeechFailed(problem, "unreachable", retry=True) from exc
            await asyncio.sleep(REDIAL_S)


def _priority(*, live: bool) -> str:
    return "live" if live else "background"


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _recognised(event: Event, language: str) -> Recognised:
    text, said, sure = wire.text_of(event).strip(), event.data.get("language"), event.data.get("confidence")
    return Recognised(
        text=text,
        confidence=_share(sure),
        language=said if isinstance(said, str) and said else language,
        speech=bool(text) and event.data.get("no_speech") is not True,
        language_sure=_share(event.data.get("language_confidence")),
        words=tuple(_words(event.data.get("words"))),
    )


def _share(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if known and isinstance(value, int | float) else None


def _words(told: object) -> Iterator[SaidWord]:
    """The words that are told as ours tells them; of others nothing is known."""
    for each in told if isinstance(told, list) else ():
        if not isinstance(each, dict):
            continue
        text, start, end = (each.get(key) for key in ("text", "start_ms", "end_ms"))
        if isinstance(text, str) and isinstance(start, int) and isinstance(end, int) and 0 <= start <= end:
            yield SaidWord(text, start, end, _share(each.get("confidence")))


async def _next_sound(line: _Line) -> Sound | None:
    """The next stretch of audio; None when there is no more."""
    while (event := await line.until("audio-chunk", "audio-stop")).type == "audio-chunk":
        if event.payload:
            voice = event.data.get("voice")
            return Sound(event.payload, wire.sound_rate(event), voice if isinstance(voice, str) else "")
    return None


async def _continued(line: _Line) -> Sound | None:
    try:
        async with asyncio.timeout(STALL_S):
            with _no_garbage():
                return await _next_sound(line)
    except TimeoutError as exc:
        raise SpeechFailed("the speech program fell silent in mid-sentence", "late", retry=False) from exc


def _installed(programs: object, key: str) -> tuple[Named, ...]:
    """The models or voices that are there, of all programs. Raises WireError."""
    found = []
    for program in _tables(programs):
        for each in _tables(program.get(key)):
            name, languages = each.get("name"), each.get("languages") or []
            if not isinstance(name, str) or not isinstance(languages, list):
                raise WireError("a speech program offers something without a name", each)
            if each.get("installed"):
                found.append(Named(name, tuple(str(language) for language in languages)))
    return tuple(found)


def _load(programs: object) -> tuple[int, int]:
    """How many are served and wait, where a server says so."""
    loads = [load for program in _tables(programs) if isinstance(load := program.get("load"), dict)]
    counts = [[load.get(key) for load in loads] for key in ("at_work", "waiting")]
    at_work, waiting = (sum(each for each in kind if isinstance(each, int)) for kind in counts)
    return at_work, waiting


def _tables(value: object) -> list[dict[str, object]]:
    entries = [] if value is None else value
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise WireError("a speech program offers what is no list", value)
    return entries
