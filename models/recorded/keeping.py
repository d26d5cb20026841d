"""Sound as it is kept: FLAC, mono, 16 bits; the recogniser hears the very samples that staff hear.

May import: the standard library, av, numpy.
"""

from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

BLOCK = 4096
SUFFIX, MIME = ".flac", "audio/flac"


class Flac:
    """A file that grows; whole when it is closed."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        self._container = av.open(str(path), "w", format="flac")
        self._stream = self._container.add_stream("flac", rate=rate_hz, layout="mono", format="s16")
        self._rate_hz = rate_hz
        self._left = np.zeros(0, np.int16)
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write(self._left)
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def add(self, samples: NDArray[np.int16]) -> None:
        """The next samples."""
        line = np.concatenate((self._left, samples))
        whole = len(line) // BLOCK * BLOCK
        for at in range(0, whole, BLOCK):
            self._write(line[at : at + BLOCK])
        self._left = line[whole:]

    def _write(self, samples: NDArray[np.int16]) -> None:
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "s16", "mono")
        frame.sample_rate = self._rate_hz
        frame.pts = self._at
        self._at += len(samples)
        self._container.mux(self._stream.encode(frame))
