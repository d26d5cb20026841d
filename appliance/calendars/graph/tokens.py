"""Tokens for Microsoft Graph, by the real msal: fetched when needed, kept in memory, dropped when refused.

msal asks the network even while it is built, so nothing is built before the first token is wanted.
May import: the standard library, msal, requests, appliance.core, account, line, patience and refusals here.
"""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from appliance.calendars.graph.account import Account
from appliance.calendars.graph.line import Answer, Line, LineBroke
from appliance.calendars.graph.patience import Patience
from appliance.calendars.graph.refusals import token_refusal
from appliance.core.calendar import CalendarFailed, Trouble

if TYPE_CHECKING:
    import msal

LONGEST_S = 2.5
"""What a token may take of a verb's time. With one in hand that is only ageing, msal goes on with it."""


class Tokens:
    """The tokens of one account. May be used by many threads at once; one of them fetches."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._line = Line(account.ca_file)
        self._door = Door(self._line)
        self._scope = f"https://{urlsplit(account.graph_url).netloc}/.default"
        self._app: msal.ConfidentialClientApplication | None = None
        self._turn = threading.Lock()

    def token(self, patience: Patience) -> str:
        """A token that is good for now. Raises CalendarFailed."""
        self._take_turn(patience)
        try:
            self._door.patience = Patience.of(min(LONGEST_S, patience.some_s()), patience.clock)
            return self._fetched()
        finally:
            self._turn.release()

    def drop(self, patience: Patience) -> None:
        """Forget what is kept: Graph did not accept it. Raises CalendarFailed when its turn does not come."""
        self._take_turn(patience)
        try:
            if self._app is not None:
                self._app.remove_tokens_for_client()
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()

    def _take_turn(self, patience: Patience) -> None:
        if not self._turn.acquire(timeout=patience.some_s()):
            raise CalendarFailed("Microsoft did not give a token in time.", Trouble.AWAY)

    def _fetched(self) -> str:
        from requests.exceptions import RequestException  # noqa: PLC0415 -- loaded when first needed

        try:
            if self._app is None:
                self._app = _built(self._account, self._door)
            told = self._app.acquire_token_for_client(scopes=[self._scope])
        except RequestException as exc:
            raise exc.__cause__ or _garbled() from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _garbled() from None
        token = told.get("access_token")
        if not isinstance(token, str):
            raise _garbled()
        return token


def _built(account: Account, door: "Door") -> "msal.ConfidentialClientApplication":
    """The app, with what Microsoft says of itself. Raises RequestException, CalendarFailed for a bad key."""
    import msal  # noqa: PLC0415 -- 200 ms, and only boxes with Microsoft calendars need it

    credential: str | dict[str, str] = account.credential
    if account.certificate:
        _see_key(account.credential, account.certificate)
        credential = {"private_key": account.credential, "public_certificate": account.certificate}
    return msal.ConfidentialClientApplication(
        account.client_id,
        client_credential=credential,
        authority=f"{account.authority_url}/{account.tenant}",
        instance_discovery=False,
        http_client=door,
    )


def _see_key(key: str, certificate: str) -> None:
    """Raises CalendarFailed when they cannot be read or do not belong together."""
    from cryptography import x509  # noqa: PLC0415 -- it comes with msal
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        private = load_pem_private_key(key.encode(), None)
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except (ValueError, TypeError):
        raise _bad_key("cannot be read; the key must not be encrypted") from None
    if not isinstance(private, RSAPrivateKey):
        raise _bad_key("has a key of a kind that Microsoft does not take: it must be RSA")
    if private.public_key() != public:
        raise _bad_key("holds a key and a certificate that do not belong together")


def _bad_key(what: str) -> CalendarFailed:
    return CalendarFailed(f"The file of [microsoft] certificate_file {what}.", Trouble.REFUSED, whole=True)


def _see_token(answer: Answer) -> None:
    """Raises CalendarFailed for a token that can stand in no header: msal would keep it for an hour."""
    token = answer.json().get("access_token", "")
    if not (isinstance(token, str) and token.isascii() and token.isprintable()):
        raise _garbled()


def _garbled() -> CalendarFailed:
    return CalendarFailed("Microsoft's tokens are not what they should be.", Trouble.OTHER)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as msal reads it."""

    status_code: int
    text: str
    headers: dict[str, str]

    def raise_for_status(self) -> None:
        """It has none that fails: such an answer never gets here."""


class Door:
    """msal's way out: our line, with the time that is left.

    Each failure is a RequestException *from* a CalendarFailed: on that alone msal goes on with a token that
    is only ageing, and it keeps no refusal in mind, so that what an operator mends counts at once.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self.patience: Patience | None = None

    def get(self, url: str, headers: dict[str, str] | None = None, **_more: Any) -> Told:
        """Fetch what is known of the tenant."""
        return self._passed("GET", url, headers=headers)

    def post(self, url: str, headers: dict[str, str] | None = None, data: Any = None, **_more: Any) -> Told:
        """Ask for a token."""
        return self._passed("POST", url, headers=headers, data=data)

    def close(self) -> None:
        """Nothing of its own."""

    def _passed(self, method: str, url: str, **asked: Any) -> Told:
        from requests.exceptions import RequestException  # noqa: PLC0415 -- loaded when first needed

        try:
            answer = self._answered(method, url, asked)
            failure = token_refusal(answer)
            if failure is not None:
                raise failure
            _see_token(answer)
        except CalendarFailed as failure:
            raise RequestException("no token") from failure
        return Told(answer.status, answer.body.decode("utf-8", "replace"), dict(answer.headers))

    def _answered(self, method: str, url: str, asked: dict[str, Any]) -> Answer:
        """Its answer, asked once more when the line broke: a connection that was idle may be closed."""
        if self.patience is None:
            raise CalendarFailed("Nobody waits for a token.", Trouble.OTHER)
        try:
            return self._line.ask(method, url, self.patience, **asked)
        except LineBroke:
            pass
        try:
            return self._line.ask(method, url, self.patience, **asked)
        except LineBroke as exc:
            raise CalendarFailed(str(exc), Trouble.AWAY) from None
