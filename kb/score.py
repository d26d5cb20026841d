"""How well a search did on a set of questions: what came first, and did it know when it did not know. Pure.

May import: the standard library, numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
RECALL = 0.95

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question: has it an answer, the place of the first right hit (from 1; 0: none), how sure it was."""

    answerable: bool
    place: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of 1; None where the set has no question by which it could be told."""

    queries: int
    answerable: int
    hit_at_1: float | None
    hit_at_3: float | None
    mrr: float | None
    auroc: float | None
    """How often a question with an answer is held surer than one without."""
    wrong_at_95: float | None
    """Of the questions without an answer, those answered when 95 % of the others are."""
    ece: float
    """By how much confidence is off, on average over ten bins with as many questions each."""


def scored(judged: Sequence[Judged]) -> Score:
    """The figures of a set."""
    places = np.array([each.place for each in judged if each.answerable])
    sure = np.array([each.confidence for each in judged])
    has = np.array([each.answerable for each in judged], np.bool_)
    right = np.array([each.answerable and each.place == 1 for each in judged], np.float64)
    both = bool(has.any() and not has.all())
    return Score(
        queries=len(judged),
        answerable=len(places),
        hit_at_1=_share(places == 1),
        hit_at_3=_share((places >= 1) & (places <= 3)),
        mrr=_share(np.where((places >= 1) & (places <= 10), 1 / np.maximum(places, 1), 0.0)),
        auroc=auroc(sure[has], sure[~has]) if both else None,
        wrong_at_95=wrong_at_recall(sure[has], sure[~has]) if both else None,
        ece=calibration_error(sure, right),
    )


def _share(values: NDArray[np.bool_] | Float) -> float | None:
    return float(values.mean()) if len(values) else None


def auroc(sure: Float, unsure: Float) -> float:
    """The chance that one of the first is greater than one of the second; even ones count half."""
    ranked = np.sort(unsure)
    below, through = ranked.searchsorted(sure, "left"), ranked.searchsorted(sure, "right")
    return float((below + through).mean() / 2 / len(unsure))


def wrong_at_recall(sure: Float, unsure: Float, recall: float = RECALL) -> float:
    """The share of the second that reaches the threshold that this share of the first reaches."""
    threshold = np.sort(sure)[len(sure) - int(np.ceil(recall * len(sure)))]
    return float((unsure >= threshold).mean())


def calibration_error(sure: Float, right: Float) -> float:
    """How far the mean confidence is from the share that was right, over bins with as many questions each."""
    order = np.argsort(sure, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    off = sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in bins)
    return float(off / max(1, len(sure)))
