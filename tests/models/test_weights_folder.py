"""What of the weights is on a box: noticed at a start, said in a sentence, never a crash."""

import hashlib
import os
from pathlib import Path

import pytest

from models.weights import NotReady, notes, ready, state, table
from models.weights.notes import NotesUnreadable, Pin
from models.weights.table import NoSuchWeights, Table
from tests.models import hub_table
from tests.models.hub_table import BIG, SMALL


@pytest.fixture
def known(tmp_path: Path) -> Table:
    path = tmp_path / "weights.toml"
    big, small = (hashlib.sha256(data).hexdigest() for data in (BIG, SMALL))
    path.write_text(hub_table.text(big=big, small=small))
    return table.load(path)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder in which the entry is whole."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(BIG)
    (folder / "config.json").write_bytes(SMALL)
    return tmp_path / "models"


def condition(known: Table, models: Path) -> str:
    return state(known.weights[0], models).condition


def test_what_is_whole_is_ready(known: Table, models: Path) -> None:
    assert ready(models, "tiny", known) == models / "tiny"


def test_nothing_there_says_how_to_bring_it(known: Table, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"tiny is not here\. Bring it: attendant models fetch tiny") as caught:
        ready(tmp_path / "nowhere", "tiny", known)
    assert caught.value.condition == "missing"


def test_an_unknown_name_is_not_ready(models: Path) -> None:
    with pytest.raises(NoSuchWeights):
        ready(models, "whisper-huge")


def test_the_shipped_table_is_asked_when_no_other_is_given(models: Path) -> None:
    with pytest.raises(NotReady, match="whisper-tiny is not here"):
        ready(models, "whisper-tiny")


def test_a_file_that_lacks_is_named(known: Table, models: Path) -> None:
    (models / "tiny/model.bin").unlink()
    with pytest.raises(NotReady, match=r"tiny lacks model\.bin"):
        ready(models, "tiny", known)


def test_half_a_file_is_broken(known: Table, models: Path) -> None:
    (models / "tiny/model.bin").write_bytes(BIG[:1000])
    with pytest.raises(NotReady, match=r"broken: model\.bin has 1000 bytes instead of 600000"):
        ready(models, "tiny", known)


def test_other_bytes_of_the_same_length_are_broken(known: Table, models: Path) -> None:
    assert condition(known, models) == "there"
    (models / "tiny/model.bin").write_bytes(BIG[::-1])
    with pytest.raises(NotReady, match=r"model\.bin has other bytes") as caught:
        ready(models, "tiny", known)
    assert caught.value.condition == "broken"


def test_bytes_are_read_once_and_again_only_after_a_change(known: Table, models: Path) -> None:
    assert condition(known, models) == "there"
    before = notes.verified(models / "tiny")
    assert set(before) == {"model.bin", "config.json"}
    assert condition(known, models) == "there"
    assert notes.verified(models / "tiny") == before
    os.utime(models / "tiny/model.bin", (1, 1))
    assert condition(known, models) == "there"
    after = notes.verified(models / "tiny")
    assert after["model.bin"] != before["model.bin"]
    assert after["config.json"] == before["config.json"]


def test_a_note_is_trusted_at_a_start_and_not_when_everything_is_read(known: Table, models: Path) -> None:
    path = models / "tiny/model.bin"
    path.write_bytes(BIG[::-1])
    sha256 = known.weights[0].files[1].sha256
    assert sha256 is not None
    notes.note_verified(models / "tiny", {"model.bin": notes.look(path, sha256)})
    assert condition(known, models) == "there"
    assert state(known.weights[0], models, read_all=True).condition == "broken"


def test_a_note_about_another_checksum_does_not_count(known: Table, models: Path) -> None:
    path = models / "tiny/model.bin"
    path.write_bytes(BIG[::-1])
    notes.note_verified(models / "tiny", {"model.bin": notes.look(path, "0" * 64)})
    assert condition(known, models) == "broken"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"model.bin": 3}'])
def test_a_note_that_makes_no_sense_costs_a_reading(known: Table, models: Path, content: bytes) -> None:
    (models / "tiny/verified.json").write_bytes(content)
    assert condition(known, models) == "there"


def test_where_nothing_can_be_noted_the_weights_are_still_ready(known: Table, models: Path) -> None:
    (models / "tiny/verified.json").mkdir()
    assert condition(known, models) == "there"


def test_a_folder_in_the_place_of_a_file_is_missing(known: Table, models: Path) -> None:
    (models / "tiny/model.bin").unlink()
    (models / "tiny/model.bin").mkdir()
    assert condition(known, models) == "missing"


def test_a_file_in_the_place_of_the_folder_is_said(known: Table, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/tiny").write_text("")
    assert condition(known, tmp_path / "models") == "missing"


def test_what_nobody_has_a_checksum_of_is_not_ready(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(hub_table.text())
    with pytest.raises(NotReady, match="tiny cannot be checked: nothing here says") as caught:
        ready(models, "tiny", table.load(path))
    assert caught.value.condition == "unpinned"


def test_a_pin_is_as_good_as_the_table(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(hub_table.text())
    for name, data in (("model.bin", BIG), ("config.json", SMALL)):
        notes.pin(models / "tiny", name, Pin(len(data), hashlib.sha256(data).hexdigest(), "c" * 40))
    assert condition(table.load(path), models) == "there"
    (models / "tiny/model.bin").write_bytes(BIG[::-1])
    assert condition(table.load(path), models) == "broken"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"model.bin": {}}'])
def test_pins_that_cannot_be_read_make_the_entry_broken(known: Table, models: Path, content: bytes) -> None:
    (models / "tiny/pins.json").write_bytes(content)
    with pytest.raises(NotesUnreadable, match="fetch it again"):
        notes.pins(models / "tiny")
    assert condition(known, models) == "broken"
