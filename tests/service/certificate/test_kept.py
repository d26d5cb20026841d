"""The box's own certificate: whom it is for, when it is made anew, and what its authority cannot sign."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.service.certificate import kept, making
from appliance.service.certificate.given import CertificateRefused
from appliance.service.certificate.kept import Folder, Renewed, Served, fingerprint
from appliance.service.certificate.making import Names
from tests.service.certificate.handshake import problem, served

NAMES = Names(("attendant.lan", "box", "box.local"), (IPv4Address("192.168.1.20"), IPv4Address("127.0.0.1")))
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def served_from(folder: Folder) -> Served:
    found = folder.served()
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "certificate"


@pytest.fixture
def folder(path: Path) -> Folder:
    made = Folder(path)
    assert made.renew(NAMES, NOW) is Renewed.MADE
    return made


def test_whoever_trusts_the_authority_opens_every_name_and_address(path: Path, folder: Folder) -> None:
    with served(path / kept.FRONT) as port:
        for name in ("attendant.lan", "box", "box.local", "192.168.1.20", "127.0.0.1"):
            assert problem(port, name, folder.authority_file) == ""
        assert "evil.example" in problem(port, "evil.example", folder.authority_file)


def test_the_authority_speaks_for_nothing_on_the_internet(path: Path, folder: Folder) -> None:
    key = serialization.load_pem_private_key((path / kept.AUTHORITY_KEY).read_bytes(), None)
    authority = served_from(folder).authority
    assert authority is not None
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    stolen = ec.generate_private_key(ec.SECP256R1())
    for name in ("bank.example", "8.8.8.8"):
        alternative = x509.IPAddress(IPv4Address(name)) if name[0] == "8" else x509.DNSName(name)
        forged = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(authority.subject)
            .public_key(stolen.public_key())
            .serial_number(1)
            .not_valid_before(NOW - DAY)
            .not_valid_after(NOW + DAY)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = path / "forged.pem"
        pem.write_bytes(
            forged.public_bytes(serialization.Encoding.PEM)
            + stolen.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        with served(pem) as port:
            assert problem(port, name, folder.authority_file) == "permitted subtree violation"


def test_names_of_the_internet_are_left_out(path: Path) -> None:
    folder, wanted = Folder(path), Names(("other.lan", "www.example.com"), (IPv4Address("8.8.8.8"),))
    authority = making.new_authority("box", Names(("box",), ()), NOW)
    assert authority.covered(wanted) == Names(("other.lan",), ())
    folder.renew(NAMES, NOW)
    assert folder.renew(wanted, NOW) is Renewed.MADE
    told = served_from(folder).certificate
    assert making.lacking(told, wanted) == ("www.example.com", "8.8.8.8")
    assert folder.renew(wanted, NOW) is Renewed.KEPT, "what the authority may not sign is not tried again"


def test_it_is_made_anew_before_it_ends_and_trust_stays(folder: Folder) -> None:
    first = served_from(folder)
    assert folder.renew(NAMES, NOW + 59 * DAY) is Renewed.KEPT
    assert folder.renew(NAMES, NOW + 61 * DAY) is Renewed.MADE
    second = served_from(folder)
    assert second.certificate.not_valid_after_utc == NOW + 151 * DAY
    assert second.certificate.public_key() != first.certificate.public_key()
    assert second.authority == first.authority


def test_it_is_made_anew_when_the_address_changes_or_the_clock_was_wrong(folder: Folder) -> None:
    moved = Names(NAMES.dns, (IPv4Address("192.168.1.33"), IPv4Address("127.0.0.1")))
    assert folder.renew(moved, NOW) is Renewed.MADE
    assert making.lacking(served_from(folder).certificate, moved) == ()
    assert folder.renew(moved, NOW + 400 * DAY) is Renewed.MADE
    assert folder.renew(moved, NOW) is Renewed.MADE, "that of next year does not hold yet"


def test_an_authority_that_ends_is_followed_by_another(folder: Folder) -> None:
    first = served_from(folder).authority
    late = NOW + making.AUTHORITY_LASTS - 20 * DAY
    assert folder.renew(NAMES, late) is Renewed.MADE
    second = served_from(folder)
    assert second.ours
    assert second.authority != first
    assert second.certificate.not_valid_after_utc == late + making.LASTS


def test_keys_are_for_whom_they_are(path: Path, folder: Folder) -> None:
    modes = {each.name: each.stat().st_mode & 0o777 for each in path.iterdir()}
    assert modes == {"front.pem": 0o640, "authority.pem": 0o644, "authority.key": 0o600}
    assert path.stat().st_mode & 0o007 == 0


def test_a_damaged_file_is_said_and_made_anew(path: Path, folder: Folder) -> None:
    before = fingerprint(served_from(folder).certificate)
    (path / kept.FRONT).write_text("-----BEGIN CERTIFICATE-----\nx\n")
    with pytest.raises(CertificateRefused, match="attendant certificate make"):
        folder.renew(NAMES, NOW)
    assert folder.renew(NAMES, NOW, anew=True) is Renewed.MADE
    assert fingerprint(served_from(folder).certificate) != before
    (path / kept.AUTHORITY_KEY).write_text("nothing")
    assert folder.renew(NAMES, NOW, anew=True) is Renewed.MADE
    assert served_from(folder).ours


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CertificateRefused, match="cannot be"):
        Folder(tmp_path / "file" / "certificate").renew(NAMES, NOW)
