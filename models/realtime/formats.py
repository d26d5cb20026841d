"""The session's audio formats: the telephone's µ-law as it is, or PCM resampled by PyAV.

May import: appliance.core, av, numpy.
"""

from typing import Literal, Protocol

import av
import numpy as np

from appliance.core import ulaw


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


class Resampler:
    """PCM16 from one rate to another (8, 16, 24 kHz) by PyAV: 2 ms late, exact in length over time."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)
        self._odd = b""

    def feed(self, pcm: bytes) -> bytes:
        """The next stretch of audio; half a sample at its end waits for the other half."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = pcm[whole:]
        if not whole:
            return b""
        samples = np.frombuffer(pcm, np.int16, whole // 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = self._from_hz
        made = self._resampler.resample(frame)
        return b"".join(each.to_ndarray().tobytes() for each in made)


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
