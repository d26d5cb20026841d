"""The audio of replies: speech-like sound made from the words, a tone, a file, or espeak-ng.

The same words always give the same bytes, and no stretch of them repeats, so that a recording can be
compared bit for bit. May import: g711, numpy.
"""

import io
import shutil
import subprocess
import wave
import zlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.peers.realtime.g711 import BYTES_PER_MS, Samples, decode_ulaw, encode

Floats = npt.NDArray[np.float64]

MS_PER_LETTER = 65
SHORTEST_MS = 400
RATE, WIDE_RATE = 8000, 24_000
AS_IT_IS = {".ulaw": "audio/pcmu", ".pcm24": "audio/pcm"}
"""Files that are a coding's bytes."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be heard: words, unless there is a tone or a file."""

    words: str
    tone_ms: int | None = None
    audio: Path | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """A reply's audio in the coding of its session."""

    coded: bytes
    per_ms: int

    @property
    def length_ms(self) -> int:
        return len(self.coded) // self.per_ms


class Voices:
    """Makes and remembers the audio; `voice` is `synth` or `espeak`."""

    def __init__(self, voice: str = "synth") -> None:
        if voice not in ("synth", "espeak"):
            raise ValueError(f"voice {voice!r}, expected synth or espeak")
        self.espeak = shutil.which("espeak-ng") if voice == "espeak" else None
        self._samples: dict[Source, Samples] = {}
        self._sounds: dict[tuple[Source, str], Sound] = {}
        self._pieces: dict[tuple[Source, str, int], list[str]] = {}

    def prepare(self, sources: Iterable[Source]) -> None:
        """Make the audio beforehand; may take long."""
        for source in sources:
            self._pcm_8k(source)

    def sound(self, source: Source, coding: str) -> Sound:
        key = (source, coding)
        if key not in self._sounds:
            self._sounds[key] = Sound(self._coded(source, coding), BYTES_PER_MS[coding])
        return self._sounds[key]

    def pieces(self, source: Source, coding: str, chunk_ms: int) -> list[str]:
        """The audio in base64, as the deltas carry it."""
        key = (source, coding, chunk_ms)
        if key not in self._pieces:
            sound = self.sound(source, coding)
            size = chunk_ms * sound.per_ms
            self._pieces[key] = [
                b64encode(sound.coded[place : place + size]).decode()
                for place in range(0, len(sound.coded), size)
            ]
        return self._pieces[key]

    def _coded(self, source: Source, coding: str) -> bytes:
        if source.audio and AS_IT_IS.get(source.audio.suffix) == coding:
            return source.audio.read_bytes()
        return encode(self._pcm_8k(source), coding)

    def _pcm_8k(self, source: Source) -> Samples:
        if source not in self._samples:
            self._samples[source] = self._make(source)
        return self._samples[source]

    def _make(self, source: Source) -> Samples:
        if source.audio:
            return _from_file(source.audio)
        if source.tone_ms is not None:
            return _tone(source.tone_ms)
        return _espeak(self.espeak, source.words) if self.espeak else _speech_like(source.words)


def _speech_like(words: str) -> Samples:
    """A gliding hum in syllables, louder in words than between them, over a little noise."""
    noise = np.random.default_rng(zlib.crc32(words.encode()))
    length_ms = max(SHORTEST_MS, MS_PER_LETTER * len(words)) + int(noise.integers(1, 19))
    seconds = np.arange(length_ms * RATE // 1000) / RATE
    pitch_hz = 120 + 25 * np.sin(2 * np.pi * 0.7 * seconds + noise.uniform(0, 6))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE
    hum = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 8))
    syllables = np.clip(np.sin(2 * np.pi * 2.1 * seconds) ** 2 * 1.3 - 0.2, 0, 1)
    samples = 4200 * hum * syllables + noise.normal(0, 45, len(seconds))
    return _sixteen_bit(samples)


def _sixteen_bit(samples: Floats) -> Samples:
    return np.clip(samples, -32768, 32767).astype(np.int16)


def _tone(length_ms: int) -> Samples:
    """440 Hz, swelling a little, so that two places of it can be told apart."""
    seconds = np.arange(length_ms * RATE // 1000) / RATE
    noise = np.random.default_rng(length_ms).normal(0, 30, len(seconds))
    swell = 0.75 + 0.25 * np.sin(2 * np.pi * 0.31 * seconds)
    return (6000 * swell * np.sin(2 * np.pi * 440 * seconds) + noise).astype(np.int16)


def _from_file(path: Path) -> Samples:
    if path.suffix == ".pcm24":
        return _resampled(np.frombuffer(path.read_bytes(), "<i2").astype(np.float64), WIDE_RATE)
    return decode_ulaw(path.read_bytes()) if path.suffix == ".ulaw" else _from_wav(path.read_bytes())


def _from_wav(wav: bytes) -> Samples:
    with wave.open(io.BytesIO(wav)) as file:
        if file.getsampwidth() != 2:
            raise ValueError("only 16-bit WAV files can be spoken")
        rate, channels = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    mono = samples.reshape(-1, channels).mean(axis=1)
    return _resampled(mono, rate)


def _resampled(samples: Floats, rate: int) -> Samples:
    if rate == RATE:
        return samples.astype(np.int16)
    if rate > RATE:
        samples = np.convolve(samples, _low_pass(rate), mode="same")
    places = np.arange(len(samples) * RATE // rate) * (rate / RATE)
    heard = np.interp(places, np.arange(len(samples)), samples)
    return _sixteen_bit(heard)


@lru_cache(maxsize=8)
def _low_pass(rate: int) -> Floats:
    cut = 2 * 3400 / rate
    places = np.arange(-48, 49)
    taps = cut * np.sinc(cut * places) * np.hamming(len(places))
    weights: Floats = taps / taps.sum()
    return weights


def _espeak(program: str, words: str) -> Samples:
    done = subprocess.run(
        [program, "--stdout", "-v", "en-us", "-s", "160", words], check=True, capture_output=True, timeout=30
    )
    return _from_wav(_sized(done.stdout))


def _sized(wav: bytes) -> bytes:
    # espeak-ng writes to a pipe and cannot go back to fill in the lengths.
    return (
        wav[:4]
        + (len(wav) - 8).to_bytes(4, "little")
        + wav[8:40]
        + (len(wav) - 44).to_bytes(4, "little")
        + wav[44:]
    )
