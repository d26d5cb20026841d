"""Which language a caller speaks, held against everything that we have written down of callers."""

import json
from pathlib import Path

import pytest

from appliance.core.tongue import spoken

DATA = Path(__file__).parent.parent / "data"
FILES = sorted([*DATA.glob("phrases/e*.jsonl"), *DATA.glob("intents/e*.jsonl")])
OTHER = ("english", "spanish", "español", "espanol")
"""Who asks for the other language does so in either."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_the_language_is_told_or_left_open_and_hardly_ever_wrong(path: Path) -> None:
    texts = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    texts = [text for text in texts if not any(name in text for name in OTHER)]
    told = [spoken(text) for text in texts]
    assert told.count(path.stem[:2]) >= 0.5 * len(texts)
    wrong = [text for text, language in zip(texts, told, strict=True) if language not in ("", path.stem[:2])]
    assert len(wrong) <= 0.005 * len(texts), wrong


@pytest.mark.parametrize("text", ["", "no", "Carmen Ruiz", "555 0100", "la la la", "taxi hotel radio"])
def test_what_is_no_language_is_none(text: str) -> None:
    assert spoken(text) == ""
