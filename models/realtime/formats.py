"""The session's audio formats: the telephone's µ-law as it is, or PCM resampled by PyAV.

May import: appliance.core, models.sound, numpy.
"""

from typing import Literal, Protocol

import numpy as np

from appliance.core import ulaw
from models.sound import Resampler


class Format(Protocol):
    """Turns the call's µ-law into the session's format and back. State is kept, one object a session."""

    def to_service(self, ulaw_8k: bytes) -> bytes:
        """The caller's audio as the session takes it."""

    def from_service(self, audio: bytes) -> bytes:
        """The session's audio as µ-law at 8 kHz; what is not enough for a sample yet is kept."""


class Pcmu:
    """µ-law both ways: nothing to do."""

    def to_service(self, ulaw_8k: bytes) -> bytes:
        """As it is."""
        return ulaw_8k

    def from_service(self, audio: bytes) -> bytes:
        """As it is."""
        return audio


class Pcm24:
    """PCM16 at 24 kHz, resampled both ways."""

    def __init__(self) -> None:
        self._up = Resampler(8000, 24000)
        self._down = Resampler(24000, 8000)

    def to_service(self, ulaw_8k: bytes) -> bytes:
        """µ-law at 8 kHz to PCM16 at 24 kHz."""
        return self._up.feed(ulaw.decode(ulaw_8k).tobytes())

    def from_service(self, audio: bytes) -> bytes:
        """PCM16 at 24 kHz to µ-law at 8 kHz."""
        return ulaw.encode(np.frombuffer(self._down.feed(audio), np.int16))


def of(name: Literal["pcmu", "pcm24"]) -> Format:
    """The format of this name."""
    return Pcmu() if name == "pcmu" else Pcm24()
