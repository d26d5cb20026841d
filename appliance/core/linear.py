"""Linear weights over traits, as they are kept in a file: what both classifiers of callers' words share.

Pure, but for reading the file. May import: the standard library, numpy, appliance.core.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from appliance.core.errors import AttendantError

Float32 = NDArray[np.float32]
TINY = 1e-12
UNREADABLE = (OSError, ValueError, KeyError, EOFError, BadZipFile)
"""What comes of a file of weights that is missing, cut short, or something else."""


class WeightsUnreadable(AttendantError):
    """Weights of a classifier cannot be read."""


@dataclass(frozen=True, slots=True)
class Traits:
    """A text as a classifier takes it: rows of its weights, and how much each counts."""

    rows: NDArray[np.intp]
    shares: Float32


@dataclass(frozen=True, slots=True)
class Places:
    """Which row belongs to which trait: their numbers, the least first."""

    numbers: NDArray[np.uint32]

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Self:
        """The places of these traits."""
        return cls(np.array(sorted(numbers), np.uint32))

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, traits: Collection[int]) -> NDArray[np.intp]:
        """The rows of those traits that are known, the least first."""
        asked = np.fromiter(traits, np.uint32, len(traits))
        asked.sort()
        near: NDArray[np.intp] = self.numbers.searchsorted(asked)
        known: NDArray[np.intp] = near[self.numbers.take(near, mode="clip") == asked]
        return known


@dataclass(slots=True)
class Linear:
    """Weights: a row for each trait (`places` finds it by number), a column for each class, and a bias."""

    places: Places
    weights: Float32
    bias: Float32

    @classmethod
    def load(cls, path: Path) -> Self:
        """The weights in this file. Raises WeightsUnreadable."""
        with stored_in(path) as stored:
            numbers, weights = stored["numbers"], stored["traits"].astype(np.float32) * stored["scale"]
            if len(numbers) != len(weights) or (numbers[1:] <= numbers[:-1]).any():
                raise ValueError("its traits are not in order")
            return cls(Places(numbers), weights, stored["bias"])

    def scores(self, traits: Traits) -> Float32:
        """What speaks for each class."""
        found: Float32 = self.bias + traits.shares @ self.weights[traits.rows]
        return found


@contextmanager
def stored_in(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """The arrays in a file of weights. Raises WeightsUnreadable for what comes of it within."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            yield stored
    except UNREADABLE as exc:
        raise WeightsUnreadable(f"The weights in {path} cannot be read: {exc}") from exc


def chances(scores: Float32) -> Float32:
    """Scores as chances that make 1 together."""
    raised = np.exp(scores - scores.max())
    found: Float32 = raised / raised.sum()
    return found


def weighed(places: Places, groups: Iterable[Collection[int]]) -> Traits:
    """The known traits of each group, so that a long text weighs as much as a short one."""
    known = [places.rows(group) for group in groups]
    shares = [np.full(len(rows), max(1, len(rows)) ** -0.5, np.float32) for rows in known]
    return Traits(np.concatenate(known), np.concatenate(shares))


def packed(places: Places, weights: Float32, bias: Float32) -> dict[str, NDArray[np.generic]]:
    """What `load` reads."""
    small, scale = in_bytes(weights)
    return {"numbers": places.numbers, "traits": small, "scale": scale, "bias": bias.astype(np.float32)}


def in_bytes(weights: Float32) -> tuple[NDArray[np.int8], Float32]:
    """Weights in a byte each, and by how much each column is to be multiplied."""
    scale = np.maximum(np.abs(weights).max(axis=0, initial=0.0), TINY) / 127
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)
