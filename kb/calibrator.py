"""How sure a search may be, from what speaks for a passage: weights that were learnt once and ship with it.

There are weights for each embedding model, language and kind of passage. They are never negative, so that
more evidence never makes a passage less sure. `scripts/train_kb.py` learns them. May import: the standard
library, numpy, orjson, appliance.core, kb.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from appliance.core.errors import AttendantError
from kb.evidence import FEATURES, Evidence, Kind

SHIPPED = Path(__file__).parent / "calibrated.json"
WORDS_ALONE = "-"
"""Stands for the embedding model where there is none."""
ANY = "*"
"""Stands for a model, or a language, that was not learnt from."""
STEEPEST = 50.0

Float = NDArray[np.float64]


class CalibrationUnreadable(AttendantError):
    """The file of weights is missing or is something else."""


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Weights of the features, in their order, and a bias: a row each for each kind of passage."""

    weights: Float
    biases: Float

    def confidence(self, evidence: Evidence) -> Float:
        """The share of passages with such evidence that answer, 0..1."""
        weighed = (evidence.features * self.weights[evidence.kinds]).sum(axis=1) + self.biases[evidence.kinds]
        found: Float = 1 / (1 + np.exp(-np.clip(weighed, -STEEPEST, STEEPEST)))
        return found


@dataclass(frozen=True, slots=True)
class Calibrators:
    """Those of all models and languages."""

    known: Mapping[str, Mapping[str, Calibrator]]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Those in this file. Raises CalibrationUnreadable."""
        try:
            told = orjson.loads(path.read_bytes())
            return cls(
                {
                    model: {language: _calibrator(kinds) for language, kinds in languages.items()}
                    for model, languages in told.items()
                }
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            raise CalibrationUnreadable(f"The weights in {path} cannot be read: {exc}") from exc

    @staticmethod
    @cache
    def shipped() -> "Calibrators":
        """Those that ship."""
        return Calibrators.load(SHIPPED)

    def confidence(self, evidence: Evidence, model: str | None, language: str) -> Float:
        """How sure each of the candidates is; `model` made the embeddings, None: by words alone."""
        languages = self.known.get(WORDS_ALONE if model is None else model, self.known[ANY])
        return languages.get(language, languages[ANY]).confidence(evidence)


def _calibrator(kinds: Mapping[str, Mapping[str, float]]) -> Calibrator:
    rows = [kinds[kind.name.lower()] for kind in Kind]
    weights = np.array([[float(row.get(name, 0.0)) for name in FEATURES] for row in rows])
    if (weights < 0).any():
        raise ValueError("a weight is negative")
    return Calibrator(weights, np.array([float(row["bias"]) for row in rows]))
