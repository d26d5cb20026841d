"""The account as the settings have it, and the day on which its secret ends."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from appliance.calendars.graph.account import account, expiry
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings, checked
from appliance.service.online import microsoft_problem
from tests.peers.graph import GraphPeer

ID = "0a1b2c3d-0000-4000-8000-000000000000"
KEY = "-----BEGIN PRIVATE KEY-----\nQQ==\n-----END PRIVATE KEY-----"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nQg==\n-----END CERTIFICATE-----"


def settings(folder: Path, content: str, **told: Any) -> Settings:
    """Settings whose secret file has this content."""
    (folder / "secrets").mkdir()
    path = folder / "secrets" / "shown"
    path.write_text(content)
    path.chmod(0o600)
    named = {"tenant": ID, "client_id": ID, "secret_file": "shown", **told}
    return checked({"box": {"data_dir": str(folder)}, "microsoft": named}, "x")


def test_a_secret_is_read_and_not_shown(tmp_path: Path) -> None:
    made = account(settings(tmp_path, "the-value\n", graph_url="https://graph.microsoft.us/v1.0"))
    assert (made.credential, made.certificate, made.tenant, made.client_id) == ("the-value", "", ID, ID)
    assert (made.graph_url, made.authority_url) == (
        "https://graph.microsoft.us/v1.0",
        "https://login.microsoftonline.com",
    )
    assert "the-value" not in repr(made)


def test_a_certificate_stands_with_its_key_in_one_file(tmp_path: Path) -> None:
    text = f"Bag Attributes\n{CERTIFICATE}\n{KEY}\n{CERTIFICATE}\n"
    made = account(settings(tmp_path, text, certificate_file="shown"))
    assert (made.credential, made.certificate) == (KEY, f"{CERTIFICATE}\n{CERTIFICATE}")
    assert "QQ==" not in repr(made)


@pytest.mark.parametrize("text", [KEY, CERTIFICATE, "the-value", KEY[:40] + CERTIFICATE])
def test_a_file_without_key_or_certificate_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="a private key and its certificate") as told:
        account(settings(tmp_path, text, certificate_file="shown"))
    assert text not in str(told.value)


@pytest.mark.parametrize(
    "told",
    [
        {"tenant": ID},
        {"tenant": "my tenant", "client_id": ID},
        {"tenant": ID, "client_id": "my app"},
        {"tenant": ID, "client_id": ID, "graph_url": "http://graph.microsoft.com/v1.0"},
        {"tenant": ID, "client_id": ID, "graph_url": "https://graph.microsoft.com/v1.0/"},
        {"tenant": ID, "client_id": ID, "authority_url": "https://x@login.microsoftonline.com"},
        {"tenant": ID, "client_id": ID, "secret_expires": "next year"},
    ],
)
def test_settings_that_cannot_be_are_refused(told: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        checked({"microsoft": told}, "x")


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 10, 30), ""),
        (date(2027, 10, 31), "The client secret of [microsoft] expires on 2027-11-30"),
        (date(2027, 11, 30), "expires on 2027-11-30"),
        (date(2027, 12, 1), "has expired on 2027-11-30"),
    ],
)
def test_the_end_of_a_secret_is_told_in_time(tmp_path: Path, today: date, said: str) -> None:
    told = settings(tmp_path, "the-value", secret_expires="2027-11-30").microsoft
    found = expiry(told, today)
    assert said in found
    assert bool(found) == bool(said)


def test_the_end_of_a_certificate_is_called_so(tmp_path: Path) -> None:
    told = settings(tmp_path, KEY, certificate_file="shown", secret_expires="2027-11-30").microsoft
    assert expiry(told, date(2027, 11, 1)).startswith("The certificate of")
    assert expiry(told.model_copy(update={"tenant": ""}), date(2027, 11, 1)) == ""


def online(peer: GraphPeer, folder: Path, secret: str) -> Settings:
    told = {"tenant": peer.entra.tenant, "client_id": peer.app.client_id, "authority_url": peer.url}
    more = {"graph_url": f"{peer.url}/v1.0", "ca_file": str(peer.trust(folder))}
    return settings(folder, secret, **told, **more)


def test_a_good_account_is_accepted_online(peer: GraphPeer, tmp_path: Path) -> None:
    assert microsoft_problem(online(peer, tmp_path, peer.app.secret)) == ""


def test_a_bad_account_is_told_online(peer: GraphPeer, tmp_path: Path) -> None:
    said = microsoft_problem(online(peer, tmp_path, "another-secret"))
    assert "AADSTS7000215" in said
    assert "another-secret" not in said


def test_a_secret_that_is_not_there_is_told_online(peer: GraphPeer, tmp_path: Path) -> None:
    told = online(peer, tmp_path, peer.app.secret)
    (tmp_path / "secrets" / "shown").unlink()
    assert "cannot be read" in microsoft_problem(told)
