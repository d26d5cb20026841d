"""One media stream over a real websocket: paced at 20 ms, buffered, marked and cleared as the carrier does.

May import: the standard library, aiohttp, this package.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Protocol

import aiohttp
import yarl

from tests.peers.carrier import happenings as h
from tests.peers.carrier import messages
from tests.peers.carrier.distance import Way
from tests.peers.carrier.journal import Journal
from tests.peers.carrier.line import Line
from tests.peers.carrier.network import Faults, Network
from tests.peers.carrier.playback import Mark, Playback
from tests.peers.carrier.timeline import Timeline
from tests.peers.carrier.ulaw import FRAME_MS
from tests.peers.stopwatch import looks_so_far

SLOW_RECEIVER_FRAMES = 100
"""So much that the box has not yet taken, and the caller's audio is thrown away (31930)."""
CLOSE_S = 2.0
TO_BOX, TO_CARRIER = 1, 2
"""Each way of a stream has jitter of its own."""
QUIET_FRAMES = 30
"""After so much silence, sound is the beginning of something."""


class CallOfStream(Protocol):
    """What a stream needs of its call."""

    sid: str
    journal: Journal
    line: Line
    faults: Faults

    def trouble(self, code: int, text: str, url: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning in the stream's log."""

    code: int
    text: str
    stream_ms: int


@dataclass(frozen=True, slots=True)
class Over:
    """The box's end of the socket is gone."""

    reason: str
    trouble: str = ""


FromBox = messages.FromBox | messages.BadMessage | Over


class MediaStream:
    """Speaks with the box until one of them ends it; all that went over the wire can be looked at here."""

    def __init__(
        self, sid: str, url: str, parameters: Mapping[str, str], call: CallOfStream, network: Network
    ) -> None:
        self.sid = sid
        self.url = url
        self.parameters = dict(parameters)
        self.warnings: list[Warned] = []
        self.received_audio = bytearray()
        self.played_audio = bytearray()
        self.playback = Playback()
        self.timeline = Timeline()
        self.started_call_ms = call.line.now_ms
        self.close_code: int | None = None
        self._call = call
        self._network = network
        self._writer = messages.Writer(sid)
        self._outbox: Way[bytes | None] = Way(network.distance, TO_BOX)
        self._inbox: Way[FromBox] = Way(network.distance, TO_CARRIER)
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ticks = 0
        self._playing = False
        self._agent_quiet = self._caller_quiet = QUIET_FRAMES

    @property
    def now_ms(self) -> int:
        """Time of the stream: 20 ms for each tick."""
        return self._ticks * FRAME_MS

    @property
    def heard(self) -> bytes:
        """What the caller heard during the stream, 0xFF where nothing was queued."""
        return self._call.line.heard.render(self.started_call_ms, self.started_call_ms + self.now_ms)

    @property
    def said(self) -> bytes:
        """What the caller said during the stream."""
        return self._call.line.said.render(self.started_call_ms, self.started_call_ms + self.now_ms)

    @property
    def ended(self) -> bool:
        return self._ended.done()

    def end(self, reason: str) -> None:
        """Let the stream end; the first reason counts."""
        if not self._ended.done():
            self._ended.set_result(reason)

    def break_off(self) -> None:
        """Let the connection end as a broken line does: no `stop`, and no close of the WebSocket."""
        end = self._socket.get_extra_info("socket") if self._socket else None
        if end is not None:
            end.shutdown(SHUT_RDWR)
        self.end(BROKEN)

    async def talk(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        """Hold the stream on an open socket; why it ended."""
        self._socket = socket
        self.started_call_ms = self._call.line.now_ms
        self._outbox.put(messages.CONNECTED)
        self._outbox.put(self._writer.start(self._network.account.sid, self._call.sid, self.parameters))
        self._call.journal.note(h.StreamStarted, self.sid)
        try:
            reason = await self._hold(socket)
        finally:
            await socket.close()
        self.close_code = socket.close_code
        self._call.journal.note(h.StreamEnded, self.sid, reason)
        return reason

    async def _hold(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        async with asyncio.TaskGroup() as tasks:
            readers = [
                tasks.create_task(self._read(socket), name=f"{self.sid} reader"),
                tasks.create_task(self._obey(), name=f"{self.sid} obedience"),
            ]
            sender = tasks.create_task(self._send(socket), name=f"{self.sid} sender")
            try:
                with self._network.ticker.calling(self._tick):
                    reason = await self._ended
            finally:
                for reader in readers:
                    reader.cancel()
                self._close_outbox()
            await asyncio.wait([sender], timeout=CLOSE_S + self._network.distance.longest_s)
            sender.cancel()
        return reason

    def _close_outbox(self) -> None:
        over = self._ended.done() and not self._ended.cancelled() and self._ended.result() in LOST
        if not over and not self._call.faults.bare_close:
            self._outbox.put(self._writer.stop(self._network.account.sid, self._call.sid))
        self._outbox.put(None)

    def _tick(self) -> None:
        """20 ms pass: a frame to the caller's ear, a frame from the caller's mouth."""
        if self._ended.done():
            return
        buffered = self.playback.buffered
        for mark in self.playback.turn():
            self._echo(mark, heard=True)
        position = self.playback.taken
        frame = self.playback.take()
        self.timeline.tick(time.monotonic(), position, len(frame), buffered)
        self._note_playing(position, frame)
        line = self._call.line
        acts = line.tick(frame)
        self._note_sound(line)
        if acts.key is not None:
            self._call.journal.note(h.KeyPressed, acts.key)
            self._outbox.put(self._writer.dtmf(acts.key))
        self._send_media(acts.frame)
        self._ticks += 1
        if acts.hang_up:
            self.end(CALLER_HUNG_UP)

    def _send_media(self, frame: bytes | None) -> None:
        lose_every = self._call.faults.lose_every
        if lose_every and self._ticks % lose_every == lose_every - 1:
            self._writer.lose()
        elif self._outbox.waiting >= SLOW_RECEIVER_FRAMES:
            self._writer.lose()
            self._warn(31930, "receiver too slow: audio of the caller thrown away")
        else:
            self._outbox.put(self._writer.media(frame))

    def _note_playing(self, position: int, frame: bytes) -> None:
        self.played_audio += frame
        if bool(frame) == self._playing:
            return
        self._playing = bool(frame)
        self._call.journal.note(h.PlaybackStarted if frame else h.PlaybackStopped, self.now_ms, position)

    def _note_sound(self, line: Line) -> None:
        if line.audible and self._agent_quiet >= QUIET_FRAMES:
            self._call.journal.note(h.AgentHeard, self.now_ms)
        self._agent_quiet = 0 if line.audible else self._agent_quiet + 1
        if line.speaking and self._caller_quiet >= QUIET_FRAMES:
            self._call.journal.note(h.CallerHeard, self.now_ms)
        self._caller_quiet = 0 if line.speaking else self._caller_quiet + 1

    def _echo(self, mark: Mark, *, heard: bool) -> None:
        self._call.journal.note(h.MarkEchoed, self.now_ms, mark.name, mark.position, heard)
        self._outbox.put(self._writer.mark(mark.name))

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while (message := await self._outbox.get()) is not None:
            try:
                await socket.send_frame(message, aiohttp.WSMsgType.TEXT)
            except (ConnectionError, aiohttp.ClientError):
                return

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take what comes out of the socket; it has its way to the carrier still before it."""
        came: FromBox | None = None
        while not isinstance(came, Over):
            came = self._came(await socket.receive())
            self._inbox.put(came)

    def _came(self, message: aiohttp.WSMessage) -> FromBox:
        match message.type:
            case aiohttp.WSMsgType.TEXT:
                return self._understood(message.data)
            case aiohttp.WSMsgType.BINARY:
                return messages.BadMessage(messages.MALFORMED, f"binary message of {len(message.data)} bytes")
            case aiohttp.WSMsgType.CLOSE:
                return Over(BOX_CLOSED)
            case aiohttp.WSMsgType.ERROR:
                return Over(BOX_VANISHED, f"websocket protocol error: {message.data}")
            case _:
                return Over(BOX_VANISHED)

    def _understood(self, text: str) -> FromBox:
        try:
            wish = messages.read(text, self.sid)
        except messages.BadMessage as exc:
            return exc
        if isinstance(wish, messages.Clear):
            self._call.journal.note(h.ClearArrived, self.now_ms, looks_so_far())
        return wish

    async def _obey(self) -> None:
        while not self._ended.done():
            wish = await self._inbox.get()
            match wish:
                case messages.Media(ulaw_8k):
                    self._take_media(ulaw_8k)
                case messages.MarkSet(name):
                    self._take_mark(name)
                case messages.Clear():
                    self._clear()
                case messages.BadMessage():
                    self._warn(wish.code, str(wish))
                case Over(reason, trouble):
                    if trouble:
                        self._call.trouble(31924, trouble, self.url)
                    self.end(reason)

    def _take_media(self, ulaw_8k: bytes) -> None:
        self._call.journal.note(h.MediaReceived, self.now_ms, self.playback.received, len(ulaw_8k))
        self.received_audio += ulaw_8k
        self.playback.media(ulaw_8k)

    def _take_mark(self, name: str) -> None:
        self._call.journal.note(h.MarkReceived, self.now_ms, name, self.playback.received)
        due = self.playback.mark(name)
        if due is not None:
            self._echo(due, heard=True)

    def _clear(self) -> None:
        self._call.journal.note(h.ClearReceived, self.now_ms, self.playback.taken, self.playback.buffered)
        for mark in self.playback.clear():
            self._echo(mark, heard=False)
        self._call.line.caller.ear.cut_off()
        self._agent_quiet = QUIET_FRAMES

    def _warn(self, code: int, text: str) -> None:
        self.warnings.append(Warned(code, text, self.now_ms))
        self._call.trouble(code, text, self.url)


CALLER_HUNG_UP = "caller hung up"
UPDATED = "call updated"
BOX_CLOSED = "box closed"
BOX_VANISHED = "box vanished"
BROKEN = "connection broke"
LOST = frozenset({BOX_CLOSED, BOX_VANISHED, BROKEN})


def websocket_url(local_http_url: str) -> yarl.URL:
    return yarl.URL("ws" + local_http_url.removeprefix("http"), encoded=True)
