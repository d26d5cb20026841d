"""The session's audio formats and the leg's coding: µ-law on both sides as it is, all else through PyAV.

May import: appliance.core, models.transcoding.
"""

from typing import Literal

from appliance.core.coding import BYTES_PER_MS, Coding
from models.transcoding import Transcoder

CODINGS: dict[Literal["pcmu", "pcm24"], Coding] = {"pcmu": "ulaw_8k", "pcm24": "pcm_24k"}


class Format:
    """Turns the leg's sound into the session's format and back. State is kept, one object a session."""

    def __init__(self, audio: Literal["pcmu", "pcm24"], leg: Coding) -> None:
        self._service, self._leg = CODINGS[audio], leg
        self.per_ms = BYTES_PER_MS[self._service]
        """Bytes of the service's audio in a millisecond."""
        self._up = Transcoder(leg, self._service)
        self._down = Transcoder(self._service, leg)
        self._reply = ""

    def to_service(self, audio: bytes) -> bytes:
        """The caller's audio as the session takes it."""
        return self._up.feed(audio)

    def from_service(self, reply_id: str, audio: bytes) -> bytes:
        """A reply's audio as the leg takes it; what is not enough for a sample yet is kept."""
        if reply_id != self._reply:
            # Of one that never ended the last 2 ms are missing: it was cut.
            self._begin(reply_id)
        return self._down.feed(audio)

    def rest(self, reply_id: str) -> bytes:
        """The end of a reply of which no more audio will come."""
        if reply_id != self._reply:
            return b""
        rest = self._down.rest()
        self._begin("")
        return rest

    def _begin(self, reply_id: str) -> None:
        self._reply, self._down = reply_id, Transcoder(self._service, self._leg)
