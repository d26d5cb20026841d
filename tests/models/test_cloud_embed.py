"""Embeddings by the cloud: in portions, within their time, and every refusal a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from appliance.core.errors import EmbedderFailed
from models.cloud_embed import CloudEmbedder
from tests.peers.embeddings import KEY, EmbeddingService, Fault, vector

MODEL = "text-embedding-3-small"


@pytest.fixture
def service() -> Iterator[EmbeddingService]:
    with EmbeddingService() as made:
        yield made


@contextmanager
def embedder(
    service: EmbeddingService, *, patience_s: float = 10.0, tries: int = 1
) -> Iterator[CloudEmbedder]:
    url = f"{service.url}/v1"
    made = CloudEmbedder(KEY, url=url, model=MODEL, size=64, patience_s=patience_s, tries=tries)
    yield made
    made.close()


def test_a_row_for_each_text_in_order_and_of_length_1(service: EmbeddingService) -> None:
    texts = [f"passage {number} about parking" for number in range(300)]
    with embedder(service) as here:
        assert here.model_id == "text-embedding-3-small-64"
        made = here.embed(texts)
    assert made.shape == (300, 64)
    assert made.dtype == np.float32
    assert np.allclose(np.linalg.norm(made, axis=1), 1)
    assert np.allclose(made[299], vector(texts[299], 64), atol=1e-6)
    assert [len(body["input"]) for body in service.asked] == [128, 128, 44]
    assert {(body["model"], body["dimensions"]) for body in service.asked} == {(MODEL, 64)}


def test_long_and_empty_texts_are_sent_as_the_service_takes_them(service: EmbeddingService) -> None:
    with embedder(service) as here:
        assert here.embed(["", "word " * 20_000, "a " * 90_000]).shape == (3, 64)
        assert here.embed([]).shape == (0, 64)
    assert max(map(len, service.texts)) <= 16_000


@pytest.mark.parametrize(
    ("fault", "told", "again", "after_s"),
    [
        (Fault(401), "refuses the API key", False, 0),
        (Fault(404), "has no model", False, 0),
        (Fault(400), "refuses the texts", False, 0),
        (Fault(429, headers={"retry-after": "30"}), "has no room", True, 30),
        (Fault(429, "insufficient_quota"), "has no room", False, 0),
        (Fault(503), "has no room", True, 0),
        (Fault(hangs=True), "did not answer in time", True, 0),
        (Fault(loses=1), "other embeddings than were asked for", False, 0),
        (Fault(body=b"{}"), "other embeddings than were asked for", False, 0),
    ],
)
def test_every_refusal_is_a_sentence(
    service: EmbeddingService, fault: Fault, told: str, again: bool, after_s: float
) -> None:
    service.faults.append(fault)
    with embedder(service, patience_s=0.3) as here, pytest.raises(EmbedderFailed, match=told) as failed:
        here.embed(["parking"])
    assert (failed.value.again, failed.value.after_s) == (again, after_s)
    assert KEY not in str(failed.value)


def test_a_failure_is_tried_again_as_often_as_it_may_be(service: EmbeddingService) -> None:
    service.faults += [Fault(503), Fault(500)]
    with embedder(service, tries=3) as here:
        assert here.embed(["parking"]).shape == (1, 64)
    assert len(service.asked) == 3


def test_nobody_there_is_told(service: EmbeddingService) -> None:
    made = CloudEmbedder(KEY, url="http://127.0.0.1:9/v1", model=MODEL, size=64, patience_s=1, tries=1)
    with pytest.raises(EmbedderFailed, match="cannot be reached") as failed:
        made.embed(["parking"])
    assert failed.value.again
    made.close()
