"""One connection: reads requests within bounds, answers them in order, and lets go of all at its end.

Its end, from either side, cancels what was asked on it. May import: appliance.core, models.speech,
models.wyoming_wire, wyoming.
"""

import asyncio
import logging
from contextlib import aclosing, suppress
from dataclasses import asdict

from wyoming.asr import Transcript
from wyoming.error import Error
from wyoming.event import Event

from appliance.core.errors import WireError
from models import wyoming_wire as wire
from models.speech.heard import Heard
from models.speech.offer import Abilities, info
from models.speech.recognition import Recognition
from models.speech.refused import Refused
from models.speech.requests import Describe, Held, Ping, Recognise, Request, Requests, Synthesise
from models.speech.synthesis import Synthesis

log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
# Since the last answer, or the beginning: a request has to be complete by then.
LISTEN_S = 60.0
WRITE_S = 15.0
PIPELINED = 4


class Services:
    """What all connections share."""

    def __init__(self, model: str, recognition: Recognition, synthesis: Synthesis, held: Held) -> None:
        self.model = model
        self.recognition = recognition
        self.synthesis = synthesis
        self.held = held

    def info(self) -> Event:
        """What can be done now."""
        ears, mouth = self.recognition, self.synthesis
        loads = ears.child.load, mouth.child.load
        return info(Abilities(self.model, ears.languages, mouth.voices, mouth.speaking, *loads))


class Connection:
    """A peer and what it asks."""

    def __init__(
        self,
        services: Services,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        listen_s: float = LISTEN_S,
    ) -> None:
        self._services = services
        self._reader = reader
        self._writer = writer
        self._listen_s = listen_s
        self._events = wire.EventReader()
        self._requests = Requests(services.held)
        self._asked: asyncio.Queue[Request] = asyncio.Queue(PIPELINED)

    async def run(self) -> None:
        """Serve until the peer is gone, talks nonsense or says nothing. Cancelling closes it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                answering = tasks.create_task(self._answer_all(), name="speech answers")
                with suppress(ConnectionError, TimeoutError):
                    await self._listen()
                answering.cancel()
        finally:
            self._requests.close()
            self._writer.transport.abort()

    # Requests ------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async with asyncio.timeout(self._listen_s) as self._patience:
            while received := await self._reader.read(READ_BYTES):
                try:
                    events = self._events.feed(received)
                except WireError as exc:
                    # What it quotes may be what somebody said: it goes back to the peer, and into no log.
                    log.warning("a connection talks nonsense")
                    await self._send(Error(str(exc), "garbage").event())
                    return
                for event in events:
                    await self._take(event)

    async def _take(self, event: Event) -> None:
        try:
            request = self._requests.take(event)
            if request is None:
                return
            if self._asked.full():
                self._requests.release(request)
                raise Refused("busy", f"{PIPELINED} requests wait on this connection")
        except Refused as exc:
            await self._refuse(exc)
            return
        self._asked.put_nowait(request)
        self._patience.reschedule(None)

    # Answers -------------------------------------------------------------------------------------------

    async def _answer_all(self) -> None:
        with suppress(ConnectionError):
            while True:
                request = await self._asked.get()
                try:
                    await self._answer(request)
                except Refused as exc:
                    await self._refuse(exc)
                finally:
                    self._requests.release(request)
                if self._asked.empty():
                    self._patience.reschedule(asyncio.get_running_loop().time() + self._listen_s)

    async def _answer(self, request: Request) -> None:
        match request:
            case Describe():
                await self._send(self._services.info())
            case Ping(text):
                await self._send(Event("pong", {"text": text}))
            case Recognise():
                heard = await self._services.recognition.heard(request)
                await self._send(_transcript(heard, words=request.words))
            case Synthesise():
                await self._speak(request)

    async def _speak(self, request: Synthesise) -> None:
        rate = 0
        async with aclosing(self._services.synthesis.spoken(request)) as sounds:
            async for sound in sounds:
                if not rate:
                    rate = sound.rate
                    await self._send(wire.audio_start(rate))
                for chunk in wire.chunks(sound.pcm, sound.rate):
                    chunk.data["voice"] = sound.voice
                    await self._send(chunk)
        await self._send(wire.audio_stop())

    async def _refuse(self, refused: Refused) -> None:
        log.info("a request is refused", extra={"code": refused.code})
        await self._send(Error(str(refused), refused.code).event())

    async def _send(self, event: Event) -> None:
        """Send. Raises ConnectionError when the peer is gone or does not take it."""
        self._writer.write(wire.packed(event))
        try:
            async with asyncio.timeout(WRITE_S):
                await self._writer.drain()
        except TimeoutError as exc:
            self._writer.transport.abort()
            raise ConnectionAbortedError("the peer does not take what it asked for") from exc


def _transcript(heard: Heard, *, words: bool) -> Event:
    """The answer: the package's, with how sure we are in fields of our own, and the words where asked for."""
    event = Transcript(heard.text, language=heard.language or None).event()
    event.data["no_speech"] = not heard.text
    event.data["confidence"] = round(heard.confidence, 3)
    event.data["segments"] = [
        {"text": each.text.strip(), "confidence": round(each.confidence, 3), "no_speech": each.silent}
        for each in heard.segments
    ]
    if heard.language_sure is not None:
        event.data["language_confidence"] = heard.language_sure
    if words:
        event.data["words"] = [asdict(word) for each in heard.spoken for word in each.words]
    return event
