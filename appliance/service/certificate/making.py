"""Makes certificates: an authority that can speak for this box alone, and what it signs. No file is touched.

May import: the standard library, cryptography.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import Certificate
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CALLED = "Attendant on "
AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
"""So long before its end a certificate is made anew; an authority that lasts no longer is no good either."""
EARLIER = timedelta(days=1)
"""A certificate counts from this long before it was made: not every clock of an office is right."""

LOCAL_DOMAINS = ("local", "lan", "home.arpa", "internal", "localhost")
NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Names:
    """What a certificate is for."""

    dns: tuple[str, ...]
    addresses: tuple[IPv4Address, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """The box's own authority."""

    key: Key
    certificate: Certificate

    def good(self, at: datetime) -> bool:
        """Whether it can sign what lasts long enough."""
        told = self.certificate
        return told.not_valid_before_utc <= at < told.not_valid_after_utc - RENEWED_BEFORE

    def covered(self, names: Names) -> Names:
        """Those of the names that it may speak for."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = constraints.permitted_subtrees or []
        domains = [each.value for each in permitted if isinstance(each, x509.DNSName)]
        networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
        return Names(
            tuple(name for name in names.dns if any(_within(name, domain) for domain in domains)),
            tuple(one for one in names.addresses if any(_contains(network, one) for network in networks)),
        )


def new_authority(box: str, names: Names, at: datetime) -> Authority:
    """An authority for these names, local ones and private addresses: for nothing on the internet.

    So whoever steals its key can pretend to be no bank; and whoever trusts it need not trust us further.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{CALLED}{box}"[:64])])
    domains = [x509.DNSName(each) for each in dict.fromkeys((*names.dns, *LOCAL_DOMAINS))]
    permitted: list[x509.GeneralName] = [*domains, *(x509.IPAddress(IPv4Network(each)) for each in NETWORKS)]
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _begun(key, called, called, at, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(own, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def new_certificate(authority: Authority, names: Names, at: datetime) -> tuple[Key, Certificate]:
    """A key, and the certificate that the authority gives it for those of the names that it speaks for."""
    key, issuer, named = (
        ec.generate_private_key(ec.SECP256R1()),
        authority.certificate,
        authority.covered(names),
    )
    # Its name is for people: what counts are the alternatives.
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Attendant")])
    lasts = min(LASTS, issuer.not_valid_after_utc - at)
    certificate = (
        _begun(key, called, issuer.subject, at, lasts)
        .add_extension(x509.SubjectAlternativeName(_alternatives(named)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_issued_by(authority), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return key, certificate


def is_own(certificate: Certificate) -> bool:
    """Whether an authority such as ours signed it, by what it says of that."""
    told = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return any(str(each.value).startswith(CALLED) for each in told)


def names_of(certificate: Certificate) -> Names:
    """What a certificate is for."""
    try:
        told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names((), ())
    addresses = told.get_values_for_type(x509.IPAddress)
    return Names(
        tuple(told.get_values_for_type(x509.DNSName)),
        tuple(each for each in addresses if isinstance(each, IPv4Address)),
    )


def lacking(certificate: Certificate, names: Names) -> tuple[str, ...]:
    """Those of the names that a certificate is not for."""
    has = names_of(certificate)
    dns = (name for name in names.dns if not any(_named(name, each) for each in has.dns))
    return (*dns, *(str(each) for each in names.addresses if each not in has.addresses))


def _named(name: str, pattern: str) -> bool:
    pattern = pattern.lower()
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return name == pattern


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _contains(network: object, address: IPv4Address) -> bool:
    return isinstance(network, IPv4Network) and address in network


def _alternatives(names: Names) -> Sequence[x509.GeneralName]:
    return [*(x509.DNSName(each) for each in names.dns), *(x509.IPAddress(each) for each in names.addresses)]


def _begun(
    key: Key, called: x509.Name, issuer: x509.Name, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - EARLIER)
        .not_valid_after(at + lasts)
    )


def _issued_by(authority: Authority) -> x509.AuthorityKeyIdentifier:
    own = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
