"""Questions for medical advice are told from those that documents answer, in sets of callers' sentences."""

import json
from pathlib import Path

import pytest

from appliance.core.phrases.advice import asks_advice
from tests.clinic_documents import DOCUMENTS

SETS = Path(__file__).parents[1] / "data" / "advice"


def lines(name: str, label: str) -> list[str]:
    rows = [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [row["text"] for row in rows if row["label"] == label]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("en", 0.99),
        ("es", 0.99),
        ("en_fresh", 0.95),
        ("es_fresh", 0.9),
        ("en_unseen", 0.9),
        ("es_unseen", 0.9),
    ],
)
def test_who_asks_for_advice_is_heard(name: str, least: float) -> None:
    asked = lines(name, "advice")
    missed = [text for text in asked if not asks_advice(text)]
    assert len(missed) <= (1 - least) * len(asked), missed


@pytest.mark.parametrize("name", ["en", "es", "en_fresh", "es_fresh", "en_unseen", "es_unseen"])
def test_what_the_office_can_answer_is_none(name: str) -> None:
    assert [text for text in lines(name, "not") if asks_advice(text)] == []


def test_the_written_sets_are_large_enough() -> None:
    for name in ("en", "es"):
        assert len(lines(name, "advice")) + len(lines(name, "not")) >= 120


def test_the_headings_of_the_clinic_are_no_questions_for_advice() -> None:
    headings = [
        line.strip("# ")
        for file in DOCUMENTS.glob("*/*.md")
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("#")
    ]
    assert [heading for heading in headings if asks_advice(heading)] == []


def test_nothing_asks_for_nothing() -> None:
    assert not asks_advice("")
    assert not asks_advice("?!... ,")
