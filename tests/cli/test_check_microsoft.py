"""`attendant check` with calendars in Microsoft 365: the end of the secret, and with --online the account."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Typed
from tests.peers.graph import GraphPeer


@pytest.fixture
def peer() -> Iterator[GraphPeer]:
    with GraphPeer() as peer:
        yield peer


@pytest.fixture
def secret(config: Path, peer: GraphPeer) -> Path:
    """The secret's file; the settings say that it expires in 30 days."""
    data = config.parent / "data"
    (data / "secrets").mkdir(parents=True, exist_ok=True)
    path = data / "secrets" / "microsoft_secret"
    path.write_text(peer.app.secret)
    path.chmod(0o600)
    soon = datetime.now(UTC).date() + timedelta(days=30)
    config.write_text(
        f'[box]\ndata_dir = "{data}"\n[cloud]\nenabled = false\n'
        f'[microsoft]\ntenant = "{peer.entra.tenant}"\nclient_id = "{peer.app.client_id}"\n'
        f'authority_url = "{peer.url}"\ngraph_url = "{peer.url}/v1.0"\n'
        f'ca_file = "{peer.trust(config.parent)}"\nsecret_expires = {soon}\n'
    )
    return path


def test_the_end_of_the_secret_is_told_before_it_comes(typed: Typed, secret: Path) -> None:
    result = typed("check")
    assert result.exit_code == 0, result.output
    assert "The client secret of [microsoft] expires on" in result.output


def test_a_good_account_is_accepted(typed: Typed, secret: Path) -> None:
    result = typed("check", "--online")
    assert result.exit_code == 0, result.output
    assert "microsoft: accepts the account." in result.output


def test_a_bad_account_is_named_without_its_secret(typed: Typed, secret: Path) -> None:
    secret.write_text("another-secret")
    result = typed("check", "--online")
    assert result.exit_code == 1
    assert "microsoft: Microsoft does not give this box a token: The client secret is wrong." in result.output
    assert "another-secret" not in result.output
