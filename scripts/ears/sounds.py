"""What the ear is measured with: recordings on many lines, and sounds in which nobody speaks.

May import: the standard library, numpy, orjson, appliance.core.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from appliance.core import ulaw

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
RATE = 8000
FULL = 32768.0
SNR_DB = (20, 10)
PEAK_DB = (-6, -12, -18, -24, -30)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording: `sound` at 8 kHz after a telephone trip, `wide_16k` as it was before, where kept."""

    name: str
    lang: str
    kind: str
    speech: bool
    sound: Floats
    wide_16k: Floats | None


def recordings(folder: Path = DATA / "speech-vad") -> list[Recording]:
    """Those that a folder's manifest names; some lie in the folder `speech` beside it."""
    listed = orjson.loads((folder / "manifest.json").read_bytes())
    return [_recording(folder, **row) for row in listed]


def _recording(folder: Path, *, name: str, lang: str, kind: str, speech: bool) -> Recording:
    paths = (folder / f"{name}.wav", folder.parent / "speech" / f"{name}.wav")
    path = next(path for path in paths if path.is_file())
    wide = folder / "16k" / f"{name}.wav"
    return Recording(name, lang, kind, speech, _read_ulaw(path), _read_wide(wide) if wide.is_file() else None)


def _read_ulaw(path: Path) -> Floats:
    wav = path.read_bytes()
    at = wav.index(b"data") + 8
    length = int.from_bytes(wav[at - 4 : at], "little")
    return ulaw.decode(wav[at : at + length]).astype(np.float64)


def _read_wide(path: Path) -> Floats:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)


def frames(sound: Floats) -> list[bytes]:
    """The sound as frames of a line."""
    coded = ulaw.encode(np.clip(np.rint(sound), -32768, 32767).astype(np.int16))
    size = ulaw.FRAME_MS * ulaw.BYTES_PER_MS
    return [coded[at : at + size].ljust(size, ulaw.SILENCE) for at in range(0, len(coded), size)]


def silence(seconds: float) -> Floats:
    """Digital silence."""
    return np.zeros(int(seconds * RATE))


# Speech on lines --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Take:
    """A recording on a kind of line; it begins at `at_ms`."""

    line: str
    at_ms: int
    sound: Floats


def takes(recording: Recording, ambience: Floats) -> Iterator[Take]:
    """A recording alone, within silence, over noise, and at several levels."""
    sound, before, after = recording.sound, silence(2), silence(1.5)
    drawn = np.random.default_rng(len(sound))
    yield Take("alone", 0, np.concatenate((sound, after)))
    within = np.concatenate((before, sound, after))
    yield Take("in silence", 2000, within)
    loud = _loudness(sound)
    hisses = {"white": drawn.normal(0, 1, len(within)), "pink": pink(len(within), drawn)}
    hisses["office"] = np.resize(ambience, len(within)) / ambience.std()
    for name, hiss in hisses.items():
        for snr_db in SNR_DB:
            yield Take(f"{name} {snr_db} dB", 2000, within + hiss * loud * 10 ** (-snr_db / 20))
    for peak_db in PEAK_DB:
        level = 10 ** (peak_db / 20) * FULL / np.abs(sound).max()
        yield Take(f"peak {peak_db} dB", 2000, within * level)


def _loudness(sound: Floats) -> float:
    """The root mean square of the loud part."""
    power = _power(sound)
    return float(np.sqrt(power[power > np.percentile(power, 95) / 100].mean()))


def _power(sound: Floats, size: int = 160) -> Floats:
    whole = len(sound) // size * size
    power: Floats = (sound[:whole].reshape(-1, size) ** 2).mean(axis=1)
    return power


def edges_ms(sound: Floats) -> tuple[int, int]:
    """Where a recording is heard first and last: 30 ms within 30 dB of its loudest, by 10 ms."""
    power = _power(sound, 80)
    loud = power > np.percentile(power, 98) / 1000
    lasting = loud[:-2] & loud[1:-1] & loud[2:]
    places = np.flatnonzero(lasting)
    return int(places[0]) * 10, (int(places[-1]) + 3) * 10


def longest_pause_ms(sound: Floats, from_ms: int, to_ms: int) -> int:
    """The longest stretch between these times that is 26 dB quieter than the loudest, by 10 ms."""
    power = _power(sound, 80)
    quiet = power[max(0, from_ms // 10) : to_ms // 10] < np.percentile(power, 98) / 400
    longest = run = 0
    for each in quiet:
        run = run + 1 if each else 0
        longest = max(longest, run)
    return longest * 10


# Nobody speaks ----------------------------------------------------------------------------------------


def pink(count: int, drawn: np.random.Generator) -> Floats:
    """Noise that is louder below, as of rooms; its root mean square is 1."""
    spectrum = np.fft.rfft(drawn.normal(0, 1, count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise: Floats = np.fft.irfft(spectrum, count)
    noise /= noise.std()
    return noise


def band(count: int, low_hz: float, high_hz: float, drawn: np.random.Generator) -> Floats:
    """Noise of a band; its root mean square is 1."""
    spectrum, hertz = np.fft.rfft(drawn.normal(0, 1, count)), np.fft.rfftfreq(count, 1 / RATE)
    spectrum[(hertz < low_hz) | (hertz > high_hz)] = 0
    noise: Floats = np.fft.irfft(spectrum, count)
    noise /= noise.std()
    return noise


def tones(hertz: tuple[float, ...], seconds: float, loud: float) -> Floats:
    """Pure tones together."""
    time = np.arange(int(RATE * seconds)) / RATE
    together: Floats = loud * np.sin(2 * np.pi * np.outer(hertz, time)).sum(axis=0)
    return together


def wordless(found: list[Recording]) -> Iterator[tuple[str, Floats]]:
    """Sounds of lines and rooms without a word: the recorded ones at three levels, and made ones."""
    for recording in found:
        if not recording.speech:
            for gain in (0.3, 1.0, 3.0):
                yield f"{recording.name} x{gain:g}", recording.sound * gain
    yield from _signals()
    yield from _music()
    yield from _bursts()
    yield from _noises()


def _signals() -> Iterator[tuple[str, Floats]]:
    rows, columns = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
    for loud in (1500.0, 6000.0):
        for seconds in (0.1, 0.25, 1.0):
            keys = [tones((row, column), seconds, loud) for row in rows for column in columns]
            pressed = [part for key in keys for part in (key, silence(0.15))]
            yield f"keys {loud:.0f} {seconds} s", np.concatenate(pressed)
    for loud in (1500.0, 6000.0):
        ring = np.concatenate((tones((440.0, 480.0), 2, loud), silence(4)))
        yield f"ringback {loud:.0f}", np.tile(ring, 2)
        yield f"busy {loud:.0f}", np.tile(np.concatenate((tones((480.0, 620.0), 0.5, loud), silence(0.5))), 5)
        yield (
            f"ringback 425 Hz {loud:.0f}",
            np.tile(np.concatenate((tones((425.0,), 1, loud), silence(4))), 2),
        )
        sit = [tones((hertz,), 0.33, loud) for hertz in (950.0, 1400.0, 1800.0)]
        yield f"three tones {loud:.0f}", np.concatenate(sit)
        fax = np.tile(np.concatenate((tones((1100.0,), 0.5, loud), silence(3))), 2)
        yield f"fax {loud:.0f}", np.concatenate((fax, tones((2100.0,), 3, loud)))


CHORDS = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))


def _music() -> Iterator[tuple[str, Floats]]:
    plucked = np.arange(int(RATE * 0.25)) / RATE
    held = np.arange(RATE * 2) / RATE
    notes, chords = [], []
    for chord in CHORDS * 3:
        for hertz in chord + chord[::-1]:
            harmonics = [np.sin(2 * np.pi * hertz * n * plucked) / n for n in range(1, 7)]
            notes.append(sum(harmonics) * np.exp(-3 * plucked) * 3000)
    for chord in CHORDS:
        vibrato = 0.3 * np.sin(2 * np.pi * 5 * held)
        parts = [np.sin(2 * np.pi * hertz * n * held + vibrato) / n for hertz in chord for n in range(1, 6)]
        chords.append(sum(parts) * 1200)
    yield "plucked chords", np.concatenate(notes)
    yield "held chords", np.concatenate(chords)


def _bursts() -> Iterator[tuple[str, Floats]]:
    drawn = np.random.default_rng(5)
    breaths, clicks, typed = [silence(1)], [silence(1)], silence(6)
    for number in range(8):
        count = int(RATE * (0.4 + 0.1 * number))
        breath = band(count, 400, 2500, drawn) * np.hanning(count) * 300 * 2 ** (number % 4)
        breaths += [breath, silence(0.8)]
        long = int(RATE * 0.01 * (1 + number))
        fading = np.exp(-np.arange(long) / (80 * (1 + number)))
        clicks += [band(long + 200, 300, 3400, drawn)[:long] * fading * 8000, silence(0.7)]
    for at in drawn.integers(0, len(typed) - 400, 40):
        count = int(drawn.integers(100, 300))
        struck = band(count + 100, 800, 3400, drawn)[:count] * np.exp(-np.arange(count) / 40)
        typed[at : at + count] += struck * drawn.uniform(800, 4000)
    yield "breath", np.concatenate(breaths)
    yield "clicks", np.concatenate(clicks)
    yield "typing", typed


def _noises() -> Iterator[tuple[str, Floats]]:
    drawn = np.random.default_rng(6)
    for loud in (30, 100, 300, 1000, 3000):
        yield f"white {loud}", np.concatenate((silence(1), drawn.normal(0, loud, RATE * 6)))
        yield f"pink {loud}", np.concatenate((silence(1), pink(RATE * 6, drawn) * loud))
        # What the telephone's band leaves of it.
        yield f"hum of the mains {loud}", np.concatenate((silence(1), tones((360.0, 480.0, 600.0), 5, loud)))
    swell = np.abs(np.sin(np.arange(RATE * 10) / RATE * np.pi / 2.5))
    yield "traffic", pink(RATE * 10, drawn) * 1500 * swell
