"""Sound as arrays and as files: 16-bit samples, from one rate to another, in and out of WAV.

Pure but for the files. May import: the standard library, numpy, the carrier peer's speech and ulaw.
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.peers.carrier import ulaw
from tests.peers.carrier.speech import BadRecording, wav_to_ulaw

Pcm = NDArray[np.int16]
NARROW_HZ, WIDE_HZ = 8000, 16000
FRAME_MS = 20
AUDIBLE_RMS = 200
"""20 ms of at least this are sound; less is the noise of a line."""


class BadSound(ValueError):
    """The file holds no sound that a telephone can play."""


def resampled(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    """The whole of a sound at another rate; what the new rate cannot hold is cut off without folding."""
    if from_hz == to_hz or not len(pcm):
        return pcm
    count = round(len(pcm) * to_hz / from_hz)
    # Silence behind it, so that its end does not ring into its beginning.
    padded = np.concatenate((pcm.astype(np.float64), np.zeros(from_hz // 10)))
    longer = round(len(padded) * to_hz / from_hz)
    spectrum = np.fft.rfft(padded)
    fitted = np.zeros(longer // 2 + 1, np.complex128)
    kept = min(len(spectrum), len(fitted))
    fitted[:kept] = spectrum[:kept]
    samples = np.fft.irfft(fitted, longer)[:count] * (longer / len(padded))
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def rms(pcm: Pcm) -> float:
    """How loud it is, in units of a sample."""
    samples = pcm.astype(np.float64)
    return float(np.sqrt(samples @ samples / len(samples))) if len(samples) else 0.0


def as_pcm(sound: Pcm | bytes, rate_hz: int) -> Pcm:
    """What somebody says: samples of this rate, or mu-law at 8 kHz."""
    if isinstance(sound, bytes):
        return resampled(ulaw.decode(sound), NARROW_HZ, rate_hz)
    return sound.astype(np.int16)


def tone(hertz: float, ms: int, rate_hz: int = NARROW_HZ, loud: int = 8000) -> Pcm:
    """A tone to be said."""
    wave_of = np.sin(2 * np.pi * hertz * np.arange(ms * rate_hz // 1000) / rate_hz)
    samples: Pcm = (loud * wave_of).astype(np.int16)
    return samples


def read_wav(path: Path, rate_hz: int) -> Pcm:
    """The sound of a WAV file, of 16 bits or in mu-law, in mono at this rate; raise BadSound for others."""
    try:
        with wave.open(str(path)) as file:
            channels, width, from_hz = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return resampled(_read_ulaw(path), NARROW_HZ, rate_hz)
    if width != 2:
        raise BadSound(f"{path.name}: {8 * width} bits a sample, must be 16")
    samples = np.frombuffer(data[: len(data) // (2 * channels) * 2 * channels], "<i2")
    return resampled(samples.reshape(-1, channels).mean(axis=1).astype(np.int16), from_hz, rate_hz)


def _read_ulaw(path: Path) -> Pcm:
    """The library reads PCM alone; the carrier peer reads its recordings."""
    try:
        return ulaw.decode(wav_to_ulaw(path.read_bytes()))
    except BadRecording as exc:
        raise BadSound(f"{path.name}: {exc}") from exc


def write_wav(path: Path, pcm: Pcm, rate_hz: int) -> None:
    """A WAV file, mono, 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.astype("<i2").tobytes())
