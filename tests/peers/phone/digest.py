"""Digest authentication (RFC 2617, RFC 7616): MD5 and SHA-256, with and without qop=auth, stale nonces.

Sans-I/O. May import: the standard library, this package's address and message.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from tests.peers.phone.address import bad, quoted, split_outside, unquoted
from tests.peers.phone.message import Header, Request, Response

ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}
"""What we can, by its name on the wire; each also with `-sess` behind it."""
ASKED_IN = {"WWW-Authenticate": "Authorization", "Proxy-Authenticate": "Proxy-Authorization"}
UNQUOTED = frozenset({"algorithm", "qop", "nc", "stale"})


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server wants to have proven."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False
    """The secret was right, the nonce too old."""
    answered_in: str = "Authorization"

    @property
    def can(self) -> bool:
        """Whether we can answer it."""
        known = self.algorithm.upper().removesuffix("-SESS") in ALGORITHMS
        return known and (not self.qop or "auth" in self.qop)


def fields_of(value: str) -> dict[str, str]:
    """The fields of `Digest a="b", c=d`, names in lower case; raise BadMessage for another scheme."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise bad("not Digest", value)
    pairs = (piece.partition("=") for piece in split_outside(rest, ","))
    return {name.strip().lower(): unquoted(text.strip()) for name, equals, text in pairs if equals}


def read_challenge(value: str, answered_in: str = "Authorization") -> Challenge:
    """A challenge out of its header."""
    fields = fields_of(value)
    if "realm" not in fields or "nonce" not in fields:
        raise bad("no challenge", value)
    return Challenge(
        realm=fields["realm"],
        nonce=fields["nonce"],
        algorithm=fields.get("algorithm", "MD5"),
        qop=tuple(option.strip().lower() for option in fields.get("qop", "").split(",") if option.strip()),
        opaque=fields.get("opaque"),
        stale=fields.get("stale", "").lower() == "true",
        answered_in=answered_in,
    )


def proof(fields: Mapping[str, str], password: str, method: str) -> str:
    """What `response` has to be, given the other fields of an Authorization."""
    algorithm = fields.get("algorithm", "MD5").upper()

    def hashed(*parts: str) -> str:
        return hashlib.new(ALGORITHMS[algorithm.removesuffix("-SESS")], ":".join(parts).encode()).hexdigest()

    secret = hashed(fields["username"], fields["realm"], password)
    if algorithm.endswith("-SESS"):
        secret = hashed(secret, fields["nonce"], fields["cnonce"])
    asked = hashed(method, fields["uri"])
    if "qop" not in fields:
        return hashed(secret, fields["nonce"], asked)
    return hashed(secret, fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"], asked)


class Credentials:
    """A user and a password, and what was asked of them; a nonce is used until the server wants another."""

    def __init__(self, user: str, password: str) -> None:
        self.user = user
        self._password = password
        self._challenges: dict[str, Challenge] = {}
        self._counts: dict[str, int] = {}

    def signed(self, request: Request) -> Request:
        """The request with an answer to each challenge so far."""
        return request.having(
            *(self._authorization(challenge, request) for challenge in self._challenges.values())
        )

    def refused(self, request: Request, response: Response) -> bool:
        """Take note of a 401 or 407; whether the request has a chance if it is signed again."""
        for asked_in, answered_in in ASKED_IN.items():
            challenges = [read_challenge(value, answered_in) for value in response.all(asked_in)]
            possible = [challenge for challenge in challenges if challenge.can]
            if possible:
                self._challenges[answered_in] = possible[0]
                return possible[0].stale or not _was_fresh(request.get(answered_in))
        return False

    def _authorization(self, challenge: Challenge, request: Request) -> Header:
        fields = {
            "username": self.user,
            "realm": challenge.realm,
            "nonce": challenge.nonce,
            "uri": request.uri,
            "algorithm": challenge.algorithm,
        }
        if challenge.qop or challenge.algorithm.upper().endswith("-SESS"):
            fields["cnonce"] = secrets.token_hex(8)
        if challenge.qop:
            count = self._counts[challenge.nonce] = self._counts.get(challenge.nonce, 0) + 1
            fields |= {"qop": "auth", "nc": f"{count:08x}"}
        fields["response"] = proof(fields, self._password, request.method)
        if challenge.opaque is not None:
            fields["opaque"] = challenge.opaque
        pairs = (f"{name}={value if name in UNQUOTED else quoted(value)}" for name, value in fields.items())
        return challenge.answered_in, "Digest " + ", ".join(pairs)


def _was_fresh(authorization: str) -> bool:
    """Whether a refused answer was to a nonce that had not been used before: then the password is wrong."""
    return bool(authorization) and int(fields_of(authorization).get("nc", "1"), 16) == 1
