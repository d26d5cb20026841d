"""A softmax over traits with a hidden layer beside it, learnt in small batches (Adam) in numpy.

A batch has some thousands of all the traits: only their rows are touched. Some traits and some units are left
out at random each time, so that none is relied upon. The same data give the same weights on one machine.
May import: the standard library, numpy, appliance.core, scripts.softmax.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.core.linear import Float32, Traits
from scripts.softmax import DECAY, Weights, batches, chances

BATCH = 128
LINEAR_RATE, RATE = 0.02, 0.004
"""The first steps of the linear weights, and of all others; they get smaller to the end."""
TRAITS_OUT, UNITS_OUT = 0.25, 0.3
SMOOTHED = 0.02
"""How much of what is wanted is spread over all classes: some sentences are labelled wrongly."""
SPREAD = 0.1


class Layered:
    """`linear` and `inner` have a row for each trait, `outer` a row for each hidden unit."""

    def __init__(self, width: int, classes: int, units: int, chance: np.random.Generator) -> None:
        self._chance = chance
        self._steps = 0
        drawn = chance.standard_normal((width, units)), chance.standard_normal((units, classes))
        self.linear = Weights(np.zeros((width, classes), np.float32), LINEAR_RATE)
        self.bias = Weights(np.zeros(classes, np.float32), RATE)
        self.inner = Weights((SPREAD * drawn[0]).astype(np.float32), RATE)
        self.inner_bias = Weights(np.zeros(units, np.float32), RATE)
        self.outer = Weights((drawn[1] * max(1, units) ** -0.5).astype(np.float32), RATE)

    def learn(self, told: Sequence[Traits], wanted: Float32, share: float) -> None:
        """Go one step, of this share of the first, towards what is wanted for these texts."""
        self._steps += 1
        rows, texts = self._seen(told)
        units = texts @ self.inner.value[rows] + self.inner_bias.value
        kept = (self._chance.random(units.shape) > UNITS_OUT) / np.float32(1 - UNITS_OUT)
        raised = np.maximum(units, 0) * kept
        scores = texts @ self.linear.value[rows] + raised @ self.outer.value + self.bias.value
        off = ((chances(scores) - wanted) / len(told)).astype(np.float32)
        back = (off @ self.outer.value.T * kept * (units > 0)).astype(np.float32)
        every = slice(None)
        for weights, slope, of in (
            (self.linear, texts.T @ off + DECAY * self.linear.value[rows], rows),
            (self.inner, texts.T @ back, rows),
            (self.inner_bias, back.sum(axis=0), every),
            (self.outer, raised.T @ off, every),
            (self.bias, off.sum(axis=0), every),
        ):
            weights.step(slope, self._steps, share, of)

    def _seen(self, told: Sequence[Traits]) -> tuple[NDArray[np.intp], Float32]:
        """The rows that these texts have, and a line of numbers for each text; some traits are left out."""
        places = np.concatenate([each.rows for each in told])
        shares = np.concatenate([each.shares for each in told])
        lines = np.repeat(np.arange(len(told)), [len(each.rows) for each in told])
        kept = self._chance.random(len(places)) > TRAITS_OUT
        rows, columns = np.unique(places[kept], return_inverse=True)
        texts = np.zeros((len(told), len(rows)), np.float32)
        texts[lines[kept], columns] = shares[kept] * np.float32((1 - TRAITS_OUT) ** -0.5)
        return rows, texts


def learnt(
    told: Sequence[Traits], labels: NDArray[np.int64], shape: tuple[int, int, int], epochs: int, seed: int
) -> Layered:
    """What is learnt of texts and the number of each one's class; `shape`: traits, classes, hidden units."""
    chance = np.random.default_rng(seed)
    classes = shape[1]
    made = Layered(*shape, chance)
    wanted = np.eye(classes, dtype=np.float32)[labels] * np.float32(1 - SMOOTHED) + SMOOTHED / classes
    total = epochs * (len(told) // BATCH)
    for step, batch in enumerate(batches(len(told), BATCH, epochs, chance)):
        made.learn([told[each] for each in batch], wanted[batch], max(0.02, 1 - step / total))
    return made
