"""A recorded message as a picture of its sound, and its words as phrases that know when they are said.

May import: the standard library, numpy, models.recorded, admin.messages.recording, appliance.store.
"""

import functools
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from admin.messages.recording import Shown, recording_of
from appliance.store.message_texts import Word
from models.recorded.decoding import Source, Unusable, samples

BARS, BAR, HEIGHT = 200, 4, 64
"""So many bars, so wide with the gap beside each, in a picture so high."""
LONGEST_S = 600
"""Of what is longer than this no picture is made: it would keep the page waiting."""
FAINTEST = 1500
"""A recording whose loudest sample is below this is not made to look loud."""
PAUSE_MS, PHRASE_MOST, PHRASE_LEAST = 700, 14, 4
UNSURE_BELOW = 0.5
Int16 = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Wave:
    """How loud it is over time: bars as the path of an SVG of this size, and how long it takes."""

    path: str
    ms: int
    width: int = BARS * BAR
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some words that are said together; of each whether the machine was sure."""

    from_ms: int
    until_ms: int
    words: tuple[tuple[str, bool], ...]

    @property
    def at(self) -> str:
        """When it begins, such as 0:07."""
        return f"{self.from_ms // 60000}:{self.from_ms // 1000 % 60:02d}"

    @property
    def seconds(self) -> str:
        """The same, as addresses of a part of a recording have it."""
        return f"{self.from_ms / 1000:g}"


@dataclass(frozen=True, slots=True)
class Sound:
    """What is shown of a recording; no picture where none can be made, no phrases without words."""

    wave: Wave | None
    phrases: list[Phrase]

    def __bool__(self) -> bool:
        return self.wave is not None or bool(self.phrases)


def sound(each: Shown, folder: Path) -> Sound:
    """The sound of a message; nothing where it cannot be heard."""
    if not each.playable:
        return Sound(None, [])
    path, seconds = recording_of(each.message, folder), each.message.seconds or 0
    drawn = wave_of(path, path.stat().st_mtime_ns) if path is not None and seconds <= LONGEST_S else None
    return Sound(drawn, phrases(each.text.words if each.text else ()))


def phrases(words: Sequence[Word]) -> list[Phrase]:
    """Words by what is said in one breath: a pause, the end of a sentence, or enough of them end a phrase."""
    found: list[list[Word]] = []
    for word in words:
        if not found or _ends(found[-1], word):
            found.append([])
        found[-1].append(word)
    return [
        Phrase(those[0].start_ms, those[-1].end_ms, tuple((each.text, _sure(each)) for each in those))
        for those in found
    ]


def _ends(those: Sequence[Word], then: Word) -> bool:
    last = those[-1]
    sentence = last.text.endswith((".", "?", "!")) and len(those) >= PHRASE_LEAST
    return sentence or len(those) >= PHRASE_MOST or then.start_ms - last.end_ms >= PAUSE_MS


def _sure(word: Word) -> bool:
    return word.confidence is None or word.confidence >= UNSURE_BELOW


@functools.lru_cache(maxsize=64)
def wave_of(path: Path, _changed_ns: int) -> Wave | None:
    """The picture of a file as it was changed last; None for what cannot be drawn."""
    try:
        heard, rate_hz = _wav(path) if path.suffix == ".wav" else _flac(path)
    except (Unusable, wave.Error, EOFError, OSError):
        return None
    if not heard.size or heard.size > LONGEST_S * rate_hz:
        return None
    return Wave(_drawn(heard), round(heard.size * 1000 / rate_hz))


def _wav(path: Path) -> tuple[Int16, int]:
    """Samples of a plain WAV. Raises wave.Error for another one."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise wave.Error("not of 16 bits")
        rate_hz, channels = file.getframerate(), file.getnchannels()
        heard = np.frombuffer(file.readframes(LONGEST_S * rate_hz + 1), dtype="<i2")
    return heard[::channels].astype(np.int16, copy=False), rate_hz


def _flac(path: Path) -> tuple[Int16, int]:
    """Samples of what the box wrote by itself; what others wrote is left to the child that may fail at it."""
    if path.suffix != ".flac":
        raise Unusable("format", "not written by the box")
    told: list[Source] = []
    parts = list(samples(path, told))
    return (np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)), told[0].kept_hz


def _drawn(heard: Int16) -> str:
    """The loudest sample of each part, as a bar around the middle."""
    edges = np.linspace(0, heard.size, BARS, endpoint=False).astype(np.int64)
    loudest = np.maximum.reduceat(np.abs(heard.astype(np.int32)), np.minimum(edges, heard.size - 1))
    scale = max(FAINTEST, int(loudest.max()))
    middle = HEIGHT // 2
    heights = np.maximum(1, np.rint((loudest / scale) ** 0.7 * (middle - 2))).astype(int)
    return "".join(
        f"M{place * BAR + BAR // 2} {middle - high}v{2 * high}" for place, high in enumerate(heights.tolist())
    )
