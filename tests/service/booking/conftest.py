"""Google and Microsoft for all tests of appointments: keys take their time.

May import: pytest, trustme, tests.calendars, tests.peers, tests.service.booking.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calendars.google.desk import peer
from tests.peers.google import GooglePeer
from tests.peers.graph import GraphPeer
from tests.service.booking.services import NAMES, Service, service_of

__all__ = ["peer"]


@pytest.fixture(scope="session")
def graph() -> Iterator[GraphPeer]:
    with GraphPeer() as running:
        yield running


@pytest.fixture(params=NAMES)
def service(
    request: pytest.FixtureRequest, tmp_path: Path, peer: GooglePeer, graph: GraphPeer
) -> Iterator[Service]:
    folder = tmp_path / "service"
    folder.mkdir()
    with service_of(request.param, peer, graph, folder) as made:
        yield made
