"""SIP messages, read and written (RFC 3261, 7). Knows nothing of transactions, dialogs or sockets.

What cannot be read is a `BadMessage`: everything that those who take a message rely on is looked at here,
once. Sans-I/O. May import: the standard library, this package's address.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from tests.peers.phone.address import Address, BadMessage, Uri, Via, bad, split_outside

__all__ = ["BadMessage", "Message", "Request", "Response", "answer", "parse", "write"]

Header = tuple[str, str]
VERSION = "SIP/2.0"
MOST_HEADERS = 300
MOST_SEQ = 2**31
COMPACT = {
    "b": "Referred-By",
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
}
SPELLED = {
    name.lower(): name
    for name in ("Call-ID", "CSeq", "MIME-Version", "RAck", "RSeq", "WWW-Authenticate", *COMPACT.values())
}
LISTS = frozenset(
    [
        "Allow",
        "Contact",
        "Diversion",
        "P-Asserted-Identity",
        "Record-Route",
        "Require",
        "Route",
        "Supported",
        "Via",
    ]
)
"""Headers whose values may stand in one line with commas between them."""
NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")
TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~")
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    420: "Bad Extension",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    603: "Decline",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What requests and answers have in common. Names are spelled one way, whatever came."""

    headers: tuple[Header, ...]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for known, value in self.headers if known == name]

    def get(self, name: str) -> str:
        """The first value of a header, or nothing."""
        return next((value for known, value in self.headers if known == name), "")

    def having(self, *headers: Header) -> Self:
        """The same with these instead of what it had under their names."""
        names = {name for name, _ in headers}
        return replace(self, headers=(*(pair for pair in self.headers if pair[0] not in names), *headers))

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def seq(self) -> int:
        return int(self.get("CSeq").split()[0])

    @property
    def seq_method(self) -> str:
        return self.get("CSeq").split()[1]

    @property
    def caller(self) -> Address:
        """From: who sent the request."""
        return Address.parse(self.get("From"))

    @property
    def called(self) -> Address:
        """To: whom the request is for."""
        return Address.parse(self.get("To"))

    @property
    def via(self) -> Via:
        return Via.parse(self.get("Via"))

    @property
    def contact(self) -> Uri | None:
        """Where the sender wants the next request of the dialog."""
        value = self.get("Contact")
        return Address.parse(value).uri if value and value != "*" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """`METHOD uri SIP/2.0`."""

    method: str
    uri: str

    def __str__(self) -> str:
        return f"{self.method} {self.uri}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """`SIP/2.0 status reason`."""

    status: int
    reason: str

    def __str__(self) -> str:
        return f"{self.status} {self.reason} ({self.get('CSeq')})"

    @property
    def final(self) -> bool:
        return self.status >= 200

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def parse(data: bytes) -> Request | Response:
    """Read one datagram; raise BadMessage for everything that is not a whole message of ours."""
    head, found, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not found:
        raise bad("no end of the headers", data)
    try:
        first, *lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as exc:
        raise bad("no UTF-8", data) from exc
    headers = tuple(_headers(_unfolded(lines)))
    message = _begun(first, headers, _whole(headers, body))
    _check(message)
    return message


def _begun(first: str, headers: tuple[Header, ...], body: bytes) -> Request | Response:
    one, _, rest = first.partition(" ")
    two, _, three = rest.partition(" ")
    if one.upper() == VERSION:
        if not (len(two) == 3 and two.isascii() and two.isdecimal() and 100 <= int(two) < 700):
            raise bad("no status", first)
        return Response(status=int(two), reason=three, headers=headers, body=body)
    if three.upper() != VERSION or not two or not one or not TOKEN.issuperset(one):
        raise bad("neither a request nor an answer", first)
    return Request(method=one, uri=two, headers=headers, body=body)


def _unfolded(lines: list[str]) -> list[str]:
    """A line that begins with a blank goes on with the one before it (7.3.1)."""
    whole: list[list[str]] = []
    for line in lines:
        if line[:1] not in (" ", "\t"):
            whole.append([line])
        elif whole:
            whole[-1].append(line.strip())
        else:
            raise bad("a line that goes on with none", line)
    if len(whole) > MOST_HEADERS:
        raise BadMessage(f"{len(whole)} headers")
    return [" ".join(pieces) for pieces in whole]


def _headers(lines: list[str]) -> Iterable[Header]:
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not name or not TOKEN.issuperset(name):
            raise bad("no header", line)
        spelled = _spelled(name)
        values = split_outside(value.strip(), ",") if spelled in LISTS else [value.strip()]
        yield from ((spelled, each) for each in values if each or spelled not in LISTS)


def _spelled(name: str) -> str:
    lower = name.lower()
    return (
        COMPACT.get(lower) or SPELLED.get(lower) or "-".join(part.capitalize() for part in lower.split("-"))
    )


def _whole(headers: tuple[Header, ...], body: bytes) -> bytes:
    """The body as long as it says; over UDP it may leave that out (18.3)."""
    told = next((value for name, value in headers if name == "Content-Length"), None)
    if told is None:
        return body
    if not told.isascii() or not told.isdecimal() or len(told) > 6:
        raise bad("no length", told)
    if int(told) > len(body):
        raise BadMessage(f"cut off: {len(body)} of {int(told)} bytes")
    return body[: int(told)]


def _check(message: Request | Response) -> None:
    missing = [name for name in NEEDED if not message.get(name)]
    if missing:
        raise BadMessage(f"without {', '.join(missing)}")
    number, *rest = message.get("CSeq").split()
    if not (number.isascii() and number.isdecimal() and len(number) <= 10 and int(number) < MOST_SEQ):
        raise bad("no CSeq", message.get("CSeq"))
    if len(rest) != 1 or (isinstance(message, Request) and rest[0] != message.method):
        raise bad("CSeq of another method", message.get("CSeq"))
    for name in ("From", "To"):
        Address.parse(message.get(name))
    for via in message.all("Via"):
        Via.parse(via)
    for name in ("Contact", "Route", "Record-Route"):
        for value in message.all(name):
            if value != "*":
                Address.parse(value)


def write(message: Request | Response) -> bytes:
    """A message as it goes over the wire; its Content-Length is made here."""
    if isinstance(message, Request):
        first = f"{message.method} {message.uri} {VERSION}"
    else:
        first = f"{VERSION} {message.status} {message.reason}"
    lines = [f"{name}: {value}" for name, value in message.headers if name != "Content-Length"]
    head = "\r\n".join([first, *lines, f"Content-Length: {len(message.body)}", "", ""])
    return head.encode() + message.body


def answer(
    request: Request,
    status: int,
    reason: str = "",
    *,
    tag: str = "",
    headers: Iterable[Header] = (),
    body: bytes = b"",
) -> Response:
    """The answer to a request (8.2.6); `tag` is ours, for a To that has none."""
    called = request.called
    if tag and not called.tag and status > 100:
        called = called.with_tag(tag)
    kept = [(name, value) for name, value in request.headers if name in ("Via", "Record-Route")]
    return Response(
        status=status,
        reason=reason or REASONS.get(status, "Something Else"),
        headers=(
            *kept,
            ("From", request.get("From")),
            ("To", str(called)),
            ("Call-ID", request.call_id),
            ("CSeq", request.get("CSeq")),
            *headers,
        ),
        body=body,
    )
