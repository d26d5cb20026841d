"""The carrier's end of a simulated call: 20 ms frames out on the beat, audio in, marks echoed when played.

May import: the standard library, orjson, appliance.core, and of the bench wire, flow, script, clock.
"""

import base64
from collections import deque
from dataclasses import dataclass, field

import orjson

from appliance.core.soft_sound import soft_sound
from scripts.bench.clock import now
from scripts.bench.flow import Arrived, Sent
from scripts.bench.script import Script
from scripts.bench.speech import FRAME
from scripts.bench.wire import KEY, NO_MASK, TEXT, Peer, client_frame

PAYLOAD = b'"payload":"'


@dataclass(frozen=True, slots=True)
class Entry:
    """What a call needs to get its media connection."""

    port: int
    path: str = "/media"
    host: str = "127.0.0.1"
    headers: dict[str, str] = field(default_factory=dict)
    account_sid: str = "AC" + "0" * 32
    parameters: dict[str, str] = field(default_factory=dict)


KNOWN_BY = 8
SOUND = soft_sound("ulaw_8k")
SOFT_SOUND = frozenset(base64.b64encode(SOUND[at:])[:KNOWN_BY] for at in range(0, len(SOUND), FRAME))
"""How a piece of the sound begins that breaks a silence; it is ours, and no part of what the cloud says."""


def call_sid(number: int) -> str:
    """The call's sid at the carrier."""
    return f"CA{number:032x}"


def audio_bytes(characters: int, last_two: bytes) -> int:
    """How many bytes so much base64 holds."""
    return characters // 4 * 3 - last_two.count(b"=")


class Carrier(Peer):
    """A media connection as the carrier holds it."""

    def __init__(self, script: Script, entry: Entry) -> None:
        super().__init__()
        self.script, self.entry = script, entry
        self.sent, self.arrived = Sent(), Arrived()
        self.clears = 0
        self.refused: str | None = None
        self._stream = f"MZ{script.number:032x}"
        self._tail = b'"},"streamSid":"' + self._stream.encode() + b'"}'
        self._frame, self._sequence, self._played = 0, 1, 0
        self._marks: deque[tuple[int, bytes]] = deque()

    def framed(self, payload: bytes, opcode: int = TEXT) -> bytes:
        """A client's frame."""
        return client_frame(payload, opcode)

    def ask(self) -> None:
        """Ask for the upgrade."""
        head = {
            "Host": self.entry.host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": KEY,
            **self.entry.headers,
        }
        lines = [f"GET {self.entry.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def upgraded(self, head: bytes) -> None:
        """Say which call this is."""
        status = head.partition(b"\r\n")[0]
        if b" 101 " not in status:
            self.refused = status.decode("latin-1")
            self.close()
            return
        self._say({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "streamSid": self._stream,
            "accountSid": self.entry.account_sid,
            "callSid": call_sid(self.script.number),
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": self.entry.parameters,
        }
        self._say({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": self._stream})

    def beat(self) -> None:
        """One frame's time has passed: send the caller's next one, and play one."""
        if not self.open:
            return
        index = self._frame
        self._frame += 1
        self._sequence += 1
        payload, loud = self.script.frame(index)
        text = b'{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d",' % (
            self._sequence,
            index + 1,
        ) + b'"timestamp":"%d","payload":"%b%b' % (index * 20, payload, self._tail)
        frame = b"\x81\xfe" + len(text).to_bytes(2, "big") + NO_MASK + text
        self.sent.add(now(), FRAME, loud)
        self.send(frame)
        if self._played < self.arrived.total:
            self._played = min(self._played + FRAME, self.arrived.total)
        while self._marks and self._marks[0][0] <= self._played:
            self._echo(self._marks.popleft()[1])

    def message(self, payload: bytes) -> None:
        """Take audio, or a mark or a clear."""
        begin = payload.find(PAYLOAD)
        if begin > 0:
            begin += len(PAYLOAD)
            end = payload.find(b'"', begin)
            if payload[begin : begin + KNOWN_BY] in SOFT_SOUND:
                return
            self.arrived.add(now(), audio_bytes(end - begin, payload[end - 2 : end]))
            return
        event = orjson.loads(payload)
        if event["event"] == "media":
            self.arrived.add(now(), len(base64.b64decode(event["media"]["payload"])))
        elif event["event"] == "mark":
            name = orjson.dumps(event["mark"])
            if self._played >= self.arrived.total and not self._marks:
                self._echo(name)
            else:
                self._marks.append((self.arrived.total, name))
        elif event["event"] == "clear":
            self.clears += 1
            self._played = self.arrived.total
            while self._marks:
                self._echo(self._marks.popleft()[1])

    def end(self) -> None:
        """Hang up, as a caller does."""
        if self.open:
            ended = {"accountSid": self.entry.account_sid, "callSid": call_sid(self.script.number)}
            self._say(
                {
                    "event": "stop",
                    "sequenceNumber": str(self._sequence),
                    "stop": ended,
                    "streamSid": self._stream,
                }
            )
        self.close()

    def _echo(self, mark: bytes) -> None:
        self._sequence += 1
        head = b'{"event":"mark","sequenceNumber":"%d","mark":%b,"streamSid":"' % (self._sequence, mark)
        self.send(client_frame(head + self._stream.encode() + b'"}'))

    def _say(self, event: dict[str, object]) -> None:
        self.send(client_frame(orjson.dumps(event)))
