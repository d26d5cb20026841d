"""HTTPS to Microsoft: a session for each thread, time-outs, a bound on answers, and our own trust.

Nothing is taken from the environment: no proxy, no .netrc (it would replace the token), and no
REQUESTS_CA_BUNDLE (it would replace our certificates, without a word).
May import: the standard library, requests, appliance.core, the patience of this package.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.calendars.graph.patience import Patience
from appliance.core.calendar import CalendarFailed, Trouble

if TYPE_CHECKING:
    import requests

LONGEST_ANSWER = 4_000_000
PIECE = 65_536


class LineBroke(Exception):
    """The connection could not be made or ended before the answer did. Asking once more can help at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` take a name in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Its body as an object. Raises CalendarFailed when it is none; nothing of it is quoted."""
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise CalendarFailed(f"Microsoft answered {self.status} with what is not JSON.", Trouble.OTHER)
        return told


class Line:
    """One service over HTTPS. May be used by many threads at once."""

    def __init__(self, ca_file: Path | None) -> None:
        self._verify: str | bool = True if ca_file is None else str(ca_file)
        self._here = threading.local()
        self._opened: list[requests.Session] = []
        self._changes = threading.Lock()
        self._closed = False

    def ask(self, method: str, url: str, patience: Patience, **asked: Any) -> Answer:
        """Ask and read the whole answer, whatever its status.

        Raises LineBroke, and CalendarFailed when time is over or the certificate is not to be trusted.
        """
        import requests  # noqa: PLC0415 -- 100 ms, and only boxes with Microsoft calendars need it
        from urllib3 import Timeout  # noqa: PLC0415 -- it comes with requests

        left = patience.some_s()
        limit: Any = Timeout(total=left, connect=left, read=left)
        try:
            response = self._session().request(
                method, url, timeout=limit, allow_redirects=False, stream=True, **asked
            )
            with response:
                return Answer(response.status_code, response.headers, _body(response, patience))
        except requests.exceptions.SSLError as exc:
            raise _distrusted(exc) from None
        except requests.exceptions.Timeout:
            raise CalendarFailed("Microsoft did not answer in time.", Trouble.AWAY) from None
        except (requests.exceptions.RequestException, OSError) as exc:
            raise _broken(exc) from None

    def close(self) -> None:
        """Let go of the connections of all threads, for good: one that is asking yet opens no other."""
        with self._changes:
            self._closed = True
            while self._opened:
                self._opened.pop().close()

    def _session(self) -> "requests.Session":
        import requests  # noqa: PLC0415 -- see above

        with self._changes:
            if self._closed:
                raise CalendarFailed("The calendars at Microsoft are closed.", Trouble.AWAY)
            session: requests.Session | None = getattr(self._here, "session", None)
            if session is None:
                session = requests.Session()
                session.trust_env = False
                session.verify = self._verify
                self._here.session = session
                self._opened.append(session)
        return session


def _body(response: "requests.Response", patience: Patience) -> bytes:
    """All of the answer. Each piece has to come in time, so that one who drips does not hold us for ever."""
    from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 -- it comes with requests

    body = b""
    try:
        while piece := response.raw.read1(PIECE, decode_content=True):
            body += piece
            patience.some_s()
            if len(body) > LONGEST_ANSWER:
                raise CalendarFailed("Microsoft's answer has no end.", Trouble.OTHER)
    except (ReadTimeoutError, TimeoutError):
        raise CalendarFailed("Microsoft did not answer in time.", Trouble.AWAY) from None
    except (HTTPError, OSError):
        raise LineBroke("The connection to Microsoft broke in the middle of an answer.") from None
    return body


def _distrusted(exc: Exception) -> Exception:
    if "CERTIFICATE_VERIFY_FAILED" in str(exc):
        return CalendarFailed(
            "What answers in Microsoft's place has a certificate that is not trusted: look at the clock of "
            "this box, and set [microsoft] ca_file if a proxy opens TLS.",
            Trouble.AWAY,
        )
    return LineBroke("The connection to Microsoft could not be secured.")


def _broken(exc: Exception) -> Exception:
    """An error of our own stays what it is: a wrong ca_file is an OSError of requests."""
    if "TLS CA certificate bundle" in str(exc):
        return CalendarFailed("The file of [microsoft] ca_file cannot be read.", Trouble.REFUSED, whole=True)
    return LineBroke("Microsoft cannot be reached.")
