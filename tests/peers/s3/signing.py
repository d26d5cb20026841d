"""AWS Signature Version 4 as the service sees it: whether a request, as it came, was signed with the secret.

Written from the documentation of the scheme, apart from every client. May import: the standard library.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

SCHEME = "AWS4-HMAC-SHA256"
UNSIGNED, STREAMING = "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
EMPTY = hashlib.sha256(b"").hexdigest()
SKEW = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    rf"{SCHEME} Credential=(?P<key>[^/,]+)/(?P<scope>\d{{8}}/[^/]+/s3/aws4_request),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_AT = re.compile(r"\d{8}T\d{6}Z")


class Refused(Exception):
    """The service refuses a request, by one of its codes."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    target: str
    """Path and query, undecoded."""
    headers: Mapping[str, str]
    body: bytes


def payload(asked: Asked, keys: Mapping[str, str], now: datetime) -> bytes:
    """What was sent, once it is certain who did. Raises Refused."""
    found = _AUTHORIZATION.fullmatch(asked.headers.get("Authorization", ""))
    if found is None:
        raise Refused(403, "AccessDenied", "Access Denied.")
    if found["key"] not in keys:
        raise Refused(
            403, "InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records."
        )
    at = asked.headers.get("X-Amz-Date", "")
    if _AT.fullmatch(at) is None:
        raise Refused(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    if not found["scope"].startswith(f"{at[:8]}/"):
        raise Refused(400, "AuthorizationHeaderMalformed", "Invalid credential date in the header")
    if abs(datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) - now) > SKEW:
        raise Refused(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the server's time is too large.",
        )
    key = _signing_key(keys[found["key"]], found["scope"])
    said = asked.headers.get("X-Amz-Content-Sha256", "")
    text = f"{SCHEME}\n{at}\n{found['scope']}\n{_sha(_canonical(asked, found['headers'], said).encode())}"
    if not hmac.compare_digest(_sign(key, text), found["signature"]):
        raise _mismatch()
    if said == STREAMING:
        return _unchunked(asked.body, key, f"{at}\n{found['scope']}", found["signature"])
    if said not in (UNSIGNED, _sha(asked.body)):
        raise Refused(
            400, "XAmzContentSHA256Mismatch", "The provided header does not match what was computed."
        )
    return asked.body


def _canonical(asked: Asked, signed: str, said: str) -> str:
    path, _, query = asked.target.partition("?")
    pairs = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
    )
    names = signed.split(";")
    sent = {name.lower() for name in asked.headers if name.lower().startswith("x-amz-")}
    if not {"host", *sent} <= {*names}:
        raise Refused(403, "AccessDenied", "There were headers present in the request which were not signed")
    headers = "".join(f"{name}:{' '.join(asked.headers.get(name, '').split())}\n" for name in names)
    asked_for = "&".join(f"{name}={value}" for name, value in pairs)
    return "\n".join((asked.method, quote(unquote(path), safe="/-_.~"), asked_for, headers, signed, said))


def _unchunked(body: bytes, key: bytes, head: str, seed: str) -> bytes:
    """What came in pieces, each signed with the signature of the one before it."""
    parts: list[bytes] = []
    last = seed
    while True:
        line, _, body = body.partition(b"\r\n")
        size, _, signature = line.partition(b";chunk-signature=")
        piece, body = body[: int(size, 16)], body[int(size, 16) + 2 :]
        text = f"{SCHEME}-PAYLOAD\n{head}\n{last}\n{EMPTY}\n{_sha(piece)}"
        if not hmac.compare_digest(_sign(key, text), signature.decode()):
            raise _mismatch()
        if not piece:
            return b"".join(parts)
        parts.append(piece)
        last = signature.decode()


def _mismatch() -> Refused:
    return Refused(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and"
        " signing method.",
    )


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _sign(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
