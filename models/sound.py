"""Mono PCM of 16 bits from one rate to another.

May import: av, numpy.
"""

import av
import numpy as np
from numpy.typing import NDArray

BEHIND_MS = 10


class Resampler:
    """PCM16 from one rate to another by PyAV: 2 ms late, and in the end exact to a sample."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._to_hz = to_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)
        self._odd = b""
        self._fed = self._given = 0

    def feed(self, pcm: bytes) -> bytes:
        """The next stretch of audio; half a sample at its end waits for the other half."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = pcm[whole:]
        if not whole:
            return b""
        self._fed += whole // 2
        made = self._made(self._frame(np.frombuffer(pcm, np.int16, whole // 2)))
        self._given += len(made) // 2
        return made

    def rest(self) -> bytes:
        """The last 2 ms. Nothing can be fed after it."""
        if not self._fed:
            return b""
        # Of very little sound the library makes nothing, or too little: silence behind it makes it enough.
        made = self._made(self._frame(np.zeros(self._from_hz * BEHIND_MS // 1000, np.int16))) + self._made(
            None
        )
        missing = round(self._fed * self._to_hz / self._from_hz) - self._given
        return made[: 2 * missing]

    def _frame(self, samples: NDArray[np.int16]) -> av.AudioFrame:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self._from_hz
        return frame

    def _made(self, frame: av.AudioFrame | None) -> bytes:
        return b"".join(each.to_ndarray().tobytes() for each in self._resampler.resample(frame))
