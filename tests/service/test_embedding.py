"""Which embedder the settings choose, and that it is loaded once."""

from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import EmbedderFailed
from appliance.core.settings import Settings, checked
from appliance.service.embedding import Lazy, embedder
from tests.peers.embeddings import KEY, EmbeddingService


def settings(data: Path, **knowledge: Any) -> Settings:
    return checked({"box": {"data_dir": str(data)}, "knowledge": knowledge}, "the test")


def test_ours_is_the_default(tmp_path: Path) -> None:
    made = embedder(settings(tmp_path))
    assert (made.model_id, made.size) == ("all-MiniLM-L6-v2-int8", 384)
    assert made.embed(["Parking is free."]).shape == (1, 384)


def test_weights_that_are_not_here_say_how_to_bring_them(tmp_path: Path) -> None:
    with pytest.raises(EmbedderFailed, match="attendant models fetch multilingual-e5-small"):
        embedder(settings(tmp_path, embeddings="multilingual-e5-small"))
    with pytest.raises(EmbedderFailed, match=r"\[knowledge\] embeddings"):
        embedder(settings(tmp_path, embeddings="nothing-known"))


def test_the_clouds_has_its_key_from_a_file(tmp_path: Path) -> None:
    with EmbeddingService() as service:
        chosen = settings(tmp_path, embeddings="openai", openai_url=f"{service.url}/v1", openai_size=64)
        with pytest.raises(EmbedderFailed, match="openai_api_key"):
            embedder(chosen)
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "openai_api_key").write_text(KEY)
        (tmp_path / "secrets" / "openai_api_key").chmod(0o600)
        made = embedder(chosen)
        assert made.model_id == "text-embedding-3-small-64"
        assert made.embed(["Parking is free."]).shape == (1, 64)
        made.close()  # type: ignore[attr-defined]


def test_it_is_loaded_once_and_a_failure_is_tried_again(tmp_path: Path) -> None:
    tries = []

    def load() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise EmbedderFailed("not yet")
        return embedder(settings(tmp_path))

    lazy = Lazy(load)
    with pytest.raises(EmbedderFailed):
        lazy()
    assert lazy() is lazy()
    assert len(tries) == 2
