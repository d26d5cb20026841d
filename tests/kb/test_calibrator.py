"""How sure a search is: always a share, and never less sure for more evidence."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.calibrator import ANY, SHIPPED, WORDS_ALONE, CalibrationUnreadable, Calibrators
from kb.evidence import FEATURES, Evidence, Kind
from models.embed import SHIPPED as MODEL

NUMBER = st.floats(-2, 2, allow_nan=False)
ROW = st.lists(NUMBER, min_size=len(FEATURES), max_size=len(FEATURES))
KNOWN = st.sampled_from([MODEL.name, "a model that nobody knows", None])
LANGUAGES = st.sampled_from(["en", "es", "fr", ""])


def _evidence(row: list[float], kind: Kind) -> Evidence:
    return Evidence(np.array([1]), np.array([kind]), np.array([row]))


@given(ROW, st.sampled_from(list(Kind)), KNOWN, LANGUAGES)
def test_confidence_is_a_share(row: list[float], kind: Kind, model: str | None, language: str) -> None:
    (sure,) = Calibrators.shipped().confidence(_evidence(row, kind), model, language)
    assert 0 <= sure <= 1


@given(ROW, st.integers(0, len(FEATURES) - 1), st.floats(0, 2), st.sampled_from(list(Kind)), KNOWN, LANGUAGES)
def test_more_evidence_is_never_less_sure(
    row: list[float], place: int, more: float, kind: Kind, model: str | None, language: str
) -> None:
    stronger = list(row)
    stronger[place] += more
    calibrators = Calibrators.shipped()
    before = calibrators.confidence(_evidence(row, kind), model, language)
    assert calibrators.confidence(_evidence(stronger, kind), model, language) >= before


def test_words_alone_and_unknown_models_have_weights_of_their_own() -> None:
    known = Calibrators.shipped().known
    assert {MODEL.name, ANY, WORDS_ALONE} == set(known)
    for model, languages in known.items():
        assert {"en", "es", ANY} <= set(languages)
        for calibrator in languages.values():
            near = calibrator.weights[:, FEATURES.index("near")]
            assert near.any() == (model == MODEL.name)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"*": {"en": {}}}',
        SHIPPED.read_bytes().replace(b'"near": ', b'"near": -'),
        SHIPPED.read_bytes()[:-20],
    ],
)
def test_what_is_no_table_of_weights_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.json"
    path.write_bytes(content)
    with pytest.raises(CalibrationUnreadable, match="cannot be read"):
        Calibrators.load(path)


def test_the_weights_are_few() -> None:
    told = orjson.loads(SHIPPED.read_bytes())
    assert all(len(kinds) == len(Kind) for languages in told.values() for kinds in languages.values())
