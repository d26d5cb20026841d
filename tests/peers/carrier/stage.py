"""What a verb works with: the call's time, requests to the box, and the ways in which a call is interrupted.

May import: the standard library, this package.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import TypeVar
from urllib.parse import urljoin

from tests.peers.carrier import happenings as h
from tests.peers.carrier.call import Document, PhoneCall
from tests.peers.carrier.caller import Acts
from tests.peers.carrier.network import Network
from tests.peers.carrier.requests import Answer, Request, RequestFailed, Requests
from tests.peers.carrier.twiml import TwimlError, Verb, parse
from tests.peers.carrier.ulaw import FRAME_MS

T = TypeVar("T")
MOST_BEHIND_S = 0.1
"""A schedule of real time that is further behind begins anew: a stream or a request lay between."""
TICKS_AT_ONCE = 50
"""After so many ticks of virtual time, whoever else is waiting on this loop has a turn."""


class CallerLeft(Exception):
    """The person put the telephone down."""


class CallUpdated(Exception):
    """REST gave the call other TwiML, or its end."""


class CallOver(Exception):
    """<Hangup>."""


class CallRejected(Exception):
    """<Reject>, with its reason."""


class DocumentFailed(Exception):
    """TwiML could not be had, read or done: the fallback URL is asked."""

    def __init__(self, code: int, text: str, url: str) -> None:
        super().__init__(text)
        self.code = code
        self.url = url


class Stage:
    """One call being played; `tasks` own what goes on beside it."""

    def __init__(
        self, call: PhoneCall, network: Network, requests: Requests, tasks: asyncio.TaskGroup
    ) -> None:
        self.call = call
        self.network = network
        self.requests = requests
        self.tasks = tasks
        self.document = Document(call.number.voice_url, call.number.voice_method)
        self.screener: Screener = _lets_everybody_through
        self._after_request: list[Callable[[], Coroutine[None, None, None]]] = []
        self._ticks = 0
        self._next_tick_s = 0.0

    # Time.

    async def tick(self, frame: bytes = b"", *, talking: bool = False) -> Acts:
        """20 ms pass. Raises what ends them early."""
        await self._pace()
        self.check()
        acts = self.call.line.tick(frame, talking=talking)
        if acts.key is not None:
            self.call.journal.note(h.KeyPressed, acts.key)
        if acts.hang_up:
            self.call.left = True
            raise CallerLeft
        return acts

    async def _pace(self) -> None:
        self._ticks += 1
        if self.network.pace == "real":
            now_s = time.monotonic()
            self._next_tick_s += FRAME_MS / 1000
            if now_s - self._next_tick_s > MOST_BEHIND_S:
                self._next_tick_s = now_s
            await asyncio.sleep(max(0.0, self._next_tick_s - now_s))
        elif self._ticks % TICKS_AT_ONCE == 0:
            await asyncio.sleep(0)

    async def pass_s(self, seconds: float, *, talking: bool = False) -> None:
        """Let time pass on the call's clock; without end when it is infinite."""
        ticks = seconds * 1000 / FRAME_MS
        while ticks >= 1:
            if self.call.line.caller.idle and self.network.pace == "instant":
                return await self._skip(ticks)
            await self.tick(talking=talking)
            ticks -= 1
        return None

    async def _skip(self, ticks: float) -> None:
        if ticks == float("inf"):
            await self.call.interrupted.wait()
        self.check()
        self.call.line.skip(round(ticks) * FRAME_MS)

    def check(self) -> None:
        """Raise when the call was interrupted."""
        if self.call.left:
            raise CallerLeft
        if self.call.update is not None:
            raise CallUpdated

    async def unless_interrupted(self, work: Coroutine[None, None, T], name: str) -> T:
        """The result of work that must not raise; an interruption does not wait for it."""
        task = self.tasks.create_task(work, name=f"{self.call.sid} {name}")
        interrupted = self.tasks.create_task(
            self.call.interrupted.wait(), name=f"{self.call.sid} interruption"
        )
        await asyncio.wait({task, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        interrupted.cancel()
        self.check()
        return task.result()

    # Requests.

    def resolve(self, url: str) -> str:
        return urljoin(self.document.url, url)

    def action(self, verb: Verb, extra: Mapping[str, str]) -> Document:
        """The document that a verb's action asks for; without action, the current URL."""
        url = self.resolve(verb.get("action")) if verb.get("action") else self.document.url
        return Document(url, verb.get("method", "POST"), purpose=f"{verb.name} action", extra=dict(extra))

    async def ask(self, document: Document) -> tuple[Verb, ...]:
        """The verbs of a document, from here on the current one."""
        if document.twiml:
            return self._read(document, document.twiml.encode(), "text/xml")
        return self.accept(document, await self.unless_interrupted(self.post(document), "request"))

    def accept(self, document: Document, answer: Answer | RequestFailed) -> tuple[Verb, ...]:
        """The verbs in an answer to the request for a document."""
        self.release()
        self.document = document
        if isinstance(answer, RequestFailed):
            raise DocumentFailed(answer.code, str(answer), document.url)
        return self._read(document, answer.body, answer.content_type)

    def _read(self, document: Document, body: bytes, content_type: str) -> tuple[Verb, ...]:
        self.call.journal.note(h.TwimlReceived, document.url, body.decode(errors="replace"))
        try:
            return parse(body, content_type)
        except TwimlError as exc:
            raise DocumentFailed(exc.code, str(exc), document.url) from exc

    def after_request(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Have something begin when the next document was asked for, or the call is over."""
        self._after_request.append(work)

    def release(self) -> None:
        """Begin what waited for a request."""
        for work in self._after_request:
            self.tasks.create_task(work(), name=f"{self.call.sid} afterwards")
        self._after_request.clear()

    async def tell(self, purpose: str, url: str, method: str, extra: Mapping[str, str]) -> None:
        """A callback: nobody waits for the answer, but a failure is logged."""
        answer = await self.post(Document(self.resolve(url), method, purpose=purpose, extra=dict(extra)))
        if isinstance(answer, RequestFailed):
            self.call.trouble(answer.code, f"{purpose}: {answer}", url)

    def tell_beside(self, purpose: str, url: str, method: str, extra: Mapping[str, str]) -> None:
        """A callback that the call does not wait for."""
        if url:
            self.tasks.create_task(self.tell(purpose, url, method, extra), name=f"{self.call.sid} {purpose}")

    async def post(self, document: Document) -> Answer | RequestFailed:
        """Make a request about the call, and write down how it went."""
        params = {**self.call.params(), **document.extra}
        return await self.send(
            document.purpose, Request(document.url, params, document.method, self.call.faults.signature)
        )

    async def send(self, purpose: str, request: Request) -> Answer | RequestFailed:
        began_s = time.monotonic()
        result: Answer | RequestFailed
        try:
            result = await self.requests.send(request)
        except RequestFailed as exc:
            result = exc
        took_ms = (time.monotonic() - began_s) * 1000
        self.call.journal.note(
            h.WebhookPosted, purpose, request.url, request.params, request.token, result.status, took_ms
        )
        return result


Screener = Callable[[Stage, PhoneCall, Document], Awaitable[bool]]


async def _lets_everybody_through(stage: Stage, callee: PhoneCall, document: Document) -> bool:
    return True


async def play(stage: Stage, sound: Iterable[tuple[bytes, bool]]) -> None:
    """Play sound to its end: frames, and whether a voice is heard that we have no frames of."""
    for frame, talking in sound:
        await stage.tick(frame, talking=talking)
