"""The classifier of wishes: a linear model over words, pieces of words and, where there is one, an embedding.

Its weights are made from the languages' examples by scripts/train_intents.py. Pure, but for reading them.
May import: the standard library, numpy, appliance.core.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from appliance.core import traits
from appliance.core.linear import Float32, Linear, Traits, chances, stored_in, weighed
from appliance.core.wishes import Intent

SHIPPED = Path(__file__).parent / "intents.npz"
INTENTS = tuple(Intent)


@dataclass(slots=True)
class Classifier:
    """Weights of traits, a column for each wish, and a row for each number of an embedding."""

    linear: Linear
    meaning: Float32

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """The weights in this file, or those that ship. Raises WeightsUnreadable."""
        path = path or SHIPPED
        linear = Linear.load(path)
        with stored_in(path) as stored:
            return cls(linear, stored["meaning"].astype(np.float32))

    def taken(self, tokens: list[str], marked: list[str]) -> Traits:
        """The traits of an utterance that the classifier knows."""
        groups = (traits.word_traits(tokens, marked), traits.piece_traits(tokens))
        return weighed(self.linear.places, groups)

    def meant(self, embedding: Float32) -> Float32:
        """What an embedding by the network that ships says for each wish, to be added to what words say."""
        found: Float32 = embedding @ self.meaning
        return found

    def chances(self, traits: Traits, meant: Float32) -> dict[Intent, float]:
        """How likely each wish is, by the words and by what is meant."""
        scores: Float32 = self.linear.scores(traits) + meant
        return dict(zip(INTENTS, chances(scores).tolist(), strict=True))
