"""How crowded it is about a passage."""

import numpy as np
import pytest

from kb.crowd import MOST, USUAL, Crowd
from tests.kb.passages import SIZE, passage, vectors


def test_who_has_close_neighbours_is_told_from_who_has_none() -> None:
    made = vectors(12)
    made[:8] = made[0] + 0.1 * vectors(8, seed=2)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    crowd, told = Crowd(SIZE), [passage(n, "x", doc_id=n) for n in range(1, 13)]
    crowd.see(told, made)
    about = crowd.about(range(1, 13), made)
    assert min(about[:8]) > 0.9
    assert max(about[8:]) < 0.6


def test_the_passages_of_its_own_section_are_no_neighbours() -> None:
    made = np.repeat(vectors(1), 9, axis=0)
    crowd = Crowd(SIZE)
    crowd.see([passage(n, "x", doc_id=7) for n in range(1, 10)], made)
    assert crowd.about([3], made[:1]) == [pytest.approx(USUAL)]


def test_a_sample_is_kept_of_many() -> None:
    crowd = Crowd(SIZE)
    for start in range(0, 3 * MOST, MOST):
        crowd.see([passage(start + n, "x", doc_id=start + n) for n in range(MOST)], vectors(MOST, seed=start))
    assert (len(crowd.sample), crowd.seen) == (MOST, 3 * MOST)
    kept = {each.tobytes() for each in crowd.sample}
    ours = {each.tobytes() for each in vectors(MOST, seed=0)}
    assert len(kept) == MOST
    assert 0.2 < len(kept & ours) / MOST < 0.47
