"""What a network of many languages has to say of a wish: in its languages and by its share."""

from pathlib import Path

import numpy as np
import pytest

from appliance.core.errors import EmbedderFailed
from appliance.core.linear import WeightsUnreadable
from appliance.core.wishes import Intent
from appliance.languages.folders import codes
from models.embed import Embedder
from models.local import meaning
from models.local.classifier import Classifier
from models.local.intents import Understanding
from models.local.meaning import Head, Meaning, Say
from models.weights import table
from scripts.train_meaning import embedded, keep, learnt
from tests.models import small_network

NAME = "multilingual-e5-small"
TAUGHT = (("quiero grombe", Intent.HOURS), ("quiero plistra", Intent.CANCEL))
SAY = Say(doubt=0.99, share=3.0, unsure=0.3)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that know words which the classifier does not."""
    folder = tmp_path_factory.mktemp("models") / NAME
    return small_network.put(folder, ("quiero", "grombe", "plistra"))


@pytest.fixture(scope="module")
def head(network: Path) -> Head:
    """What was learnt of its embeddings."""
    told = list(TAUGHT) * 100
    return learnt(told, embedded(Embedder(network), told))


def test_what_it_was_taught_decides_in_its_languages_alone(network: Path, head: Head) -> None:
    by_words = Understanding(Classifier.load(), None)
    both = Understanding(Classifier.load(), None, meaning=Meaning(Embedder(network), head, {"es": SAY}))
    for text, intent in TAUGHT:
        assert by_words.wish(text, language="es").intent is not intent
        assert both.wish(text, language="es").intent is intent
        assert both.wish(text, language="en") == by_words.wish(text, language="en")


def test_where_the_words_are_sure_it_is_not_asked(network: Path, head: Head) -> None:
    asked = Meaning(Embedder(network), head, {"es": SAY.model_copy(update={"doubt": 0.0})})
    by_words, both = (Understanding(Classifier.load(), None, meaning=each) for each in (None, asked))
    for text, _ in TAUGHT:
        assert both.wish(text, language="es") == by_words.wish(text, language="es")


def test_below_its_own_threshold_nothing_was_understood(network: Path, head: Head) -> None:
    doubting = Meaning(Embedder(network), head, {"es": SAY.model_copy(update={"unsure": 1.0})})
    understanding = Understanding(Classifier.load(), None, meaning=doubting)
    assert understanding.wish("quiero grombe", language="es").intent is Intent.NONE


def test_its_opinion_is_never_quite_sure(network: Path, head: Head) -> None:
    made = Meaning(Embedder(network), head, {"es": SAY}).opinion(
        "quiero grombe", SAY.model_copy(update={"share": 1.0})
    )
    assert np.log(meaning.LEAST) <= made.min() <= made.max() <= np.log1p(meaning.LEAST)


def test_what_was_learnt_is_kept_as_it_was(head: Head, tmp_path: Path) -> None:
    keep(head, tmp_path / "meanings" / f"{NAME}.npz")
    kept = Head.load(tmp_path / "meanings" / f"{NAME}.npz")
    assert np.allclose(kept.weights, head.weights, atol=0.02)
    (tmp_path / "half.npz").write_bytes((tmp_path / "meanings" / f"{NAME}.npz").read_bytes()[:500])
    with pytest.raises(WeightsUnreadable):
        Head.load(tmp_path / "half.npz")


def test_weights_of_this_name_are_asked_by_what_ships(network: Path) -> None:
    made = Meaning.of(network)
    say = made.say("es")
    assert say is not None
    assert made.say("en") is None
    assert made.embedder.model_id == NAME
    assert made.opinion("quiero grombe", say).shape == (len(Intent),)


def test_weights_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    with pytest.raises(EmbedderFailed, match="Nobody taught us what wishes mean to bge-tiny"):
        Meaning.of(small_network.put(tmp_path / "bge-tiny", ("quiero",)))
    with pytest.raises(EmbedderFailed, match="gives 8 numbers, and not 384"):
        Meaning.of(small_network.put(tmp_path / "small" / NAME, ("quiero",), size=8))
    with pytest.raises(EmbedderFailed, match="lacks"):
        Meaning.of(tmp_path / "nothing" / NAME)


def test_every_network_of_the_table_can_be_fetched_and_was_learnt() -> None:
    for name, says in meaning.told().items():
        assert table.load().of(name).kind == "embedding"
        assert Head.load(meaning.LEARNT / f"{name}.npz").weights.shape == (384, len(Intent))
        assert set(says) <= set(codes())
