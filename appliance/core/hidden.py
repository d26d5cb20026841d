"""A hidden layer over the traits of linear weights: what words mean together that they do not mean alone.

Its weights stay in a byte each, as they are kept in the file. Pure, but for reading the file.
May import: the standard library, numpy, appliance.core.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from appliance.core.linear import Float32, Traits, in_bytes, stored_in


@dataclass(slots=True)
class Hidden:
    """`weights` (a row for each trait) times `scale` lead to units, these by `outer` to the classes."""

    weights: NDArray[np.int8]
    scale: Float32
    bias: Float32
    outer: Float32

    @classmethod
    def load(cls, path: Path) -> Self:
        """The layer in this file. Raises WeightsUnreadable."""
        with stored_in(path) as stored:
            if len(stored["inner"]) != len(stored["numbers"]):
                raise ValueError("its layer is of other traits")
            return cls(stored["inner"], stored["inner_scale"], stored["inner_bias"], stored["outer"])

    @classmethod
    def of(cls, weights: Float32, bias: Float32, outer: Float32) -> Self:
        """A layer of weights that were learnt."""
        small, scale = in_bytes(weights)
        return cls(small, scale, bias, outer)

    def scores(self, traits: Traits) -> Float32:
        """What it adds for each class."""
        units = traits.shares @ self.weights[traits.rows].astype(np.float32) * self.scale + self.bias
        found: Float32 = np.maximum(units, 0) @ self.outer
        return found

    def packed(self) -> dict[str, NDArray[np.generic]]:
        """What `load` reads."""
        return {
            "inner": self.weights,
            "inner_scale": self.scale,
            "inner_bias": self.bias,
            "outer": self.outer,
        }
