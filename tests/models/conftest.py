"""The hub that the tests of weights fetch from."""

from collections.abc import Iterator

import pytest

from tests.peers.hub import HubPeer


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubPeer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with HubPeer() as peer:
        yield peer
