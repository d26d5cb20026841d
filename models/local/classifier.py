"""The classifier of wishes: a linear model over words, pieces of words and, where there is one, an embedding.

Its weights are made from the languages' examples by scripts/train_intents.py. Pure, but for reading them.
May import: the standard library, numpy, appliance.core, models.local.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from appliance.core.errors import AttendantError
from appliance.core.wishes import Intent
from models.local import traits

Float32 = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "intents.npz"
INTENTS = tuple(Intent)


class ClassifierFailed(AttendantError):
    """The weights of the classifier cannot be read."""


@dataclass(frozen=True, slots=True)
class Traits:
    """An utterance as the classifier takes it: rows of its weights, and how much each counts."""

    rows: NDArray[np.int32]
    shares: Float32


@dataclass(slots=True)
class Classifier:
    """Weights: a row for each trait and for each number of an embedding, a column for each wish."""

    place: dict[int, int]
    traits: Float32
    meaning: Float32
    bias: Float32

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Self:
        """The weights in this file."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                scaled = stored["traits"].astype(np.float32) * stored["scale"]
                place = {int(number): row for row, number in enumerate(stored["numbers"])}
                return cls(place, scaled, stored["meaning"].astype(np.float32), stored["bias"])
        except (OSError, ValueError, KeyError) as exc:
            raise ClassifierFailed(f"The weights in {path} cannot be read: {exc}") from exc

    def taken(self, tokens: list[str], marked: list[str]) -> Traits:
        """The traits of an utterance that the classifier knows."""
        groups = (traits.word_traits(tokens, marked), traits.piece_traits(tokens))
        return weighed(self.place, groups)

    def chances(self, traits: Traits, meaning: Float32 | None) -> dict[Intent, float]:
        """How likely each wish is."""
        scores = self.bias + traits.shares @ self.traits[traits.rows]
        if meaning is not None:
            scores = scores + meaning @ self.meaning
        raised = np.exp(scores - scores.max())
        return dict(zip(INTENTS, (raised / raised.sum()).tolist(), strict=True))


def weighed(place: dict[int, int], groups: Iterable[set[int]]) -> Traits:
    """The known traits of each group, so that a long utterance weighs as much as a short one."""
    rows: list[int] = []
    shares: list[float] = []
    for group in groups:
        known = sorted(place[number] for number in group if number in place)
        rows += known
        shares += [max(1, len(known)) ** -0.5] * len(known)
    return Traits(np.array(rows, np.int32), np.array(shares, np.float32))
