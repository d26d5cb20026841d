"""From a synthesiser's sound to frames of a leg: one rate, one loudness, no silence around it, whole frames.

A voice is brought to the same loudness always: what it needs is learned from its first words and kept, so
that loudness does not jump from sentence to sentence. Silence before and behind a sentence is cut, so
that the first sound is a sound; pauses between sentences are ours. Not for the event loop: it computes.
May import: the standard library, numpy, appliance.core, models.sound, models.transcoding.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, RATES, Coding
from models.sound import Resampler
from models.transcoding import transcoded

Frames = NDArray[np.int16]

FRAME_BYTES: dict[Coding, int] = {coding: 20 * per_ms for coding, per_ms in BYTES_PER_MS.items()}

LOUDNESS = 3300.0
"""The effective value of speech that we aim at, -20 dB of full scale: loud on a telephone, not clipped."""
MOST_GAIN = 12.0
LOUDEST = 32000.0
LEARN_FRAMES = 30
"""Speech that must be known (600 ms) before its loudness is judged."""
ACTIVE = 0.1
"""Frames below this part of the loudest one are pauses."""
QUIET = 260
"""A frame whose peak is below this, at our loudness, holds no speech: -42 dB."""
LEAD_FRAMES, TAIL_FRAMES = 1, 3


def loudness(frames: Frames) -> float:
    """The effective value of the speech in these frames; 0 when there is none."""
    if not len(frames):
        return 0.0
    powers = np.square(frames.astype(np.float64)).mean(axis=1)
    speech = powers[powers > powers.max() * ACTIVE**2]
    return float(np.sqrt(speech.mean())) if len(speech) else 0.0


def gain_for(level: float, peak: float) -> float:
    """What brings this loudness to ours, unless it would clip."""
    if level <= 0 or peak <= 0:
        return 1.0
    return min(LOUDNESS / level, MOST_GAIN, LOUDEST / peak)


@dataclass(slots=True)
class Levels:
    """The gain of each voice, learned from what it said."""

    _known: dict[str, float] = field(default_factory=dict)

    def of(self, voice: str) -> float | None:
        """The gain of a voice, if it has spoken already."""
        return self._known.get(voice)

    def learn(self, voice: str, gain: float) -> None:
        """Take note of what a whole sentence would have needed; one sentence alone changes little."""
        before = self._known.get(voice)
        self._known[voice] = gain if before is None else 0.8 * before + 0.2 * gain


class Shaper:
    """One sentence on its way to a leg. `gain` is what its voice is known to need; None for a new voice."""

    def __init__(self, coding: Coding, gain: float | None = None) -> None:
        self._coding = coding
        self._rate = RATES[coding]
        self._gain = gain
        self._from_hz = 0
        self._resampler: Resampler | None = None
        self._samples: Frames = np.empty(0, np.int16)
        self._all: list[Frames] = []
        self._waiting: list[Frames] = []
        self._quiet: list[Frames] = []
        self.begun = False
        """Whether there was any speech."""

    def feed(self, pcm: bytes, rate: int) -> bytes:
        """Take the next sound; return the frames that are ready."""
        made = b""
        if self._resampler is None or rate != self._from_hz:
            made = b"" if self._resampler is None else self._resampler.rest()
            self._resampler, self._from_hz = Resampler(rate, self._rate), rate
        return self._coded(self._levelled(self._framed(made + self._resampler.feed(pcm)), last=False))

    def rest(self) -> bytes:
        """What is left at the end of the sentence; the last frame is filled with silence."""
        made = b"" if self._resampler is None else self._resampler.rest()
        frames = self._framed(made, last=True)
        return self._coded(self._levelled(frames, last=True)) + self._tail()

    def needed(self) -> float:
        """The gain that this sentence as a whole would have needed."""
        frames = self._joined(self._all)
        return gain_for(loudness(frames), float(np.abs(frames.astype(np.int32)).max(initial=0)))

    def _framed(self, pcm: bytes, *, last: bool = False) -> Frames:
        size = self._rate // 50
        samples = np.concatenate([self._samples, np.frombuffer(pcm, np.int16)])
        missing = -len(samples) % size if last else 0
        if missing:
            samples = np.concatenate([samples, np.zeros(missing, np.int16)])
        whole = len(samples) // size * size
        self._samples = samples[whole:]
        return samples[:whole].reshape(-1, size)

    def _levelled(self, frames: Frames, *, last: bool) -> Frames:
        """The frames at our loudness; while it is not known yet, they wait."""
        self._all.append(frames)
        if self._gain is None:
            self._waiting.append(frames)
            frames = self._joined(self._waiting)
            if not last and self._speech_in(frames) < LEARN_FRAMES:
                return frames[:0]
            self._gain = self.needed()
            self._waiting.clear()
        scaled = np.clip(frames.astype(np.float32) * np.float32(self._gain), -LOUDEST, LOUDEST)
        levelled: Frames = scaled.astype(np.int16)
        return levelled

    @staticmethod
    def _speech_in(frames: Frames) -> int:
        peaks = np.abs(frames.astype(np.int32)).max(axis=1, initial=0)
        return int((peaks > max(QUIET / MOST_GAIN, peaks.max(initial=0) * ACTIVE)).sum())

    def _coded(self, frames: Frames) -> bytes:
        """The frames as the leg takes them, without the silence before and (perhaps) behind the speech."""
        loud = np.flatnonzero(np.abs(frames.astype(np.int32)).max(axis=1, initial=0) >= QUIET)
        if not len(loud):
            self._hold(frames)
            return b""
        first, last = int(loud[0]), int(loud[-1]) + 1
        self._hold(frames[:first])
        ready = self._joined([*self._quiet, frames[first:last]])
        self.begun = True
        self._quiet = [frames[last:]]
        return self._encoded(ready)

    def _hold(self, frames: Frames) -> None:
        self._quiet.append(frames)
        if not self.begun:
            self._quiet = [self._joined(self._quiet)[-LEAD_FRAMES:]]

    def _tail(self) -> bytes:
        return self._encoded(self._joined(self._quiet)[:TAIL_FRAMES]) if self.begun else b""

    def _joined(self, parts: list[Frames]) -> Frames:
        joined: Frames = np.concatenate([np.empty((0, self._rate // 50), np.int16), *parts])
        return joined

    def _encoded(self, frames: Frames) -> bytes:
        return ulaw.encode(frames.reshape(-1)) if self._coding == "ulaw_8k" else frames.tobytes()


def silence(coding: Coding, ms: int) -> bytes:
    """So much silence, in whole frames."""
    size = FRAME_BYTES[coding] * (ms // 20)
    return ulaw.SILENCE * size if coding == "ulaw_8k" else bytes(size)


def recorded(ulaw_8k: bytes, coding: Coding) -> bytes:
    """A recording in whole frames of this coding."""
    return transcoded(ulaw_8k + ulaw.SILENCE * (-len(ulaw_8k) % FRAME_BYTES["ulaw_8k"]), "ulaw_8k", coding)
