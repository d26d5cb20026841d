"""A migrated database for each test, as the store's own tests have it; a speech program for a module."""

from pathlib import Path

import pytest

from appliance.store.database import Connection
from tests.jobs.office import Office
from tests.speech.conftest import folder, speech
from tests.store.conftest import db, path

__all__ = ["clinic", "db", "folder", "path", "speech"]


@pytest.fixture
def clinic(db: Connection, path: Path) -> Office:
    """A box with recordings, and a worker's hand."""
    return Office(db, path.parent)
