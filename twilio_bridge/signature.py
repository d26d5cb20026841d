"""Whether a request really comes from Twilio: X-Twilio-Signature, by the vendor's own validator. No I/O.

The address that Twilio called is configuration, never taken from headers that a proxy or a stranger sets.
Source: Twilio's webhook security documentation. May import: twilio.
"""

from twilio.request_validator import RequestValidator


def signed(auth_token: str, url: str) -> str:
    """The signature under which Twilio would ask for this address, without a form."""
    return str(RequestValidator(auth_token).compute_signature(url, {}))


class SignatureCheck:
    """Checks signatures made with one auth token for one public address."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url

    def webhook(self, path_qs: str, params: object, signature: str | None) -> bool:
        """Whether a webhook to this raw path and query, with these form parameters, is signed."""
        return self._valid(self._public_url + path_qs, params, signature)

    def upgrade(self, path: str, signature: str | None) -> bool:
        """Whether a WebSocket handshake to this path is signed; the forms seen in the field are accepted."""
        host = self._public_url.partition("://")[2]
        bare = path.rstrip("/")
        urls = (f"{scheme}://{host}{bare}{slash}" for scheme in ("wss", "https") for slash in ("", "/"))
        return any(self._valid(url, {}, signature) for url in urls)

    def _valid(self, url: str, params: object, signature: str | None) -> bool:
        if not signature:
            return False
        try:
            return bool(self._validator.validate(url, params, signature))
        except (TypeError, ValueError, AttributeError):
            # The validator raises on some shapes of hostile input; unsigned is what they are.
            return False
