"""Makes the weights by which a search is as sure as it is right: `python -m scripts.train_kb` (minutes).

It learns from the sets in tests/data/kb and prints what it reaches on articles that it did not learn from,
and on sets that it did not learn from. The same data give the same weights on one machine. May import: the
standard library, click, numpy, orjson, scripts, kb, models.
"""

from collections.abc import Callable, Sequence
from typing import Any

import click
import numpy as np
import orjson
from numpy.typing import NDArray

from kb.calibrator import ANY, SHIPPED, WORDS_ALONE, Calibrator
from kb.evidence import FEATURES, OF_WORDS, Kind
from kb.score import Judged, scored
from scripts.kb_cases import Case, Remembering, cases

Float = NDArray[np.float64]
FOLDS = 5
HARD = 8
"""Candidates of each question that the order is learnt from."""
FEWEST = 40
"""Articles or threads from which a kind of passage learns an order of its own."""
RIDGE = {Kind.TEXT: 1e-2, Kind.PAIR: 3e-3, Kind.FOREIGN: 1e-2}
"""What keeps weights small, so that no feature is leant on alone; found by what other articles said to it."""
BEYOND_COUNTS = 3.0
"""A question out of any scope counts as so many: callers ask more such than the sets have."""
WITH_MODEL = tuple(name for name in FEATURES if name != "spread")
OF_ANY_MODEL = (*OF_WORDS, "spread")


def logistic(told: Float, right: Float, shares: Float, ridge: float = 1e-3) -> Float:
    """Weights, none of them negative, and a bias: the most likely ones (Newton's method)."""
    free = list(range(told.shape[1]))
    made = np.zeros(told.shape[1] + 1)
    while True:
        made[:] = 0.0
        used = [*free, told.shape[1]]
        made[used] = _newton(np.column_stack([told[:, free], np.ones(len(told))]), right, shares, ridge)
        wrong = [each for each in free if made[each] < 0]
        if not wrong:
            return made
        free.remove(min(wrong, key=lambda each: made[each]))


def _newton(told: Float, right: Float, shares: Float, strength: float) -> Float:
    made = np.zeros(told.shape[1])
    ridge = np.full(len(made), strength)
    ridge[-1] = 1e-9
    for _ in range(60):
        sure = 1 / (1 + np.exp(-np.clip(told @ made, -30, 30)))
        slope = told.T @ (shares * (right - sure)) - ridge * made
        bend = (told * (shares * sure * (1 - sure))[:, None]).T @ told + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        made += step
        if np.abs(step).max() < 1e-7:
            break
    return made


def _shares(given: Sequence[Case]) -> Float:
    """How much each case counts: a set ten times as large counts three times as much."""
    names = [case.name for case in given]
    counts = {name: names.count(name) for name in set(names)}
    made: Float = np.array(
        [counts[case.name] ** -0.5 * (BEYOND_COUNTS if case.beyond else 1) for case in given]
    )
    made /= made.sum()
    return made


def _order(given: Sequence[Case], columns: list[int], ridge: float) -> Float:
    """The weights that put what answers first: learnt from the candidates that are hardest to tell apart."""
    weights = np.ones(len(FEATURES) + 1)
    weights[[each for each in range(len(FEATURES)) if each not in columns]] = 0.0
    shares = _shares(given)
    for _ in range(3):
        rows, right, counts = [], [], []
        for case, share in zip(given, shares, strict=True):
            told = case.evidence.features
            hard = np.argsort(-(told @ weights[:-1]), kind="stable")[:HARD]
            rows.append(told[hard][:, columns])
            right.append(case.right[hard])
            counts.append(np.full(len(hard), share))
        made = logistic(
            np.concatenate(rows), np.concatenate(right).astype(float), np.concatenate(counts), ridge
        )
        weights[columns], weights[-1] = made[:-1], made[-1]
    return weights


def _sure(given: Sequence[Case], weights: Float) -> Float:
    """The same weights stretched and moved, so that the first candidate is right as often as they say."""
    best = [(case, float((case.evidence.features @ weights[:-1] + weights[-1]).max())) for case in given]
    right = np.array([_first(case, weights) for case in given], np.float64)
    made = logistic(np.array([[score] for _, score in best]), right, _shares(given))
    stretched: Float = weights * made[0]
    stretched[-1] += made[1]
    return stretched


def _first(case: Case, weights: Float) -> bool:
    return bool(case.right[int((case.evidence.features @ weights[:-1]).argmax())])


def learnt(given: Sequence[Case], names: Sequence[str]) -> Calibrator:
    """The calibrator of a language by these features: weights for each kind of passage."""
    columns = [FEATURES.index(name) for name in names]
    asked = [case for case in given if len(case.right)]
    own = [case for case in asked if _kind(case) is not Kind.FOREIGN]
    rows = []
    for kind in Kind:
        of_kind = [case for case in asked if _kind(case) is kind] or own
        many = len({case.group for case in of_kind}) >= FEWEST or kind is Kind.FOREIGN
        weights = _order(of_kind if many else own, columns, RIDGE[kind])
        rows.append(_sure(of_kind, weights))
    made = np.array(rows)
    return Calibrator(made[:, :-1], made[:, -1])


def _kind(case: Case) -> Kind:
    return Kind(int(np.bincount(case.evidence.kinds, minlength=len(Kind)).argmax()))


def judged(case: Case, calibrator: Calibrator) -> Judged:
    """What a search with this calibrator makes of a case; a document may be several candidates."""
    if not len(case.right):
        return Judged(case.answerable, 0, 0.0)
    sure = calibrator.confidence(case.evidence)
    order = np.argsort(-sure, kind="stable")
    place = int(case.right[order].argmax()) + 1 if case.right.any() else 0
    return Judged(case.answerable, place, float(sure[order[0]]))


def report(title: str, told: dict[str, list[Judged]], beyond: dict[str, list[Judged]]) -> None:
    """Print the figures of each set."""
    click.echo(title)
    for name, each in told.items():
        score = scored(each)
        strays = beyond.get(name, [])
        share = f"{sum(case.confidence >= 0.55 for case in strays) / len(strays):.3f}" if strays else "-"
        click.echo(
            f"  {name:24} hit@1 {score.hit_at_1:.3f} AUROC {score.auroc or 0:.3f} wrong@95"
            f" {score.wrong_at_95 or 0:.3f} ECE {score.ece:.3f} beyond {share}"
        )


def crossed(
    given: Sequence[Case], names: Sequence[str], parts: Callable[[Case], Any]
) -> tuple[dict[str, list[Judged]], dict[str, list[Judged]]]:
    """Each part judged by what was learnt from the others."""
    told: dict[str, list[Judged]] = {}
    beyond: dict[str, list[Judged]] = {}
    for part in sorted({parts(case) for case in given if case.whole}):
        rest = [case for case in given if parts(case) != part]
        if not rest:
            continue
        calibrator = learnt(rest, names)
        for case in given:
            if parts(case) == part and case.whole:
                (beyond if case.beyond else told).setdefault(case.name, []).append(judged(case, calibrator))
    return told, beyond


def main() -> None:
    """Learn, report and keep the weights."""
    embedder = Remembering()
    given = list(cases(embedder))
    groups = sorted({case.group for case in given})
    folds = dict(zip(groups, np.random.default_rng(1).integers(FOLDS, size=len(groups)), strict=True))
    kept: dict[str, dict[str, Calibrator]] = {}
    for model, names in ((embedder.model_id, WITH_MODEL), (ANY, OF_ANY_MODEL), (WORDS_ALONE, OF_WORDS)):
        kept[model] = {}
        for language in ("en", "es"):
            of_language = [case for case in given if case.language == language]
            kept[model][language] = learnt(of_language, names)
            report(
                f"{model} {language}, other articles", *crossed(of_language, names, lambda c: folds[c.group])
            )
            report(f"{model} {language}, other sets", *crossed(of_language, names, lambda c: c.name))
        kept[model][ANY] = kept[model]["es"]
    SHIPPED.write_bytes(orjson.dumps(_told(kept), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def _told(kept: dict[str, dict[str, Calibrator]]) -> dict[str, Any]:
    return {
        model: {code: _kinds(each) for code, each in languages.items()} for model, languages in kept.items()
    }


def _kinds(told: Calibrator) -> dict[str, dict[str, float]]:
    return {
        kind.name.lower(): {
            "bias": round(float(told.biases[kind]), 3),
            **{
                name: round(float(each), 3)
                for name, each in zip(FEATURES, told.weights[kind], strict=True)
                if each
            },
        }
        for kind in Kind
    }


if __name__ == "__main__":
    main()
