"""What Microsoft's refusals mean: an answer to a CalendarFailed with a sentence for the operator.

Microsoft's own messages can quote what was sent; only codes and request ids are taken from an answer.
Pure. May import: the standard library, appliance.core, the answer of this package's line.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from appliance.calendars.graph.line import Answer
from appliance.core.calendar import CalendarFailed, Trouble

LONGEST_WAIT_S = 900.0
"""What a Retry-After can ask of us: more is taken for a mistake."""
CODE = re.compile(r"[A-Za-z0-9_.]{1,80}")
REQUEST_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")

GONE = {"ErrorItemNotFound"}
NO_MAILBOX = {
    "ErrorInvalidUser",
    "ErrorMailboxNotFound",
    "ErrorNonExistentMailbox",
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "Request_ResourceNotFound",
    "ResourceNotFound",
}
NO_ZONE = {"ErrorInvalidTimeZone", "ErrorTimeZone", "TimeZoneNotSupportedException"}
FULL = {"ErrorQuotaExceeded"}
CROSSED = {"ErrorIrresolvableConflict", "ErrorChangeKeyRequired"}
DUPLICATE = "ErrorDuplicateTransactionId"

NOT_THE_APP = "Microsoft does not give this box a token: "
TOKEN_REFUSALS = {
    7000222: "The client secret has expired. Make a new one in Microsoft Entra and write it into its file.",
    7000215: "The client secret is wrong. Its file must hold the secret's value, not its ID.",
    7000216: "It wants a secret or a certificate and got none.",
    700016: "It does not know the app. See that client_id and tenant belong together.",
    7000112: "The app is switched off in Microsoft Entra.",
    700027: "The certificate is not the app's. Upload it in Microsoft Entra, or correct certificate_file.",
    700024: "The certificate's signature is out of its time. See that the clock of this box is right.",
    90002: "It does not know the tenant. Correct [microsoft] tenant.",
    900023: "The tenant is not an ID or a name. Correct [microsoft] tenant.",
    500011: "It does not know Graph under this name. Correct [microsoft] graph_url.",
    53003: "A conditional access policy of the tenant forbids it.",
}
TOKEN_BUSY = {90033, 90055, 50196}
"""AADSTS codes of troubles that pass."""

SCHEDULE_REFUSED = {"ErrorMailRecipientNotFound", "ErrorNoFreeBusyAccess", "ErrorMailboxNotFound"}
SCHEDULE_BUSY = {"ErrorServerBusy", "ErrorTooManyObjectsOpened"}
SCHEDULE_AWAY = {"ErrorMailboxStoreUnavailable", "ErrorTimeoutExpired", "ErrorMailboxFailover"}


class Refused(CalendarFailed):
    """Graph said no. `code` is its own word for why, empty when it had none."""

    def __init__(self, problem: str, trouble: Trouble, wait_s: float, code: str, *, whole: bool) -> None:
        super().__init__(problem, trouble, wait_s, whole=whole)
        self.code = code


def code_of(answer: Answer) -> str:
    """Graph's code in an error; empty when there is none."""
    try:
        error = answer.json().get("error")
    except CalendarFailed:
        return ""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and CODE.fullmatch(code) else ""


def wait_of(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for, 0 when it does not say or makes no sense."""
    told = headers.get("Retry-After", "").strip()
    try:
        seconds = float(int(told)) if told.isdecimal() else _until(told)
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def refusal(answer: Answer, asked_as: str) -> Refused:
    """Why Graph did not do it. `asked_as` is the client-request-id, by which Microsoft finds the request."""
    code = code_of(answer)
    wait_s = wait_of(answer.headers)
    trouble, sentence = _meant(answer.status, code, wait_s)
    where, whole = f"{answer.status} {code}".strip(), answer.status == 401 or trouble is Trouble.AWAY
    request_id = answer.headers.get("request-id", "")
    named = request_id if REQUEST_ID.fullmatch(request_id) else asked_as
    return Refused(f"{sentence} ({where}, request {named})", trouble, wait_s, code, whole=whole)


def _meant(status: int, code: str, wait_s: float) -> tuple[Trouble, str]:
    by_code = _meant_by_code(code)
    if by_code is not None:
        return by_code
    match status:
        case 401:
            return Trouble.REFUSED, "Microsoft does not accept the token that it gave."
        case 403:
            return Trouble.REFUSED, (
                "Microsoft does not let this app use the mailbox: it needs Calendars.ReadWrite with an "
                "administrator's consent, and the mailbox in its scope."
            )
        case 429:
            return Trouble.BUSY, "Microsoft asks for fewer requests."
        case 503 | 504 if wait_s:
            return Trouble.BUSY, "Microsoft asks to come back later."
        case _ if status >= 500:
            return Trouble.AWAY, "Microsoft has trouble of its own."
    return Trouble.OTHER, "Microsoft answered what is not understood."


def _meant_by_code(code: str) -> tuple[Trouble, str] | None:
    if code in GONE:
        return Trouble.GONE, "There is no such appointment any more."
    if code in NO_MAILBOX:
        return Trouble.REFUSED, (
            "There is no such mailbox, or it has no licence for Exchange Online: correct its address."
        )
    if code in NO_ZONE:
        return Trouble.OTHER, "Microsoft does not know the office's time zone."
    if code in FULL:
        return Trouble.REFUSED, "The mailbox is full."
    if code in CROSSED:
        return Trouble.BUSY, "Somebody else changed the appointment at the same moment."
    return None


def schedule_refusal(error: Mapping[str, Any]) -> CalendarFailed:
    """Why one schedule in a good answer is not there."""
    told = error.get("responseCode")
    code = told if isinstance(told, str) and CODE.fullmatch(told) else "no code"
    if code in SCHEDULE_REFUSED:
        said, trouble = "Microsoft finds no calendar of this address, or none it may read", Trouble.REFUSED
    elif code in SCHEDULE_BUSY:
        said, trouble = "Microsoft asks to come back later", Trouble.BUSY
    elif code in SCHEDULE_AWAY:
        said, trouble = "The mailbox cannot be reached now", Trouble.AWAY
    else:
        said, trouble = "Microsoft did not say when the calendar is busy", Trouble.OTHER
    return CalendarFailed(f"{said}. (getSchedule, {code})", trouble, whole=False)


def token_refusal(answer: Answer) -> CalendarFailed | None:
    """Why there is no token; None for an answer that is none of an error."""
    wait_s = wait_of(answer.headers)
    if answer.status == 429 or (answer.status >= 500 and wait_s):
        return CalendarFailed(
            "Microsoft asks to come back later for a token.", Trouble.BUSY, wait_s, whole=True
        )
    if answer.status >= 500:
        return CalendarFailed(f"Microsoft's tokens are out of order ({answer.status}).", Trouble.AWAY)
    told = answer.json()
    if answer.status == 200 and "error" not in told:
        return None
    codes = [code for code in _list(told.get("error_codes")) if isinstance(code, int)]
    if any(code in TOKEN_BUSY for code in codes) or told.get("error") == "temporarily_unavailable":
        return CalendarFailed("Microsoft cannot give a token at the moment.", Trouble.AWAY)
    return _token_refused(answer.status, codes)


def _token_refused(status: int, codes: list[int]) -> CalendarFailed:
    named = ", ".join(f"AADSTS{code}" for code in codes[:3])
    for code in codes:
        if code in TOKEN_REFUSALS:
            said = f"{NOT_THE_APP}{TOKEN_REFUSALS[code]} ({named})"
            return CalendarFailed(said, Trouble.REFUSED, whole=True)
    if named or status in {400, 401, 403}:
        return CalendarFailed(f"{NOT_THE_APP}it says {named or status}.", Trouble.REFUSED, whole=True)
    return CalendarFailed(f"Microsoft's tokens are not where they should be ({status}).", Trouble.OTHER)


def _list(told: object) -> list[object]:
    return told if isinstance(told, list) else []


def _until(told: str) -> float:
    """Seconds to a date of HTTP. Raises ValueError when it is none."""
    when = parsedate_to_datetime(told)
    return (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
