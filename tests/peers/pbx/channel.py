"""The queue of a WebSocket channel: what it takes, plays, and says of it. Sans-I/O.

May import: the standard library, orjson.
"""

from collections import deque
from typing import Any

import orjson

FRAME_BYTES = {"ulaw": 160, "slin": 320, "slin16": 640, "slin24": 960}
FRAME_MS = 20
MESSAGE_MOST, COMMAND_MOST = 65_500, 128
XOFF, XON, FULL = 900, 800, 1000


class Channel:
    """One channel. Commands and audio go in; `said` is what it says, `played` what it has played."""

    def __init__(self, coding: str = "ulaw", channel_id: str = "c1") -> None:
        self.frame = FRAME_BYTES[coding]
        self.said: list[str] = []
        self.played = bytearray()
        self.flushes: list[int] = []
        """How many frames each flush threw away."""
        self.ignored: list[str] = []
        """Commands that were too long, or not known."""
        self.broken = False
        """Whether a message was too long: the call is over."""
        self.hung_up = False
        self.dropped = 0
        self._coding, self._id = coding, channel_id
        self._queue: deque[bytes | str] = deque()
        self._frames = 0
        self._off = self._drained = False

    def start(self, variables: dict[str, str]) -> None:
        """The first message."""
        self._say(
            "MEDIA_START",
            connection_id=f"conn-{self._id}",
            channel=f"WebSocket/attendant/{self._id}",
            format=self._coding,
            optimal_frame_size=self.frame,
            ptime=FRAME_MS,
            channel_variables=variables,
        )

    def press(self, digit: str) -> None:
        """The caller presses a key."""
        self._say("DTMF_END", digit=digit)

    def take(self, message: bytes | str) -> None:
        """A message of ours."""
        if len(message) > MESSAGE_MOST:
            self.broken = True
        elif isinstance(message, str):
            self._command(message)
        elif self._frames >= FULL:
            self.dropped += len(message) // self.frame
        else:
            whole = len(message) // self.frame
            # Without buffering the rest of a message is lost.
            for at in range(whole):
                self._queue.append(message[at * self.frame : (at + 1) * self.frame])
            self._frames += whole
            if self._frames >= XOFF and not self._off:
                self._off = True
                self._say("MEDIA_XOFF")

    def _command(self, text: str) -> None:
        if len(text.encode()) > COMMAND_MOST:
            self.ignored.append(text)
            return
        try:
            command = orjson.loads(text)
        except orjson.JSONDecodeError:
            self._say("ERROR", error_text="Unable to parse JSON")
            return
        match command.get("command"):
            case "MARK_MEDIA":
                self._queue.append(str(command.get("correlation_id", "")))
                self._pass_marks()
            case "FLUSH_MEDIA":
                self.flushes.append(self._frames)
                self._queue.clear()
                self._frames = 0
                self._flow()
            case "GET_STATUS":
                self._say(
                    "STATUS", queue_length=self._frames, xon_level=XON, xoff_level=XOFF, queue_full=False
                )
            case "HANGUP":
                self.hung_up = True
            case _:
                self.ignored.append(text)

    def tick(self) -> bytes | None:
        """Play a frame; None when there is none, and then nothing at all goes to the caller."""
        first = self._queue[0] if self._queue else None
        if not isinstance(first, bytes):
            return None
        self._queue.popleft()
        self._frames -= 1
        self.played += first
        self._pass_marks()
        self._flow()
        return first

    def _pass_marks(self) -> None:
        while self._queue and isinstance(self._queue[0], str):
            self._say("MEDIA_MARK_PROCESSED", correlation_id=self._queue.popleft())

    def _flow(self) -> None:
        if self._off and self._frames < XON:
            self._off = False
            self._say("MEDIA_XON")

    def _say(self, event: str, **fields: Any) -> None:
        self.said.append(orjson.dumps({"event": event, "channel_id": self._id, **fields}).decode())
