"""A migrated database for each test, as the store's own tests have it; a speech program for a module.

Who is told has a mail server and a receiver of webhooks.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.database import Connection
from tests.jobs.office import Office
from tests.peers.smtp import MailServer
from tests.peers.webhook import Receiver
from tests.speech.conftest import folder, speech
from tests.store.conftest import db, path

__all__ = ["clinic", "db", "folder", "path", "speech"]


@pytest.fixture
def clinic(db: Connection, path: Path) -> Office:
    """A box with recordings, and a worker's hand."""
    return Office(db, path.parent)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer().running() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running
