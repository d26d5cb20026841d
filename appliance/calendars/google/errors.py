"""What Google's refusals and silences mean for us, in words of ours: theirs may quote what we sent.

May import: the standard library, googleapiclient, google.auth, httplib2, appliance.core.
"""

import json
import re
import ssl
from http.client import HTTPException
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from googleapiclient.errors import Error, HttpError
from httplib2 import HttpLib2Error, ServerNotFoundError

from appliance.calendars.google.http import TokensAway, wait_s
from appliance.core.calendar import CalendarFailed, Trouble

FAILURES = (
    Error, GoogleAuthError, HttpLib2Error, HTTPException, TokensAway, OSError,
    ValueError, LookupError, TypeError, AttributeError,
)  # fmt: skip
"""What a request can end in. The last four come of answers that are not Google's, as of a guest network."""
SLOW_DOWN = frozenset(
    {
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
        "variableTermLimitExceeded",
    }
)
WORD = re.compile(r"[A-Za-z_]{1,60}")
KNOWN = {
    401: "does not accept its own token",
    404: "does not know the calendar, or it is not shared with the service account",
    409: "has an appointment of that name already",
    410: "has no such appointment any more",
    412: "saw the appointment change at the same time",
    429: "asks us to come back later",
}


class Refused(CalendarFailed):
    """Google answered with this HTTP status."""

    def __init__(self, problem: str, trouble: Trouble, status: int, wait_s: float = 0.0) -> None:
        super().__init__(problem, trouble, wait_s, whole=status == 401 or trouble is Trouble.AWAY)
        self.status = status


class NotSo(CalendarFailed):
    """Google said that it was done, and it is not there when one looks; asking again may help."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Google Calendar {problem}", Trouble.OTHER)


def other(problem: str) -> CalendarFailed:
    """An answer that cannot be used."""
    return CalendarFailed(f"Google Calendar {problem}", Trouble.OTHER)


def understood(error: Exception) -> CalendarFailed:
    """One of FAILURES as ours."""
    match error:
        case HttpError():
            return _refused(error.status_code, _reason(error.content), wait_s(error.resp))
        case TokensAway():
            trouble = Trouble.BUSY if error.status == 429 else Trouble.AWAY
            said = f"Google gives no token now (status {error.status})"
            return CalendarFailed(said, trouble, error.wait_s, whole=True)
        case RefreshError():
            return _no_token(error)
        case TimeoutError():
            return CalendarFailed("Google Calendar did not answer in time", Trouble.AWAY)
        case ssl.SSLCertVerificationError():
            said = "Google Calendar shows a certificate that we do not trust (ca_file; is the clock right?)"
            return CalendarFailed(said, Trouble.AWAY)
        case OSError() | HTTPException() | TransportError() | ServerNotFoundError():
            return CalendarFailed(f"Google Calendar cannot be reached ({type(error).__name__})", Trouble.AWAY)
        case _:
            return other(f"gave an answer that is not its own ({type(error).__name__})")


def _refused(status: int, reason: str, wait: float) -> Refused:
    said = KNOWN.get(status, "does not do it")
    if status == 403:
        said = (
            "asks us to come back later" if reason in SLOW_DOWN else "does not let the service account do it"
        )
    shown = f"status {status}, {reason}" if reason else f"status {status}"
    return Refused(f"Google Calendar {said} ({shown})", _trouble(status, reason), status, wait)


def _trouble(status: int, reason: str) -> Trouble:
    match status:
        case 403:
            return Trouble.BUSY if reason in SLOW_DOWN else Trouble.REFUSED
        case 401 | 404:
            return Trouble.REFUSED
        case 410:
            return Trouble.GONE
        case 429:
            return Trouble.BUSY
        case _:
            return Trouble.AWAY if status >= 500 else Trouble.OTHER


def _reason(content: bytes) -> str:
    """The reason of the first error in a refusal; empty when there is none that is one word."""
    try:
        said: Any = json.loads(content)["error"]["errors"][0]["reason"]
    except (ValueError, LookupError, TypeError):
        return ""
    return _word(said)


def _word(said: object) -> str:
    return said if isinstance(said, str) and WORD.fullmatch(said) else ""


def _no_token(error: RefreshError) -> CalendarFailed:
    answer = error.args[1] if len(error.args) > 1 else None
    code = _word(answer.get("error")) if isinstance(answer, dict) else ""
    if not code:
        return CalendarFailed("Google's token service gave an answer that is not its own", Trouble.OTHER)
    why = (
        "the key was deleted, or this machine's clock is wrong"
        if code == "invalid_grant"
        else "look at the key"
    )
    said = f"Google gives the service account no token ({code}): {why}"
    return CalendarFailed(said, Trouble.REFUSED, whole=True)
