"""Passages and embeddings for tests of the index. May import: numpy, kb."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kb.found import Passage
from kb.index import Row

SIZE = 64
MODEL = "of-tests"


def passage(
    number: int, text: str, *, title: str = "Guide", language: str = "en", doc_id: int = 1
) -> Passage:
    """A passage of a document."""
    return Passage(number, doc_id, f"doc-{doc_id}", title, ("Visits",), language, text)


def vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Embeddings in random directions."""
    made = np.random.default_rng(seed).normal(size=(count, SIZE)).astype(np.float32)
    unit: NDArray[np.float32] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def rows(texts: list[str], *, language: str = "en") -> Iterator[Row]:
    """A row for each text, with an embedding."""
    for number, (text, vector) in enumerate(zip(texts, vectors(len(texts)), strict=True), start=1):
        yield Row(passage(number, text, language=language), vector.tobytes())
