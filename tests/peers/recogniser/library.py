"""The recordings that the peer knows, and which of them a sound holds.

A sound is laid along each recording at every place; where the two look alike best, and alike enough, it is
that one, and what lies before and behind is looked at again. Reads files. May import: the standard library,
numpy, orjson, this package's sound, the carrier peer's recordings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from tests.peers.carrier import ulaw
from tests.peers.carrier.speech import TRANSCRIPTS, wav_to_ulaw
from tests.peers.recogniser.sound import HOP_MS, Floats, Look, look

ALIKE_SHORT, ALIKE_LONG = 0.95, 0.72
"""How well the two have to agree (1: the same): the better, the less there is to compare."""
SHORT_MS, LONG_MS = 400, 1150
LEAST_MS = 120
"""Less sound than this is no word."""
LEAST_SHARE = 0.45
"""So much of a recording's sound has to be there."""


@dataclass(frozen=True, slots=True)
class Match:
    """A recording found in a sound: where, how alike, and how much of it is there."""

    name: str
    text: str
    at_ms: int
    alike: float
    share: float


@dataclass(frozen=True, slots=True)
class Known:
    """A recording and how it looks."""

    name: str
    text: str
    look: Look


@dataclass(frozen=True, slots=True)
class Place:
    """Where along a sound a recording lies best."""

    known: Known
    start: int
    alike: float
    share: float

    @property
    def span(self) -> tuple[int, int]:
        return max(0, self.start), self.start + len(self.known.look)


@dataclass(frozen=True, slots=True)
class Library:
    """Recordings and their words."""

    known: tuple[Known, ...]

    @staticmethod
    def read(folder: Path) -> "Library":
        """The recordings of a folder whose words stand in its `transcripts.json`."""
        texts: dict[str, str] = orjson.loads((folder / TRANSCRIPTS).read_bytes())
        return Library(
            tuple(Known(name, text, _read(folder / f"{name}.wav")) for name, text in texts.items())
        )

    def words(self, sound: Look) -> str:
        """What is said in it, as far as it is known."""
        return " ".join(match.text for match in self.matches(sound))

    def matches(self, sound: Look) -> list[Match]:
        """The recordings it holds, in the order of time."""
        return [
            Match(place.known.name, place.known.text, place.start * HOP_MS, place.alike, place.share)
            for place in self._found(sound, 0)
        ]

    def _found(self, sound: Look, offset: int) -> Iterator[Place]:
        if sound.sound_ms < LEAST_MS:
            return
        best = max(self.places(sound), key=_worth, default=None)
        if best is None:
            return
        start, end = best.span
        yield from self._found(sound.part(0, start), offset)
        yield Place(best.known, best.start + offset, best.alike, best.share)
        yield from self._found(sound.part(end, len(sound)), offset + end)

    def places(self, sound: Look) -> Iterator[Place]:
        """Where the recordings lie that are alike enough."""
        for known in self.known:
            place = best_place(known, sound)
            if place is not None and place.alike >= alike_enough(known.look.sound_ms * place.share):
                yield place


def alike_enough(compared_ms: float) -> float:
    """How well so much sound has to agree."""
    return float(np.interp(compared_ms, (SHORT_MS, LONG_MS), (ALIKE_SHORT, ALIKE_LONG)))


def _worth(place: Place) -> tuple[float, float]:
    return (round(place.alike * min(1.0, place.share * 4), 2), place.share)


def best_place(known: Known, sound: Look) -> Place | None:
    """The place at which a recording and a sound agree best (Pearson's r of what lies over each other)."""
    mine, theirs = known.look, sound
    places = np.arange(-len(mine) + 1, len(theirs))
    heard = _overlap(mine.active.astype(np.float64), len(theirs), places)
    enough = heard >= max(LEAST_MS / HOP_MS, LEAST_SHARE * mine.active.sum())
    if not enough.any():
        return None
    count = _overlap(np.ones(len(mine)), len(theirs), places) * mine.bands.shape[1]
    sum_mine = _overlap(mine.bands.sum(axis=1), len(theirs), places)
    square_mine = _overlap((mine.bands**2).sum(axis=1), len(theirs), places)
    sum_theirs = _overlap(theirs.bands.sum(axis=1), len(mine), -places)
    square_theirs = _overlap((theirs.bands**2).sum(axis=1), len(mine), -places)
    both = _products(mine.bands, theirs.bands)
    spread = (square_mine - sum_mine**2 / count) * (square_theirs - sum_theirs**2 / count)
    alike = (both - sum_mine * sum_theirs / count) / np.sqrt(np.maximum(spread, 1e-9))
    best = int(np.argmax(np.where(enough, alike, -1.0)))
    return Place(known, int(places[best]), float(alike[best]), float(heard[best] / mine.active.sum()))


def _overlap(values: Floats, length: int, places: NDArray[np.int_]) -> Floats:
    """The sum of those values that lie over a stretch of this length, for each place of the first."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    low = np.clip(-places, 0, len(values))
    high = np.clip(length - places, 0, len(values))
    total: Floats = sums[high] - sums[low]
    return total


def _products(mine: Floats, theirs: Floats) -> Floats:
    """The sum of products of what lies over each other, for each place."""
    total = len(mine) + len(theirs) - 1
    size = 1 << (total - 1).bit_length()
    turned = np.fft.rfft(mine[::-1], size, axis=0) * np.fft.rfft(theirs, size, axis=0)
    products: Floats = np.fft.irfft(turned.sum(axis=1), size)[:total]
    return products


def _read(path: Path) -> Look:
    pcm = ulaw.decode(wav_to_ulaw(path.read_bytes())).astype(np.float64) / 32768.0
    return look(pcm, 8000).trimmed()
