"""Sound of one coding in another, piece by piece. µ-law that stays µ-law is handed on untouched.

May import: numpy, appliance.core, models.sound.
"""

import numpy as np

from appliance.core import ulaw
from appliance.core.coding import RATES, Coding
from models.sound import Resampler


class Transcoder:
    """A stream from one coding to another: in any pieces the same sound, as long as before, 2 ms late.

    State is kept: one object a stream. Half a sample at the end of a piece waits for its other half.
    """

    def __init__(self, source: Coding, target: Coding) -> None:
        self._untouched = source == target == "ulaw_8k"
        self._from_ulaw = source == "ulaw_8k"
        self._to_ulaw = target == "ulaw_8k"
        same_rate = RATES[source] == RATES[target]
        self._resampler = None if same_rate else Resampler(RATES[source], RATES[target])
        self._odd = b""

    def feed(self, audio: bytes) -> bytes:
        """The next stretch of sound, as far as it is ready."""
        if self._untouched:
            return audio
        pcm = ulaw.decode(audio).tobytes() if self._from_ulaw else self._whole(audio)
        return self._coded(pcm if self._resampler is None else self._resampler.feed(pcm))

    def rest(self) -> bytes:
        """The end of the sound. Nothing can be fed after it."""
        return b"" if self._resampler is None else self._coded(self._resampler.rest())

    def _whole(self, pcm: bytes) -> bytes:
        if self._odd or len(pcm) & 1:
            pcm = self._odd + pcm
            whole = len(pcm) & ~1
            pcm, self._odd = pcm[:whole], pcm[whole:]
        return pcm

    def _coded(self, pcm: bytes) -> bytes:
        return ulaw.encode(np.frombuffer(pcm, np.int16)) if self._to_ulaw else pcm


def transcoded(audio: bytes, source: Coding, target: Coding) -> bytes:
    """A whole sound in another coding."""
    transcoder = Transcoder(source, target)
    return transcoder.feed(audio) + transcoder.rest()
