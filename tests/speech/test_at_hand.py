"""Which weights recognise: the chosen ones, or the next smaller ones when something is wrong with them."""

import hashlib
import shutil
from pathlib import Path

import pytest

from models.speech.at_hand import recognition
from models.weights import table
from models.weights.table import Table
from tests.models import hub_table
from tests.models.hub_table import BIG, SMALL

NAMES = ("tiny", "base", "small")


@pytest.fixture
def known(tmp_path: Path) -> Table:
    """A table of three that recognise, of like files."""
    big, small = (hashlib.sha256(data).hexdigest() for data in (BIG, SMALL))
    entries = [hub_table.text(big=big, small=small, name=name) for name in NAMES]
    path = tmp_path / "weights.toml"
    path.write_text("".join(entries).replace('kind = "voice"', 'kind = "recognition"'))
    return table.load(path)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder in which all three are whole."""
    for name in NAMES:
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        (folder / "model.bin").write_bytes(BIG)
        (folder / "config.json").write_bytes(SMALL)
    return tmp_path / "models"


def break_down(models: Path, name: str) -> None:
    (models / name / "model.bin").write_bytes(BIG[:-1] + b"?")


def test_those_that_were_chosen_recognise(known: Table, models: Path) -> None:
    assert recognition("base", models, known) == ("base", "")


def test_the_next_smaller_ones_stand_in_for_broken_or_missing_ones(known: Table, models: Path) -> None:
    break_down(models, "small")
    assert recognition("small", models, known) == ("base", "")
    shutil.rmtree(models / "base")
    assert recognition("small", models, known) == ("tiny", "")


def test_bigger_ones_would_be_late_and_do_not_stand_in(known: Table, models: Path) -> None:
    break_down(models, "tiny")
    name, problem = recognition("tiny", models, known)
    assert name == "tiny"
    assert "tiny is broken: model.bin has other bytes" in problem


def test_with_nothing_whole_the_problem_is_that_of_the_chosen_ones(known: Table, tmp_path: Path) -> None:
    name, problem = recognition("small", tmp_path, known)
    assert name == "small"
    assert problem.startswith("small is not here. Bring it: attendant models fetch small")


def test_weights_of_the_clinics_own_are_taken_as_they_are(known: Table, tmp_path: Path) -> None:
    assert recognition("ours", tmp_path, known) == ("ours", "")


def test_the_table_that_ships_has_smaller_ones_first() -> None:
    sizes = [each.size for each in table.load().weights if each.kind == "recognition"]
    assert sizes == sorted(size for size in sizes if size is not None)
