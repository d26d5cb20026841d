"""The token service: takes a service account's signed word (RFC 7523) and gives a token for an hour.

May import: the standard library, cryptography.
"""

import base64
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCES = frozenset({"https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"})
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SKEW_S = 300
LASTS_S = 3600
EMAIL = "desk@clinic-1.iam.gserviceaccount.com"
SCOPES = frozenset(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("calendar", "calendar.events", "calendar.freebusy", "calendar.readonly")
)


class NoToken(Exception):
    """The answer is no, with one of RFC 6749's codes and Google's words."""

    def __init__(self, code: str, words: str, status: int = 400) -> None:
        super().__init__(code)
        self.status = status
        self.shown = {"error": code, "error_description": words}


class Tokens:
    """One service account, and the tokens that it holds."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_id = secrets.token_hex(20)
        self._given: dict[str, tuple[float, frozenset[str]]] = {}

    def key(self, token_uri: str) -> dict[str, str]:
        """The key file as the console gives it out."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "clinic-1",
            "private_key_id": self._key_id,
            "private_key": private.decode(),
            "client_email": EMAIL,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
        }

    def given(self, form: dict[str, str], now: float) -> dict[str, Any]:
        """A token for a good assertion. Raises NoToken."""
        if form.get("grant_type") != GRANT:
            raise NoToken("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        claims = self._claims(form.get("assertion", ""))
        if claims.get("iss") != EMAIL:
            raise NoToken("invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in AUDIENCES:
            raise NoToken("invalid_grant", "Invalid JWT: Failed audience check.")
        begins, ends = claims.get("iat", 0), claims.get("exp", 0)
        if not (begins - SKEW_S <= now <= ends + SKEW_S and 0 < ends - begins <= LASTS_S):
            words = (
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            )
            raise NoToken("invalid_grant", words)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes or not scopes <= SCOPES:
            raise NoToken("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = f"ya29.{secrets.token_urlsafe(32)}"
        self._given[token] = (now + LASTS_S, scopes)
        return {"access_token": token, "expires_in": LASTS_S, "token_type": "Bearer"}

    def end(self) -> None:
        """Let every token be over."""
        self._given.clear()

    def may(self, header: str, any_of: frozenset[str], now: float) -> bool | None:
        """Whether the bearer may do what one of these scopes allows; None for one whom we do not know."""
        ends, scopes = self._given.get(header.removeprefix("Bearer "), (0.0, frozenset[str]()))
        return bool(scopes & any_of) if now < ends else None

    def _claims(self, assertion: str) -> dict[str, Any]:
        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_bytes(head)), json.loads(_bytes(body))
            signed = f"{head}.{body}".encode()
            self._key.public_key().verify(_bytes(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, InvalidSignature) as exc:
            raise NoToken("invalid_grant", "Invalid JWT Signature.") from exc
        if header.get("alg") != "RS256" or header.get("kid") != self._key_id:
            raise NoToken("invalid_grant", "Invalid JWT Signature.")
        return dict(claims)


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
