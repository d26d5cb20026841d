"""How crowded it is about a passage: how near its neighbours are, by a fair sample of the index. Pure.

A question that is as near to a passage as others of the same subject are says little. May import: the
standard library, numpy, kb.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.found import Passage
from kb.words import number

Float32 = NDArray[np.float32]

MOST = 2048
"""Passages that each is held against: all of a small office's."""
CLOSEST = 5
USUAL = 0.3
"""How near neighbours are at least, as a rule."""


class Crowd:
    """Sees all embeddings once, keeps a sample, and then tells of each."""

    def __init__(self, size: int) -> None:
        self._chance = np.random.default_rng(0)
        self._sections: dict[int, int] = {}
        self.sample = np.zeros((0, size), np.float32)
        self._of = np.zeros(0, np.int64)

    @property
    def seen(self) -> int:
        """How many embeddings there were."""
        return len(self._sections)

    def see(self, passages: Sequence[Passage], vectors: Float32) -> None:
        """Take some passages and their embeddings."""
        sections = np.array([number(f"{each.doc_id} {each.head}") for each in passages], np.int64)
        room = max(0, MOST - len(self.sample))
        self.sample = np.concatenate([self.sample, vectors[:room]])
        self._of = np.concatenate([self._of, sections[:room]])
        for place, (passage, section) in enumerate(zip(passages, sections, strict=True)):
            self._sections[passage.chunk_id] = int(section)
            drawn = int(self._chance.integers(len(self._sections)))
            if place >= room and drawn < MOST:
                self.sample[drawn], self._of[drawn] = vectors[place], section

    def about(self, ids: Sequence[int], vectors: Float32) -> list[float]:
        """The mean cosine to the closest of other sections, for each of these."""
        sections = np.array([self._sections[each] for each in ids], np.int64)
        near = vectors @ self.sample.T
        near[sections[:, None] == self._of[None, :]] = USUAL
        # A small index says nothing of how crowded a subject is.
        padded = np.pad(near, ((0, 0), (0, CLOSEST)), constant_values=USUAL)
        return [float(each) for each in np.sort(padded, axis=1)[:, -CLOSEST:].mean(axis=1)]
