"""Passages as vectors: an answer is near to its question, and to what it says."""

import numpy as np

from kb.embedding import embedded
from kb.found import Passage
from models.embed import Embedder


def _passage(question: str | None) -> Passage:
    return Passage(1, 1, "guide", "Guide", (), "en", "There is a garage behind the house.", question)


def test_an_answer_is_nearer_to_its_question_than_its_text_alone() -> None:
    embedder = Embedder()
    question = "Where can I park?"
    text, pair = embedded(embedder, [_passage(None), _passage(question)])
    [whole, asked] = embedder.embed([_passage(question).to_embed, question])
    assert pair @ asked > whole @ asked
    assert pair @ whole > 0.9
    assert np.allclose(np.linalg.norm([text, pair], axis=1), 1, atol=1e-5)


def test_nothing_is_embedded_to_nothing() -> None:
    assert embedded(Embedder(), []).shape == (0, 384)
