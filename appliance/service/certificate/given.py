"""Looks at a certificate and a key that the clinic gives: whether they belong together, and hold.

May import: the standard library, cryptography, appliance.core, appliance.service.certificate.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509 import Certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from appliance.core.errors import AttendantError

RSA_LEAST = 2048


class CertificateRefused(AttendantError):
    """A certificate or its key that cannot be served. Its text says what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """A chain, the certificate of the pages first, and its key."""

    chain: tuple[Certificate, ...]
    key: bytes
    """In PEM, without a password."""

    @property
    def certificate(self) -> Certificate:
        """That of the pages."""
        return self.chain[0]

    @property
    def pem(self) -> bytes:
        """All of it, as the front reads it."""
        told = (each.public_bytes(serialization.Encoding.PEM) for each in self.chain)
        return b"".join((*told, self.key))


def checked(chain: bytes, key: bytes, at: datetime) -> Given:
    """What was given, when it can be served. Raises CertificateRefused."""
    found = _chain(chain)
    _matches(found[0], own := _key(key))
    _holds(found, at)
    _is_for_servers(found[0])
    pem = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Given(found, pem)


def _chain(told: bytes) -> tuple[Certificate, ...]:
    if b"-----BEGIN CERTIFICATE-----" not in told:
        raise CertificateRefused("The chain holds no certificate in PEM (-----BEGIN CERTIFICATE-----).")
    try:
        found = tuple(x509.load_pem_x509_certificates(told))
    except ValueError as exc:
        raise CertificateRefused(f"The chain cannot be read: {exc}.") from exc
    for one, by in pairwise(found):
        try:
            one.verify_directly_issued_by(by)
        except (ValueError, TypeError, InvalidSignature) as exc:
            raise CertificateRefused(
                "The chain is not in order: first the certificate of the box, then the one that signed it,"
                " and so on, each followed by its own signer."
            ) from exc
    return found


def _key(told: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(told, password=None)
    except TypeError as exc:
        raise CertificateRefused(
            "The key has a password, which nobody types when the box starts:"
            " `openssl pkey -in KEY -out PLAIN` takes it away."
        ) from exc
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise CertificateRefused("The key is no private key in PEM (-----BEGIN PRIVATE KEY-----).") from exc


def _matches(certificate: Certificate, key: PrivateKeyTypes) -> None:
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise CertificateRefused("The key is of a kind that browsers do not take: RSA or ECDSA it has to be.")
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise CertificateRefused("The key is not that of the first certificate of the chain.")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < RSA_LEAST:
        raise CertificateRefused(f"The key has {key.key_size} bits: browsers want {RSA_LEAST} or more.")


def _holds(chain: tuple[Certificate, ...], at: datetime) -> None:
    for each in chain:
        if at < each.not_valid_before_utc:
            began = f"{each.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
            raise CertificateRefused(f"It holds only from {began} on: is the box's clock right?")
        if at >= each.not_valid_after_utc:
            raise CertificateRefused(
                f"It has ended on {each.not_valid_after_utc:%Y-%m-%d}: have a new one made."
            )


def _is_for_servers(certificate: Certificate) -> None:
    try:
        told = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & {*told}:
        raise CertificateRefused("The certificate is not for servers (TLS Web Server Authentication).")
