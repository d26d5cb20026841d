"""Softmax regression in numpy, learnt in small batches (Adam): for the classifiers of callers' words.

The same data give the same weights on one machine. May import: the standard library, numpy, appliance.core.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from appliance.core.linear import Float32, Traits

DECAY = 1e-6


@dataclass(slots=True)
class Weights:
    """Some weights, and what Adam remembers of their slopes; the longer the `slower` is, of the squares."""

    value: Float32
    rate: float = 1.0
    slower: float = 0.999
    first: Float32 = field(init=False)
    second: Float32 = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.second = np.zeros_like(self.value), np.zeros_like(self.value)

    def step(
        self, slope: Float32, steps: int, share: float, rows: NDArray[np.intp] | slice = slice(None)
    ) -> None:
        """Go step number `steps` against the slope of these rows, by this share of the rate."""
        first = self.first[rows] = 0.9 * self.first[rows] + 0.1 * slope
        second = self.second[rows] = self.slower * self.second[rows] + (1 - self.slower) * slope * slope
        spread = np.sqrt(second / (1 - self.slower**steps)) + 1e-8
        self.value[rows] -= (self.rate * share * first / (1 - 0.9**steps) / spread).astype(np.float32)


class Learner:
    """Its weights are those of each kind of input, with a column for each class, and the bias at the end."""

    def __init__(self, *shapes: tuple[int, ...]) -> None:
        self._weights = [Weights(np.zeros(shape, np.float32), slower=0.99) for shape in shapes]
        self.steps = 0

    @property
    def values(self) -> list[Float32]:
        """What was learnt."""
        return [each.value for each in self._weights]

    def learn(self, inputs: Sequence[Float32], wanted: Float32, rate: float) -> None:
        """Go one step towards what is wanted for these rows of each kind of input."""
        *kinds, bias = self.values
        scores = sum((rows @ kind for rows, kind in zip(inputs, kinds, strict=True)), start=bias)
        off = (chances(scores) - wanted) / len(wanted)
        slopes = [rows.T @ off + DECAY * kind for rows, kind in zip(inputs, kinds, strict=True)]
        self.steps += 1
        for weights, slope in zip(self._weights, [*slopes, off.sum(axis=0)], strict=True):
            weights.step(slope, self.steps, rate)


def chances(scores: Float32) -> Float32:
    """Rows of scores as chances that make 1 together."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Float32 = raised / raised.sum(axis=1, keepdims=True)
    return found


def batches(count: int, size: int, epochs: int, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Every row once in each epoch, in another order each time, in batches of this size."""
    for _ in range(epochs):
        order = chance.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]


def dense(traits: Sequence[Traits], width: int) -> Float32:
    """A row of numbers for each text."""
    rows = np.zeros((len(traits), width), np.float32)
    for line, each in enumerate(traits):
        rows[line, each.rows] = each.shares
    return rows
