"""Languages of the box's own at the command line: known to every command, or told what they lack."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.languages import folders
from tests.cli.conftest import Typed

THIRD = Path(__file__).parent.parent / "data" / "languages"


@pytest.fixture
def own(config: Path) -> Iterator[Path]:
    """The box's folder of languages, with a third one in it."""
    place = config.parent / "data" / "languages"
    shutil.copytree(THIRD, place)
    yield place
    folders.look_in(None)


def test_staff_can_have_a_language_that_has_a_folder(typed: Typed, own: Path) -> None:
    assert typed("staff", "set", "languages", '["en", "es", "fr"]').exit_code == 0
    assert typed("staff", "set", "language_keys", '{"fr": "7"}').exit_code == 0
    refused = typed("staff", "set", "languages", '["de"]')
    assert refused.exit_code == 1
    assert "There is no language 'de': the folders are en, es, fr" in refused.output


def test_a_folder_that_cannot_be_spoken_is_told_before_anything_begins(typed: Typed, own: Path) -> None:
    assert typed("check").exit_code == 0
    (own / "fr" / "desk.toml").unlink()
    checked = typed("check")
    assert checked.exit_code == 1
    assert "The language 'fr' has no desk.toml." in checked.output


def test_the_folder_may_be_elsewhere(typed: Typed, config: Path, tmp_path: Path) -> None:
    config.write_text(f'{config.read_text()}languages_dir = "{tmp_path / "mine"}"\n')
    shutil.copytree(THIRD, tmp_path / "mine")
    (tmp_path / "mine" / "fr" / "when.toml").unlink()
    assert "The language 'fr' has no when.toml." in typed("check").output
    folders.look_in(None)
