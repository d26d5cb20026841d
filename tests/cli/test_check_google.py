"""`attendant check --online` with calendars at Google: whether the service account is accepted."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Typed
from tests.peers.google import Fault, GooglePeer


@pytest.fixture
def key_file(config: Path) -> Path:
    """Where the key is to be; the cloud is off, so that Google alone is asked."""
    data = config.parent / "data"
    (data / "secrets").mkdir(parents=True, exist_ok=True)
    config.write_text(f'[box]\ndata_dir = "{data}"\n[cloud]\nenabled = false\n')
    return data / "secrets" / "google_key.json"


def given(key_file: Path, config: Path, google: GooglePeer) -> None:
    key_file.write_text(json.dumps(google.key, indent=2), "utf-8")
    key_file.chmod(0o600)
    with config.open("a") as settings:
        settings.write(f'[google]\napi_url = "{google.url}"\nca_file = "{google.ca_file}"\n')


def test_without_a_key_nothing_is_said_of_google(typed: Typed, key_file: Path) -> None:
    assert "google" not in typed("check", "--online").output


def test_a_good_account_is_accepted_and_another_is_not(
    typed: Typed, config: Path, key_file: Path, tmp_path: Path
) -> None:
    with GooglePeer(tmp_path) as google:
        given(key_file, config, google)
        result = typed("check", "--online")
        assert result.exit_code == 0, result.output
        assert "google: accepts the account." in result.output
        google.fails(Fault("token", "refuse", 400, "invalid_grant"))
        result = typed("check", "--online")
        assert result.exit_code == 1
        assert "google: Google gives the service account no token (invalid_grant)" in result.output


def test_a_key_that_is_none_is_told(typed: Typed, key_file: Path) -> None:
    key_file.write_text("{}")
    key_file.chmod(0o600)
    result = typed("check", "--online")
    assert result.exit_code == 1
    assert "google_key.json is not the key of a service account" in result.output
