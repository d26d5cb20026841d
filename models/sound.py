"""Mono PCM of 16 bits from one rate to another.

May import: av, numpy.
"""

import av
import numpy as np


class Resampler:
    """PCM16 from one rate to another by PyAV: 2 ms late, exact in length over time."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)
        self._odd = b""
        self._fed = False

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
        self._fed = True
        return self._made(frame)

    def rest(self) -> bytes:
        """The last 2 ms. Nothing can be fed after it."""
        return self._made(None) if self._fed else b""

    def _made(self, frame: av.AudioFrame | None) -> bytes:
        return b"".join(each.to_ndarray().tobytes() for each in self._resampler.resample(frame))
