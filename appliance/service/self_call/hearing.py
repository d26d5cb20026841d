"""What a caller hears, as figures: since when there is sound, how loud it is, whether the tone came. Pure.

May import: the standard library, numpy, appliance.core.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from appliance.core import ulaw

Samples = NDArray[np.float64]

FRAME = ulaw.FRAME_MS * ulaw.BYTES_PER_MS
RATE = 8000
LOUD = 150.0
"""Effective value of a frame above which it is sound: -47 dB of full scale."""
BEGUN_FRAMES = 3
PURE = 0.8
"""So much of a frame's power at one frequency, and it is a tone."""
TONE_FRAMES = 10
ACTIVE = 0.1
"""Frames below this part of the loudest one are pauses."""


@dataclass(slots=True)
class Hearing:
    """Feed it what comes, in order. Times are those of `clock` (seconds), None before the thing happened."""

    clock: Callable[[], float]
    tone_hz: float
    began_s: float | None = None
    """When it began to sound."""
    last_loud_s: float | None = None
    tone_s: float | None = None
    """When the tone was heard."""
    sounded_ms: int = 0
    levels: list[float] = field(default_factory=list)
    """Effective values of the frames in which there was sound."""
    _loud_run: int = 0
    _tone_run: int = 0
    _rest: bytes = b""

    def take(self, ulaw_8k: bytes) -> None:
        """The next sound, in any pieces."""
        sound = self._rest + ulaw_8k
        whole = len(sound) // FRAME * FRAME
        self._rest = sound[whole:]
        for at in range(0, whole, FRAME):
            self._frame(ulaw.decode(sound[at : at + FRAME]).astype(np.float64))

    def _frame(self, samples: Samples) -> None:
        now_s, level = self.clock(), effective(samples)
        if level < LOUD:
            self._loud_run = self._tone_run = 0
            return
        self.last_loud_s = now_s
        self.sounded_ms += ulaw.FRAME_MS
        self.levels.append(level)
        self._loud_run += 1
        if self._loud_run >= BEGUN_FRAMES and self.began_s is None:
            self.began_s = now_s
        self._tone_run = self._tone_run + 1 if share(samples, self.tone_hz) > PURE else 0
        if self._tone_run >= TONE_FRAMES and self.tone_s is None:
            self.tone_s = now_s

    @property
    def quiet_s(self) -> float:
        """How long nothing was heard, since there was sound."""
        return 0.0 if self.last_loud_s is None else self.clock() - self.last_loud_s

    @property
    def level(self) -> float:
        """The effective value of what sounded, without its pauses; 0 for nothing."""
        if not self.levels:
            return 0.0
        levels = np.array(self.levels)
        active = levels[levels > levels.max() * ACTIVE]
        return float(np.sqrt(np.mean(np.square(active))))


def effective(samples: Samples) -> float:
    """The effective value of samples."""
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def share(samples: Samples, hz: float) -> float:
    """How much of the power lies at one frequency: 1 for a pure tone that fits the samples, 0 for none."""
    power = float(np.sum(np.square(samples)))
    if not power:
        return 0.0
    turned = np.exp(-2j * np.pi * hz / RATE * np.arange(len(samples)))
    return float(2 * abs(np.dot(samples, turned)) ** 2 / (len(samples) * power))


def tone_ms(pcm_8k: bytes, hz: float) -> int:
    """For how long a recording (16 bits, mono, 8 kHz) holds a tone of this frequency."""
    samples = np.frombuffer(pcm_8k[: len(pcm_8k) // 2 * 2], "<i2").astype(np.float64)
    step = RATE * ulaw.FRAME_MS // 1000
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    pure = [frame for frame in frames if effective(frame) >= LOUD and share(frame, hz) > PURE]
    return len(pure) * ulaw.FRAME_MS


def decibels(level: float) -> int:
    """An effective value below full scale, in dB."""
    return int(20 * np.log10(max(level, 1.0) / 32768))
