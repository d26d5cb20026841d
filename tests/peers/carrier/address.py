"""Where a public URL really is, and what its fragment says about time limits.

The box believes that it stands at https://box.example.test; the test knows it at 127.0.0.1:PORT.
Pure. May import: the standard library.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urldefrag, urlsplit

CARRIER_SCHEMES = {"https": "https", "http": "http", "wss": "https", "ws": "http"}
DEFAULT_PORTS = {"https": 443, "http": 80}
RETRY_CAUSES = frozenset({"4xx", "5xx", "ct", "rt"})


class BadAddress(ValueError):
    """A URL that the carrier cannot use; the code is the one it would log."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the carrier waits for an answer and when it asks again."""

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})


def split_limits(url: str) -> tuple[str, Limits]:
    """The URL without its fragment, and the connection overrides that stood there."""
    bare, fragment = urldefrag(url)
    overrides = dict(parse_qsl(fragment, keep_blank_values=True))
    read_s = _ms(overrides, "rt", 15000)
    return bare, Limits(
        connect_s=_ms(overrides, "ct", 5000, lowest=100, highest=10000),
        read_s=read_s,
        total_s=_ms(overrides, "tt", 15000),
        retries=_number(overrides.get("rc", "1"), "rc", 0, 5),
        retry_on=_causes(overrides.get("rp", "ct")),
    )


def _ms(overrides: dict[str, str], name: str, default: int, lowest: int = 100, highest: int = 15000) -> float:
    return _number(overrides.get(name, str(default)), name, lowest, highest) / 1000


def _number(text: str, name: str, lowest: int, highest: int) -> int:
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise BadAddress(11100, f"connection override {name}={text[:20]} is not within {lowest}-{highest}")
    return int(text)


def _causes(text: str) -> frozenset[str]:
    causes = frozenset(text.split(","))
    if causes == {"all"}:
        return RETRY_CAUSES
    if not causes <= RETRY_CAUSES:
        raise BadAddress(11100, f"connection override rp={text[:20]} is unknown")
    return causes


@dataclass(slots=True)
class AddressBook:
    """Public base -> local base, such as https://box.example.test -> http://127.0.0.1:8080."""

    bases: dict[str, str] = field(default_factory=dict)

    def add(self, public_base: str, local_base: str) -> None:
        self.bases[public_base.rstrip("/")] = local_base.rstrip("/")

    def local(self, url: str) -> str:
        """The socket address behind a public URL; one that is in no entry is a host without address."""
        parts = urlsplit(url)
        if parts.scheme not in CARRIER_SCHEMES or not parts.hostname:
            raise BadAddress(11100, f"not a URL: {url[:80]}")
        for public, local in self.bases.items():
            if _origin(public) == _origin(url):
                rest = parts.path + (f"?{parts.query}" if parts.query else "")
                return local + rest
        raise BadAddress(11210, f"no such host: {parts.hostname}")


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme = CARRIER_SCHEMES[parts.scheme]
    return scheme, parts.hostname or "", parts.port or DEFAULT_PORTS[scheme]
