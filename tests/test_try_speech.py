"""What hears on a call for show: the first weights that are whole, and nobody where there are none."""

import hashlib
from pathlib import Path

import pytest

from models.weights import table
from models.weights.table import Table
from scripts.try_speech import KEYS_ALONE, elsewhere, of_weights
from tests.models import hub_table
from tests.models.hub_table import BIG, SMALL


@pytest.fixture
def known(tmp_path: Path) -> Table:
    """A table of one that recognises and one that speaks."""
    big, small = (hashlib.sha256(data).hexdigest() for data in (BIG, SMALL))
    ears, mouth = (hub_table.text(big=big, small=small, name=name) for name in ("tiny", "amy"))
    path = tmp_path / "weights.toml"
    path.write_text(ears.replace('kind = "voice"', 'kind = "recognition"') + mouth)
    return table.load(path)


def put(models: Path, name: str, network: bytes = BIG) -> Path:
    """Weights in a folder of them."""
    (models / name).mkdir(parents=True)
    (models / name / "model.bin").write_bytes(network)
    (models / name / "config.json").write_bytes(SMALL)
    return models


def test_without_weights_there_are_keys(known: Table, tmp_path: Path) -> None:
    assert of_weights(tmp_path, [tmp_path / "models"], known=known) is KEYS_ALONE
    assert not KEYS_ALONE.heard_by


def test_broken_weights_are_none_and_the_next_folder_is_looked_at(known: Table, tmp_path: Path) -> None:
    broken, whole = put(tmp_path / "one", "tiny", BIG[:-1]), put(tmp_path / "two", "tiny")
    assert of_weights(tmp_path, [broken], known=known) is KEYS_ALONE
    found = of_weights(tmp_path, [broken, whole], known=known)
    assert found.own_program
    assert found.section["models_dir"] == str(whole)
    assert found.section["uri"] == f"unix://{tmp_path}/speech.sock"
    assert found.heard_by == "tiny, with the voice of espeak-ng"


def test_a_voice_that_is_there_speaks(known: Table, tmp_path: Path) -> None:
    put(put(tmp_path / "models", "tiny"), "amy")
    found = of_weights(tmp_path, [tmp_path / "models"], known=known)
    assert found.section["voices"] == {"en": "amy"}
    assert found.heard_by == "tiny, with the voice of amy"


def test_weights_of_ones_own_are_taken_by_their_name_alone(known: Table, tmp_path: Path) -> None:
    put(tmp_path, "ours")
    assert of_weights(tmp_path, [tmp_path], known=known) is KEYS_ALONE
    assert of_weights(tmp_path, [tmp_path], "ours", known=known).section["whisper"] == "ours"
    assert of_weights(tmp_path, [tmp_path], "theirs", known=known) is KEYS_ALONE


def test_a_recogniser_elsewhere_needs_no_program_here() -> None:
    named = elsewhere("tcp://192.168.1.20:10300")
    assert named.section["recognition_uri"] == "tcp://192.168.1.20:10300"
    assert named.heard_by
    assert not named.own_program
