"""A certificate of the clinic's own: taken when it can be served, and left alone from then on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from appliance.service.certificate import kept
from appliance.service.certificate.given import CertificateRefused, checked
from appliance.service.certificate.kept import Folder, Renewed
from appliance.service.certificate.making import Names
from tests.service.certificate.handshake import problem, served

NOW = datetime.now(UTC)
NAMES = Names(("attendant.lan",), (IPv4Address("127.0.0.1"),))


@dataclass(frozen=True, slots=True)
class Theirs:
    """What a clinic's IT has: an authority, one below it, and what that signed."""

    root: trustme.CA
    chain: bytes
    key: bytes


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, password: bytes = b"") -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
    )


@pytest.fixture
def theirs() -> Theirs:
    root = trustme.CA()
    leaf = root.create_child_ca().issue_cert("attendant.lan", not_after=NOW + timedelta(days=300))
    chain = b"".join(each.bytes() for each in leaf.cert_chain_pems)
    return Theirs(root, chain, leaf.private_key_pem.bytes())


def test_it_is_served_with_its_chain_and_stays(theirs: Theirs, tmp_path: Path) -> None:
    folder, root = Folder(tmp_path / "certificate"), tmp_path / "root.pem"
    theirs.root.cert_pem.write_to_path(root)
    folder.renew(NAMES, NOW)
    folder.use(theirs.chain, theirs.key, NOW)
    with served(tmp_path / "certificate" / kept.FRONT) as port:
        assert problem(port, "attendant.lan", root) == ""
    assert folder.renew(NAMES, NOW + timedelta(days=299)) is Renewed.THEIRS
    found = folder.served()
    assert found is not None
    assert not found.ours
    assert folder.renew(NAMES, NOW, anew=True) is Renewed.MADE


Spoilt = Callable[[Theirs], tuple[bytes, bytes]]
CASES: tuple[tuple[str, Spoilt], ...] = (
    ("holds no certificate", lambda it: (b"", it.key)),
    ("holds no certificate", lambda it: (it.key, it.key)),
    (
        "cannot be read",
        lambda it: (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", it.key),
    ),
    ("is no private key", lambda it: (it.chain, it.chain)),
    ("not that of the first certificate", lambda it: (it.chain, pem(rsa.generate_private_key(65537, 2048)))),
    ("has a password", lambda it: (it.chain, pem(rsa.generate_private_key(65537, 2048), b"x"))),
    ("of a kind that browsers do not take", lambda it: (it.chain, pem(ed25519.Ed25519PrivateKey.generate()))),
    ("not in order", lambda it: (it.chain + trustme.CA().cert_pem.bytes(), it.key)),
)


@pytest.mark.parametrize(("says", "spoilt"), CASES)
def test_what_cannot_be_served_is_refused(theirs: Theirs, says: str, spoilt: Spoilt) -> None:
    with pytest.raises(CertificateRefused, match=says):
        checked(*spoilt(theirs), NOW)


def test_one_that_has_ended_or_not_begun_is_refused(theirs: Theirs) -> None:
    with pytest.raises(CertificateRefused, match="has ended on"):
        checked(theirs.chain, theirs.key, NOW + timedelta(days=301))
    with pytest.raises(CertificateRefused, match="is the box's clock right"):
        checked(theirs.chain, theirs.key, NOW - timedelta(days=20_000))


def test_what_is_refused_changes_nothing(theirs: Theirs, tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.renew(NAMES, NOW)
    before = (tmp_path / kept.FRONT).read_bytes()
    with pytest.raises(CertificateRefused):
        folder.use(theirs.chain, b"", NOW)
    assert (tmp_path / kept.FRONT).read_bytes() == before
