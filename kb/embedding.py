"""Passages as vectors. A question with its answer is near to what is asked alike, and to what it says.

May import: the standard library, numpy, appliance.core, kb.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.core.ports import Embedder
from kb.found import Passage

ASKED = 1 / 3
"""The share of its question in the vector of an answer."""


def embedded(embedder: Embedder, passages: Sequence[Passage]) -> NDArray[np.float32]:
    """A row a passage, in order, each of length 1; all embeddings of passages are made here."""
    made = np.array(embedder.embed([each.to_embed for each in passages]), np.float32)
    pairs = [place for place, each in enumerate(passages) if each.question]
    if pairs:
        asked = embedder.embed([passages[place].question or "" for place in pairs], asked=True)
        mixed = (1 - ASKED) * made[pairs] + ASKED * asked
        made[pairs] = mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-12)
    return made
