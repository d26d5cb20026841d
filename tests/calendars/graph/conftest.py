"""A peer with one mailbox, and a calendar that talks to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from appliance.calendars.graph.calendar import GraphCalendar
from tests.calendars.graph.stand import DESK, QuickClock, account
from tests.peers.graph import GraphPeer, Mailbox


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def peer(authority: trustme.CA) -> Iterator[GraphPeer]:
    with GraphPeer(authority) as peer:
        yield peer


@pytest.fixture
def desk(peer: GraphPeer) -> Mailbox:
    return peer.add(DESK)


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def calendar(peer: GraphPeer, desk: Mailbox, clock: QuickClock, tmp_path: Path) -> Iterator[GraphCalendar]:
    calendar = GraphCalendar(account(peer, tmp_path), clock=clock)
    yield calendar
    calendar.close()
