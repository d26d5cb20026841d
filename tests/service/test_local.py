"""The local assistant's faculties: weights that cannot be read cost one step, never the start."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from appliance.core.phrases import Finding, likeness
from appliance.core.settings import Settings
from appliance.core.speech_settings import Local
from appliance.service.local import LocalAssistant
from models.local import classifier


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Weights that were cut short."""
    path = tmp_path / "cut_short.npz"
    path.write_bytes(likeness.SHIPPED.read_bytes()[:1000])
    return path


async def opened(folder: Path, stack: AsyncExitStack) -> LocalAssistant:
    assistant = LocalAssistant(Settings.model_validate({"box": {"data_dir": str(folder)}}))
    await assistant.open(stack)
    return assistant


async def test_all_is_there(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        assistant = await opened(tmp_path, stack)
        assert assistant.parts()["local"]().state == "ok"


@pytest.mark.parametrize("there", [False, True])
async def test_without_weights_of_many_languages_wishes_are_understood_as_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, there: bool
) -> None:
    caplog.set_level("INFO")
    weights = tmp_path / "models" / Local().embeddings
    if there:
        weights.mkdir(parents=True)
        (weights / "tokenizer.json").write_text("half of i")
    async with AsyncExitStack() as stack:
        assistant = await opened(tmp_path, stack)
        assert assistant.embedder_of(Local().embeddings) is None
        assert assistant.faculties(()).understand("a qué hora abren", "es").intent == "hours"
        assert assistant.parts()["local"]().state == "ok"
    (told,) = [each for each in caplog.records if each.message == "wishes are understood without it"]
    assert told.levelname == ("WARNING" if there else "INFO")


async def test_without_likeness_the_phrases_go_on(
    tmp_path: Path, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "SHIPPED", broken)
    likeness.shipped.cache_clear()
    async with AsyncExitStack() as stack:
        assistant = await opened(tmp_path, stack)
        assert assistant.parts()["local"]().state == "broken"
        found = assistant.watch().heard("u1", "my chest hurts", final=True)
        assert found == Finding("emergency", "chest_pain")


async def test_without_a_classifier_the_box_begins_all_the_same(
    tmp_path: Path, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier, "SHIPPED", broken)
    async with AsyncExitStack() as stack:
        assistant = await opened(tmp_path, stack)
        assert assistant.parts()["local"]().state == "broken"
        assert assistant.faculties(()).understand("what are your hours", "en").intent == "none"


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("how much ibuprofen can I take for my back", "en", "question"),
        ("cuántas de estas pastillas me puedo tomar", "es", "question"),
        ("my father cannot breathe should I give him aspirin", "en", "emergency"),
    ],
)
async def test_who_asks_for_advice_asks_a_question_unless_it_is_danger(
    tmp_path: Path, text: str, language: str, intent: str
) -> None:
    async with AsyncExitStack() as stack:
        local = await opened(tmp_path, stack)
        assert local.faculties(()).understand(text, language).intent == intent


@pytest.mark.parametrize(("least", "intent"), [(0.55, "question"), (0.95, "none")])
async def test_what_sounds_like_nothing_is_a_question_that_documents_answer(
    tmp_path: Path, least: float, intent: str
) -> None:
    async with AsyncExitStack() as stack:
        local = await opened(tmp_path, stack)
        able = local.faculties((), least, lambda _text, _language: 0.9)
        assert able.understand("where is the lost property", "en").intent == intent
