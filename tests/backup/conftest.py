"""A clinic that was backed up once, for all tests of a module: opening a repository takes a while."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.backup import making, place
from tests.backup.clinic import Clinic
from tests.store.conftest import db, path, small_disk

__all__ = ["db", "path", "small_disk"]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """What the commands set for their process is not left to other tests."""
    kept = os.umask(0o022)
    os.umask(kept)
    yield
    os.umask(kept)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("restic") is None:
        for item in items:
            if "kept" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="Debian has restic in `restic`"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The clinic, of which there is one backup."""
    folder = tmp_path_factory.mktemp("clinic")
    clinic = Clinic(folder, folder / "repository")
    place.to_be_made(clinic.settings).make()
    making.back_up(clinic.settings, clinic.file)
    yield clinic
    clinic.past.close()


@pytest.fixture
def elsewhere(kept: Clinic, tmp_path: Path) -> Path:
    """A copy of its repository, to be spoilt."""
    return shutil.copytree(kept.repository, tmp_path / "repository")
