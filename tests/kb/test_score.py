"""The figures of a set, held against what they mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.score import Judged, auroc, calibration_error, scored, wrong_at_recall

SURE = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5001, 0.9, 1.0]), min_size=1, max_size=30)


@given(SURE, SURE)
def test_auroc_is_how_often_one_with_an_answer_is_held_surer(sure: list[float], unsure: list[float]) -> None:
    counted = [(a > b) + (a == b) / 2 for a in sure for b in unsure]
    assert auroc(np.array(sure), np.array(unsure)) == pytest.approx(sum(counted) / len(counted))


@given(SURE, SURE)
def test_at_the_threshold_of_the_recall_that_share_is_answered(
    sure: list[float], unsure: list[float]
) -> None:
    wrong = wrong_at_recall(np.array(sure), np.array(unsure), 0.95)
    reached = [t for t in sure if sum(each >= t for each in sure) >= 0.95 * len(sure)]
    assert wrong == pytest.approx(sum(each >= max(reached) for each in unsure) / len(unsure))


def test_who_is_right_as_often_as_it_says_is_not_off() -> None:
    sure = np.array([0.25] * 400 + [0.75] * 400)
    right = np.array([1.0, 0.0, 0.0, 0.0] * 100 + [1.0, 1.0, 1.0, 0.0] * 100)
    assert calibration_error(sure, right) == pytest.approx(0.0)
    assert calibration_error(sure, 1 - right) == pytest.approx(0.5)


def test_the_figures_of_a_small_set() -> None:
    told = scored(
        [
            Judged(True, 1, 0.9),
            Judged(True, 2, 0.8),
            Judged(True, 0, 0.3),
            Judged(True, 4, 0.7),
            Judged(False, 0, 0.5),
            Judged(False, 0, 0.1),
        ]
    )
    assert (told.queries, told.answerable, told.hit_at_1, told.hit_at_3) == (6, 4, 0.25, 0.5)
    assert told.mrr == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)
    assert told.auroc == pytest.approx(7 / 8)
    assert told.wrong_at_95 == 0.5


def test_a_set_in_which_everything_has_an_answer_tells_nothing_of_what_has_none() -> None:
    told = scored([Judged(True, 1, 0.9)])
    assert (told.auroc, told.wrong_at_95, told.hit_at_1) == (None, None, 1.0)
