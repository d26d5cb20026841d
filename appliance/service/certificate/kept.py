"""The folder of the certificate: what is served from it, when that is made anew, and what takes its place.

May import: the standard library, cryptography, appliance.core, appliance.service.certificate.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import Certificate

from appliance.core.files import settle
from appliance.service.certificate import making
from appliance.service.certificate.given import CertificateRefused, Given, checked
from appliance.service.certificate.making import RENEWED_BEFORE, Authority, Names

FRONT, AUTHORITY, AUTHORITY_KEY = "front.pem", "authority.pem", "authority.key"
OPEN, SHARED, OWN = 0o644, 0o640, 0o600
"""The authority's certificate is for everybody, the front's key for its group, the authority's for nobody."""


class Renewed(StrEnum):
    """What became of a look at the certificate."""

    MADE = "made"
    KEPT = "kept"
    THEIRS = "theirs"
    """It is the clinic's own, which nobody but the clinic renews."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the front serves: its chain, and whether our own authority signed it."""

    chain: tuple[Certificate, ...]
    authority: Certificate | None
    ours: bool

    @property
    def certificate(self) -> Certificate:
        """That of the pages."""
        return self.chain[0]


class Folder:
    """The folder. Every method raises CertificateRefused when a file of it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def authority_file(self) -> Path:
        """Where the authority's certificate lies, which computers are to trust."""
        return self._path / AUTHORITY

    def served(self) -> Served | None:
        """What is served; None when nothing is."""
        told = self._read(FRONT)
        if told is None:
            return None
        chain = tuple(_certificates(told, self._path / FRONT))
        authority = self._authority_certificate()
        return Served(chain, authority, authority is not None and _signed(chain[0], authority))

    def renew(self, names: Names, at: datetime, *, anew: bool = False) -> Renewed:
        """Make what is missing, ends soon or is for other names; `anew`: whatever is there.

        What the clinic gave stays, until `anew` takes its place.
        """
        served = None if anew else self.served()
        if served is not None and not served.ours and not making.is_own(served.chain[0]):
            return Renewed.THEIRS
        authority = self._authority(names, at)
        if served is not None and _serves(served, authority, names, at):
            return Renewed.KEPT
        key, certificate = making.new_certificate(authority, names, at)
        self._serve(Given((certificate, authority.certificate), _pem(key)))
        return Renewed.MADE

    def use(self, chain: bytes, key: bytes, at: datetime) -> Certificate:
        """Serve what the clinic gives from now on. Raises CertificateRefused, too, when it cannot be."""
        given = checked(chain, key, at)
        self._serve(given)
        return given.certificate

    def _authority(self, names: Names, at: datetime) -> Authority:
        """Our authority; one that ends soon is followed by another, and has to be trusted anew."""
        found = self._authority_kept()
        if found is not None and found.good(at):
            return found
        made = making.new_authority(names.dns[0], names, at)
        self._make_folder()
        self._write(AUTHORITY_KEY, _pem(made.key), OWN)
        self._write(AUTHORITY, made.certificate.public_bytes(serialization.Encoding.PEM), OPEN)
        return made

    def _authority_kept(self) -> Authority | None:
        """Our authority; None when there is none that can sign."""
        told, key = self._read(AUTHORITY), self._read(AUTHORITY_KEY)
        if told is None or key is None:
            return None
        try:
            certificate = x509.load_pem_x509_certificate(told)
            own = serialization.load_pem_private_key(key, password=None)
        except ValueError:
            return None
        if not isinstance(own, ec.EllipticCurvePrivateKey) or own.public_key() != certificate.public_key():
            return None
        return Authority(own, certificate)

    def _authority_certificate(self) -> Certificate | None:
        told = self._read(AUTHORITY)
        return None if told is None else _certificates(told, self._path / AUTHORITY)[0]

    def _serve(self, given: Given) -> None:
        self._make_folder()
        # Key and chain are one file: the front never sees the one without the other.
        self._write(FRONT, given.pem, SHARED)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise CertificateRefused(f"{self._path / name} cannot be read: {exc.strerror}.") from exc

    def _make_folder(self) -> None:
        try:
            self._path.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as exc:
            raise CertificateRefused(f"{self._path} cannot be made: {exc.strerror}.") from exc

    def _write(self, name: str, data: bytes, mode: int) -> None:
        """Whole, on disk, and of the folder's own user, also when root writes it."""
        try:
            handle, part = tempfile.mkstemp(dir=self._path)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                if os.geteuid() == 0:
                    folder = self._path.stat()
                    os.fchown(handle, folder.st_uid, folder.st_gid)
                os.fchmod(handle, mode)
                os.fsync(handle)
            settle(Path(part), self._path / name)
        except OSError as exc:
            raise CertificateRefused(f"{self._path / name} cannot be written: {exc.strerror}.") from exc


def fingerprint(certificate: Certificate) -> str:
    """The SHA-256 of a certificate, as browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _serves(served: Served, authority: Authority, names: Names, at: datetime) -> bool:
    told = served.certificate
    holds = told.not_valid_before_utc <= at < told.not_valid_after_utc - RENEWED_BEFORE
    return (
        holds and _signed(told, authority.certificate) and not making.lacking(told, authority.covered(names))
    )


def _signed(certificate: Certificate, authority: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _certificates(told: bytes, path: Path) -> list[Certificate]:
    try:
        return x509.load_pem_x509_certificates(told)
    except ValueError as exc:
        raise CertificateRefused(f"{path} is damaged: `attendant certificate make` makes it anew.") from exc


def _pem(key: making.Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
