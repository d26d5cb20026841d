"""Tokens by the real msal: secret and certificate, each way in which there is none, and what is trusted."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from appliance.calendars.graph.account import Account
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.core.calendar import CalendarFailed, Trouble
from tests.calendars.graph.stand import DESK, account, appointment, span
from tests.peers.graph import Fault, GraphPeer, Mailbox

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(key: Key) -> x509.Certificate:
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "box")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9))
    )
    return builder.sign(key, hashes.SHA256())


def pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def failure(shown: Account) -> CalendarFailed:
    calendar = GraphCalendar(shown)
    with pytest.raises(CalendarFailed) as failed:
        calendar.busy(DESK, span())
    calendar.close()
    return failed.value


def test_one_token_serves_many_questions(calendar: GraphCalendar, peer: GraphPeer) -> None:
    for _ in range(3):
        calendar.busy(DESK, span())
    assert peer.doors() == ["discovery", "token", "schedule", "schedule", "schedule"]


def test_nothing_is_asked_before_the_first_verb(calendar: GraphCalendar, peer: GraphPeer) -> None:
    assert peer.asked == []
    peer.faults.add(Fault("discovery", "cut"), Fault("discovery", "cut"))
    with pytest.raises(CalendarFailed) as failed:
        calendar.check(DESK)
    assert failed.value.trouble is Trouble.AWAY
    calendar.check(DESK)


def test_a_certificate_is_as_good_as_a_secret(
    peer: GraphPeer, desk: Mailbox, tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    peer.app.secret, peer.app.certificate = "", certificate(key)
    public = peer.app.certificate.public_bytes(Encoding.PEM).decode()
    calendar = GraphCalendar(account(peer, tmp_path, credential=pem(key), certificate=public))
    calendar.keep(DESK, appointment())
    assert len(desk.events) == 1
    calendar.close()


def test_a_certificate_of_another_app_is_refused(
    peer: GraphPeer, tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    peer.app.certificate = certificate(key)
    other = certificate(key).public_bytes(Encoding.PEM).decode()
    said = failure(account(peer, tmp_path, credential=pem(key), certificate=other))
    assert said.trouble is Trouble.REFUSED
    assert said.whole
    assert "AADSTS700027" in str(said)


@pytest.mark.parametrize("wrong", ["key", "kind", "certificate", "pair"])
def test_a_certificate_that_cannot_be_used_is_said(
    peer: GraphPeer, tmp_path: Path, key: rsa.RSAPrivateKey, wrong: str
) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    private = {"key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "kind": pem(curve)}
    public = certificate(curve if wrong in {"kind", "pair"} else key).public_bytes(Encoding.PEM).decode()
    said = failure(
        account(
            peer,
            tmp_path,
            credential=private.get(wrong, pem(key)),
            certificate="-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----"
            if wrong == "certificate"
            else public,
        )
    )
    assert said.trouble is Trouble.REFUSED
    assert said.whole
    assert "certificate_file" in str(said)


def expired(peer: GraphPeer) -> dict[str, str]:
    peer.app.expired = True
    return {}


def switched_off(peer: GraphPeer) -> dict[str, str]:
    peer.app.switched_off = True
    return {}


@pytest.mark.parametrize(
    ("spoilt", "number", "said"),
    [
        (expired, 7000222, "has expired"),
        (switched_off, 7000112, "switched off"),
        (lambda _: {"credential": "the-id-of-the-secret"}, 7000215, "value, not its ID"),
        (lambda _: {"client_id": "0000"}, 700016, "does not know the app"),
        (lambda _: {"tenant": "0000"}, 90002, "does not know the tenant"),
        (lambda peer: {"graph_url": peer.url.replace("localhost", "127.0.0.1")}, 500011, "graph_url"),
    ],
)
def test_each_reason_for_no_token_has_its_sentence(
    peer: GraphPeer, tmp_path: Path, spoilt: Callable[[GraphPeer], dict[str, str]], number: int, said: str
) -> None:
    told = failure(account(peer, tmp_path, **spoilt(peer)))
    assert told.trouble is Trouble.REFUSED
    assert told.whole
    assert said in str(told)
    assert f"AADSTS{number}" in str(told)
    assert peer.app.secret not in str(told)


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault("token", "status", 429, headers={"Retry-After": "9"}), Trouble.BUSY),
        (Fault("token", "status", 503, headers={"Retry-After": "9"}), Trouble.BUSY),
        (Fault("token", "status", 503), Trouble.AWAY),
        (Fault("token", "body", 400, body=b'{"error": "x", "error_codes": [90033]}'), Trouble.AWAY),
        (Fault("token", "body", 400, body=b'{"error": "temporarily_unavailable"}'), Trouble.AWAY),
        (Fault("token", "body", 400, body=b'{"error": "x", "error_codes": "7000222"}'), Trouble.REFUSED),
        (Fault("token", "body", 400, body=b'{"error": "x", "error_codes": [1234567]}'), Trouble.REFUSED),
        (Fault("token", "body", 404, body=b"{}"), Trouble.OTHER),
        (Fault("token", "body", body=b"<html>Please sign in</html>"), Trouble.OTHER),
        (Fault("token", "body", body=b'{"token_type": "Bearer"}'), Trouble.OTHER),
        (Fault("token", "body", body=b'{"access_token": 7, "expires_in": 3599}'), Trouble.OTHER),
        (Fault("token", "body", body=b'{"access_token": "a\\r\\nb", "expires_in": 3599}'), Trouble.OTHER),
        (Fault("token", "body", body=b'{"access_token": "a", "expires_in": "soon"}'), Trouble.OTHER),
        (Fault("discovery", "status", 500), Trouble.AWAY),
        (Fault("discovery", "body", body=b"<html>Please sign in</html>"), Trouble.OTHER),
        (Fault("discovery", "body", body=b"{}"), Trouble.OTHER),
        (Fault("discovery", "body", 302, headers={"Location": "https://portal.example/"}), Trouble.OTHER),
    ],
)
def test_no_token_for_now_or_for_no_reason(
    calendar: GraphCalendar, peer: GraphPeer, fault: Fault, trouble: Trouble
) -> None:
    peer.faults.add(fault)
    with pytest.raises(CalendarFailed) as failed:
        calendar.busy(DESK, span())
    assert failed.value.trouble is trouble
    assert failed.value.wait_s == (9 if "Retry-After" in fault.headers else 0)
    assert calendar.busy(DESK, span()) == []


def test_a_token_that_hangs_leaves_no_one_waiting_for_long(peer: GraphPeer, tmp_path: Path) -> None:
    peer.faults.add(Fault("token", "hang"))
    calendar = GraphCalendar(account(peer, tmp_path), patience_s=0.5)
    with pytest.raises(CalendarFailed) as failed:
        calendar.busy(DESK, span())
    assert failed.value.trouble is Trouble.AWAY
    calendar.close()


def test_what_an_operator_mends_counts_at_once(calendar: GraphCalendar, peer: GraphPeer) -> None:
    peer.app.expired = True
    with pytest.raises(CalendarFailed, match="expired"):
        calendar.busy(DESK, span())
    peer.app.expired = False
    assert calendar.busy(DESK, span()) == []


def test_a_token_that_graph_no_longer_takes_is_fetched_anew(calendar: GraphCalendar, peer: GraphPeer) -> None:
    calendar.busy(DESK, span())
    peer.entra.revoke()
    assert calendar.busy(DESK, span()) == []
    assert len(peer.entra.given) == 2


def test_an_ageing_token_is_used_while_no_new_one_can_be_had(
    calendar: GraphCalendar, peer: GraphPeer
) -> None:
    peer.entra.extra = {"refresh_in": -60}
    calendar.busy(DESK, span())
    peer.app.expired = True
    assert calendar.busy(DESK, span()) == []
    peer.faults.add(Fault("token", "cut"), Fault("token", "cut"))
    assert calendar.busy(DESK, span()) == []
    assert (peer.doors().count("token"), len(peer.entra.given)) == (4, 1)


def test_the_environment_changes_neither_trust_nor_token(
    peer: GraphPeer, desk: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE would put other certificates in place of ours, .netrc a password in the token's."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password something\n")
    netrc.chmod(stat.S_IRUSR | stat.S_IWUSR)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "other.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(netrc))
    calendar = GraphCalendar(account(peer, tmp_path))
    assert calendar.keep(DESK, appointment()).span == span()
    calendar.close()


@pytest.mark.parametrize("by_environment", [True, False])
def test_a_stranger_is_not_trusted(
    peer: GraphPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_environment: bool
) -> None:
    """Not even when the environment vouches for him."""
    if by_environment:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(peer.trust(tmp_path)))
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    told = failure(account(peer, tmp_path, ca_file=tmp_path / "other.pem"))
    assert told.trouble is Trouble.AWAY
    assert "not trusted" in str(told)
    assert peer.asked == []


def test_certificates_that_are_not_there_are_said(peer: GraphPeer, tmp_path: Path) -> None:
    told = failure(account(peer, tmp_path, ca_file=tmp_path / "none.pem"))
    assert told.trouble is Trouble.REFUSED
    assert told.whole
    assert "ca_file" in str(told)
