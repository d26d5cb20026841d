"""Entra ID: what is known of a tenant, and tokens for an app that shows its secret or signs.

May import: the standard library, cryptography, jwt, the problem of this peer.
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.peers.graph.problem import Asked, NoToken, Reply

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class App:
    """A registration. Without `secret` or `certificate` there is nothing that it can show."""

    client_id: str
    secret: str = ""
    expired: bool = False
    switched_off: bool = False
    certificate: x509.Certificate | None = None


class Entra:
    """One tenant at `url`. `extra` goes with each token, such as `refresh_in`."""

    def __init__(self, tenant: str, app: App) -> None:
        self.tenant, self.app, self.url = tenant, app, ""
        self.extra: dict[str, Any] = {}
        self.given: list[str] = []
        self._good: set[str] = set()

    def revoke(self) -> None:
        """No token that was given is good any more."""
        self._good.clear()

    def knows(self, asked: Asked) -> bool:
        """Whether the request shows a token that is good."""
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        return kind == "Bearer" and token in self._good

    def discovery(self, tenant: str) -> Reply:
        """Where the endpoints are."""
        if tenant != self.tenant:
            raise NoToken(400, "invalid_tenant", 90002, f"Tenant '{tenant}' not found")
        told = {
            "issuer": f"{self.url}/{tenant}/v2.0",
            "authorization_endpoint": f"{self.url}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": self._endpoint,
        }
        return Reply(200, told)

    def token(self, asked: Asked) -> Reply:
        """A token, if the form is that of client credentials and what it shows is right."""
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            raise NoToken(400, "unsupported_grant_type", 70003)
        if form.get("client_id") != self.app.client_id:
            raise NoToken(400, "unauthorized_client", 700016, f"{form.get('client_id')!r} was not found")
        if self.app.switched_off:
            raise NoToken(401, "unauthorized_client", 7000112)
        if form.get("scope") != f"https://{urlsplit(self.url).netloc}/.default":
            raise NoToken(400, "invalid_resource", 500011)
        self._shown(form)
        token = f"{secrets.token_urlsafe(24)}.{len(self.given)}"
        self.given.append(token)
        self._good.add(token)
        told = {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token}
        return Reply(200, {**told, **self.extra})

    @property
    def _endpoint(self) -> str:
        return f"{self.url}/{self.tenant}/oauth2/v2.0/token"

    def _shown(self, form: dict[str, str]) -> None:
        if "client_assertion" in form:
            return self._signed(form)
        if "client_secret" not in form:
            raise NoToken(401, "invalid_client", 7000216)
        if not self.app.secret or form["client_secret"] != self.app.secret:
            raise NoToken(401, "invalid_client", 7000215, "Invalid client secret provided")
        if self.app.expired:
            raise NoToken(401, "invalid_client", 7000222, "The provided client secret keys are expired")
        return None

    def _signed(self, form: dict[str, str]) -> None:
        certificate, assertion = self.app.certificate, form["client_assertion"]
        if certificate is None or form.get("client_assertion_type") != ASSERTION:
            raise NoToken(401, "invalid_client", 700027)
        print_ = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
        if jwt.get_unverified_header(assertion).get("x5t#S256", "").rstrip("=") != print_:
            raise NoToken(401, "invalid_client", 700027, "The certificate is not registered")
        try:
            jwt.decode(
                assertion,
                certificate.public_key(),  # type: ignore[arg-type]  # our certificates have RSA keys
                algorithms=["PS256"],
                audience=self._endpoint,
                issuer=self.app.client_id,
                options={"require": ["exp", "iss", "sub", "aud", "jti"]},
            )
        except jwt.ExpiredSignatureError as exc:
            raise NoToken(401, "invalid_client", 700024) from exc
        except jwt.PyJWTError as exc:
            raise NoToken(401, "invalid_client", 700027, repr(exc)) from exc
