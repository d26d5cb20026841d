"""SIP addresses: URIs, names with an address, and the Via of a hop (RFC 3261, 19.1, 20.10, 20.42).

Sans-I/O. May import: the standard library.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from urllib.parse import unquote

PORT = 5060
QUOTED_CHARS = 80
Params = tuple[tuple[str, str | None], ...]
Where = tuple[str, int]
"""Host and port of a socket."""


class BadMessage(ValueError):
    """What came is no SIP that we can read. The text says what is wrong and quotes a little of it."""


def bad(what: str, text: str | bytes) -> BadMessage:
    """The error for this, with the beginning of the text."""
    return BadMessage(f"{what}: {text[:QUOTED_CHARS]!r}")


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator that stands in no quotes and in no angle brackets; the pieces are stripped."""
    pieces, start, quoted, angled, escaped = [], 0, False, False, False
    for at, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = char == "\\", char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            angled = char == "<"
        elif char == separator and not angled:
            pieces.append(text[start:at].strip())
            start = at + 1
    return [*pieces, text[start:].strip()]


def unquoted(text: str) -> str:
    """A value without the quotes around it and the backslashes within."""
    if len(text) < 2 or not text.startswith('"') or not text.endswith('"'):
        return text
    inner, plain = iter(text[1:-1]), []
    for char in inner:
        plain.append(next(inner, "") if char == "\\" else char)
    return "".join(plain)


def quoted(text: str) -> str:
    """A value in quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_params(pieces: Iterable[str]) -> Params:
    """`name=value` or `name` alone; names in lower case."""
    params: list[tuple[str, str | None]] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if name.strip():
            params.append((name.strip().lower(), unquoted(value.strip()) if equals else None))
    return tuple(params)


def written(params: Params) -> str:
    """Parameters, each behind a semicolon."""
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in params)


def is_ipv4(host: str) -> bool:
    """Whether it is an address that needs no resolving."""
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def host_and_port(text: str) -> tuple[str, int | None]:
    """`host`, `host:port` or `[v6]:port`; no port is None."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    if not host or any(char.isspace() for char in host):
        raise bad("no host", text)
    if not port:
        return host, None
    if not port.isascii() or not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        raise bad("no port", text)
    return host, int(port)


@dataclass(frozen=True, slots=True)
class Uri:
    """`sip:user@host:port;params?headers`; of a `tel:` URI the number is the user."""

    user: str
    host: str
    port: int | None = None
    params: Params = ()
    headers: str = ""
    scheme: str = "sip"

    @classmethod
    def parse(cls, text: str) -> "Uri":
        scheme, colon, rest = text.strip().partition(":")
        scheme = scheme.lower()
        if not colon or scheme not in ("sip", "sips", "tel"):
            raise bad("no SIP URI", text)
        if scheme == "tel":
            number, *pieces = rest.split(";")
            return cls(number, "", None, read_params(pieces), "", scheme)
        userinfo, at, tail = rest.partition("@")
        if not at:
            userinfo, tail = "", rest
        tail, _, headers = tail.partition("?")
        place, *pieces = tail.split(";")
        host, port = host_and_port(place)
        return cls(userinfo.partition(":")[0], host, port, read_params(pieces), headers, scheme)

    def __str__(self) -> str:
        if self.scheme == "tel":
            return f"tel:{self.user}{written(self.params)}"
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{written(self.params)}{headers}"

    @property
    def number(self) -> str:
        """The user without escapes and parameters: a telephone's number, most often."""
        return unquote(self.user).partition(";")[0]

    @property
    def loose(self) -> bool:
        """Whether a proxy of this address routes loosely."""
        return any(name == "lr" for name, _ in self.params)

    def where(self) -> Where | None:
        """Its socket, if the host is an IPv4 address; a name is for somebody else to resolve."""
        return (self.host, self.port or PORT) if is_ipv4(self.host) else None


@dataclass(frozen=True, slots=True)
class Address:
    """`"Name" <uri>;params`, as in From, To, Contact and Route."""

    uri: Uri
    display: str = ""
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> "Address":
        first, *pieces = split_outside(text, ";")
        before, bracket, rest = _before_bracket(first)
        if not bracket:
            return cls(Uri.parse(first), "", read_params(pieces))
        inside, closed, _ = rest.partition(">")
        if not closed:
            raise bad("no end of an address", text)
        return cls(Uri.parse(inside), unquoted(before.strip()), read_params(pieces))

    def __str__(self) -> str:
        display = f"{quoted(self.display)} " if self.display else ""
        return f"{display}<{self.uri}>{written(self.params)}"

    def param(self, name: str) -> str | None:
        return dict(self.params).get(name)

    @property
    def tag(self) -> str:
        """The tag of a side of a dialog, or nothing."""
        return self.param("tag") or ""

    def with_tag(self, tag: str) -> "Address":
        others = tuple(pair for pair in self.params if pair[0] != "tag")
        return replace(self, params=(*others, ("tag", tag)) if tag else others)


def _before_bracket(text: str) -> tuple[str, str, str]:
    """The display name, the bracket if there is one, and what follows."""
    if not text.startswith('"'):
        return text.partition("<")
    at, escaped = 1, False
    while at < len(text) and (escaped or text[at] != '"'):
        escaped = not escaped and text[at] == "\\"
        at += 1
    _, bracket, rest = text[at + 1 :].partition("<")
    return text[: at + 1], bracket, rest


@dataclass(frozen=True, slots=True)
class Via:
    """One hop of a request's way; answers go back along it."""

    host: str
    port: int | None
    params: Params = ()
    transport: str = "UDP"

    @classmethod
    def parse(cls, text: str) -> "Via":
        first, *pieces = split_outside(text, ";")
        # Blanks may stand around each slash.
        name, _, rest = first.partition("/")
        version, _, rest = rest.partition("/")
        words = rest.split()
        if (name.strip().upper(), version.strip(), len(words)) != ("SIP", "2.0", 2):
            raise bad("no Via", text)
        host, port = host_and_port(words[1])
        return cls(host, port, read_params(pieces), words[0].upper())

    def __str__(self) -> str:
        port = f":{self.port}" if self.port else ""
        return f"SIP/2.0/{self.transport} {self.host}{port}{written(self.params)}"

    def param(self, name: str) -> str | None:
        return dict(self.params).get(name)

    @property
    def branch(self) -> str:
        return self.param("branch") or ""

    def seen_from(self, source: Where) -> "Via":
        """With where the request really came from, as the next hop notes it (RFC 3581)."""
        params = tuple(pair for pair in self.params if pair[0] not in ("received", "rport"))
        if any(name == "rport" for name, _ in self.params):
            params = (*params, ("received", source[0]), ("rport", str(source[1])))
        elif self.host != source[0]:
            params = (*params, ("received", source[0]))
        return replace(self, params=params)

    def back(self) -> Where:
        """Where an answer goes."""
        port = self.param("rport") or ""
        host = self.param("received") or self.host
        return host, int(port) if port.isdecimal() else self.port or PORT
