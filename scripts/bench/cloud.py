"""The cloud's end of simulated calls: a realtime service that speaks just enough, and knows the script.

It needs no voice detector: the script says at which of the caller's frames it notices speech, its end, and
answers. May import: the standard library, orjson, and of the bench wire, flow, script, clock, reply.
"""

import asyncio
import base64
import re
import ssl
from collections.abc import Callable
from typing import Any

import orjson

from scripts.bench.carrier import audio_bytes
from scripts.bench.clock import Metronome, now, phase_of
from scripts.bench.flow import Arrived, Sent
from scripts.bench.reply import GREETING_MS, REPLY_MS, Reply, event
from scripts.bench.script import NEVER, Cue, Profile, Script
from scripts.bench.speech import FRAME, read_stamp
from scripts.bench.wire import Peer, accept_of

APPEND = re.compile(
    rb'\{\s*"type":\s*"input_audio_buffer\.append",\s*(?:"event_id":\s*"[^"]*",\s*)?"audio":\s*"'
)
KEY = re.compile(rb"^sec-websocket-key:\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


class Session(Peer):
    """One realtime session."""

    def __init__(self, cloud: "Cloud") -> None:
        super().__init__()
        self.sent, self.arrived = Sent(), Arrived()
        self.script: Script | None = None
        self.lost = 0
        self.unknown: set[str] = set()
        self._cloud = cloud
        self._asked_for = False
        self._answers_itself = True
        self._cue: tuple[int, Cue | None] = (NEVER, None)
        self._reply: Reply | None = None
        self._replies = self._turns = 0

    def upgraded(self, head: bytes) -> None:
        """Accept, and open the session; anything but an upgrade is not found here."""
        key = KEY.search(head)
        if key is None:
            self.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self.close()
            return
        self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_of(key[1]) + b"\r\n\r\n"
        )
        self._say("session.created", session={"id": f"sess_{id(self)}", "object": "realtime.session"})

    def message(self, payload: bytes) -> None:
        """Count audio; answer all else."""
        begins = APPEND.match(payload)
        if begins is None:
            self._event(orjson.loads(payload))
            return
        end = payload.find(b'"', begins.end())
        self.arrived.add(now(), audio_bytes(end - begins.end(), payload[end - 2 : end]))
        if self.script is None:
            self._recognise(payload[begins.end() : end])

    def beat(self) -> None:
        """One frame's time has passed: act on what has been heard, and send what is due of a reply."""
        if not self.open:
            return
        frame, cue = self._cue
        if cue is not None and (self.arrived.total + self.lost) // FRAME >= frame:
            self._act(cue)
            self._cue = self.script.next_cue(frame) if self.script else (NEVER, None)
        if self._reply is not None:
            for message, size, first in self._reply.due():
                if size:
                    self.sent.add(now(), size, first)
                self.send(self.framed(message))
            if self._reply.over:
                self._reply = None

    def _recognise(self, audio: bytes) -> None:
        ulaw_8k = base64.b64decode(audio)
        found = read_stamp(ulaw_8k)
        if found is None:
            return
        number, frame, at = found
        self.lost = frame * FRAME - (self.arrived.total - len(ulaw_8k) + at)
        self.script = self._cloud.script(number)
        self._cue = self.script.next_cue(0)
        self._cloud.recognised(number, self)
        if not self._asked_for and self._cloud.profile == "duplex":
            self._answer(None)

    def _act(self, cue: Cue) -> None:
        item = f"item_u{self._turns}"
        heard_ms = self.arrived.total // 8
        if cue is Cue.STARTED:
            self._turns += 1
            item = f"item_u{self._turns}"
            self._say("input_audio_buffer.speech_started", audio_start_ms=heard_ms, item_id=item)
        elif cue is Cue.STOPPED:
            self._say("input_audio_buffer.speech_stopped", audio_end_ms=heard_ms, item_id=item)
            self._committed(item)
        elif cue is Cue.WORDS:
            said = {
                "item_id": item,
                "content_index": 0,
                "transcript": "do you have an appointment on thursday",
            }
            self._say("conversation.item.input_audio_transcription.completed", **said)
        elif self._answers_itself:
            self._answer(REPLY_MS)

    def _committed(self, item: str) -> None:
        self._say("input_audio_buffer.committed", item_id=item, previous_item_id=None)
        user = {"id": item, "type": "message", "role": "user", "content": [{"type": "input_audio"}]}
        self._say("conversation.item.added", item=user, previous_item_id=None)
        self._say("conversation.item.done", item=user, previous_item_id=None)

    def _answer(self, length_ms: int | None) -> None:
        self._replies += 1
        self._reply = Reply(self._replies, None if self._cloud.profile == "duplex" else length_ms)

    def _event(self, asked: dict[str, Any]) -> None:
        kind = asked.get("type", "")
        answer = ANSWERS.get(kind)
        if answer is None:
            self.unknown.add(kind)
            self._say("error", error={"type": "invalid_request_error", "code": "unknown", "message": kind})
            return
        answer(self, asked)

    def _update(self, asked: dict[str, Any]) -> None:
        self._asked_for = True
        session = asked.get("session", {})
        detection = session.get("audio", {}).get("input", {}).get("turn_detection", {})
        self._answers_itself = detection is not None and detection.get("create_response", True)
        self._say("session.updated", session=session)

    def _create_response(self, _asked: dict[str, Any]) -> None:
        if self._reply is not None:
            code = "conversation_already_has_active_response"
            self._say("error", error={"type": "invalid_request_error", "code": code, "message": code})
            return
        self._answer(REPLY_MS if self._turns else GREETING_MS)

    def _cancel(self, _asked: dict[str, Any]) -> None:
        if self._reply is not None:
            for message in self._reply.cancelled():
                self.send(self.framed(message))
            self._reply = None

    def _commit(self, _asked: dict[str, Any]) -> None:
        self._committed(f"item_u{self._turns}")

    def _create_item(self, asked: dict[str, Any]) -> None:
        item = {"id": f"item_c{now():.6f}", **asked.get("item", {})}
        self._say("conversation.item.added", item=item, previous_item_id=None)
        self._say("conversation.item.done", item=item, previous_item_id=None)

    def _echo(self, asked: dict[str, Any]) -> None:
        names = {"conversation.item.truncate": "truncated", "conversation.item.delete": "deleted"}
        head, _, verb = str(asked["type"]).rpartition(".")
        done = names.get(str(asked["type"]), f"{verb}ed")
        self._say(f"{head}.{done}", **{k: v for k, v in asked.items() if k not in {"type", "event_id"}})

    def _say(self, kind: str, **fields: object) -> None:
        self.send(self.framed(event(kind, **fields)))


ANSWERS: dict[str, Callable[[Session, dict[str, Any]], None]] = {
    "session.update": Session._update,
    "response.create": Session._create_response,
    "response.cancel": Session._cancel,
    "input_audio_buffer.commit": Session._commit,
    "input_audio_buffer.clear": Session._echo,
    "conversation.item.create": Session._create_item,
    "conversation.item.truncate": Session._echo,
    "conversation.item.delete": Session._echo,
    "conversation.item.retrieve": Session._echo,
}


class Cloud:
    """The service: listens, and knows which session carries which call."""

    def __init__(self, metronome: Metronome, profile: Profile) -> None:
        self.profile: Profile = profile
        self.sessions: dict[int, Session] = {}
        self.scripts: dict[int, Script] = {}
        self.port = 0
        self._metronome = metronome
        self._server: asyncio.Server | None = None

    async def listen(self, tls: ssl.SSLContext | None) -> None:
        """Take a free port of the loopback."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), "127.0.0.1", 0, ssl=tls, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    def script(self, number: int) -> Script:
        """The lines of a call."""
        return self.scripts[number]

    def recognised(self, number: int, session: Session) -> None:
        """Take note that this session carries that call: it has its beat now, between the carrier's."""
        self.sessions[number] = session
        self._metronome.join(phase_of(number) + 0.5, session.beat)

    def close(self) -> None:
        """Stop listening and let go of all sessions."""
        if self._server is not None:
            self._server.close()
        for session in self.sessions.values():
            session.close()
