"""Twilio's webhook forms, read into what core asks for. No I/O.

Unknown parameters are ignored, as new ones appear without notice; the known ones are checked, because a
signature does not say where a name ends and its value begins. Source: Twilio's voice webhook documentation.
May import: the standard library, appliance.core.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from appliance.core.errors import WireError
from appliance.core.steps import CallEnded, CallOffered, MenuAnswered, RingEnded, VoicemailTaken
from appliance.core.texts import TextReceived, TextReported

Form = Mapping[str, str]

CARRIER = "twilio"
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
TEXT_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
TEXT_KEY = re.compile(r"[0-9a-f]{32}")
CODE = re.compile(r"[0-9]{0,9}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
DIGITS = re.compile(r"[0-9*#]{0,32}")
MENU = re.compile(r"[a-z0-9_]{1,32}")
TURN = re.compile(r"[0-9]{1,4}")
STATUS = re.compile(r"[a-z-]{1,20}")
# What Twilio shows instead of a withheld or unknown number.
WITHHELD = frozenset({"+266696687", "+86282452253"})
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
SPEECH_MOST = 1000
TIME_MOST = 64
TEXT_MOST = 4000
PICTURES_MOST = 99
LONGEST_S = 100_000


def _field(form: Form, name: str, pattern: re.Pattern[str], default: str | None = None) -> str:
    text = form.get(name)
    if text is None and default is not None:
        return default
    if text is None or not pattern.fullmatch(text):
        raise WireError(f"{name} is missing or malformed", text)
    return text


def _seconds(form: Form, name: str) -> int | None:
    text = form.get(name, "")
    return min(int(text), LONGEST_S) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _moment(form: Form, name: str) -> datetime | None:
    """A time as Twilio writes it (RFC 2822), with its zone; None for anything else."""
    try:
        at = parsedate_to_datetime(form.get(name, "")[:TIME_MOST])
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def number(text: str) -> str:
    """An E.164 number, or empty when the caller is withheld or not on the telephone network."""
    return text if E164.fullmatch(text) and text not in WITHHELD else ""


def call_sid(form: Form) -> str:
    """The call that a webhook is about."""
    return _field(form, "CallSid", CALL_SID)


def subject(form: Form) -> str:
    """The call that a webhook is about, as far as it says: that of the caller, not of a phone rung for it."""
    sid = form.get("ParentCallSid") or form.get("CallSid", "")
    return sid if CALL_SID.fullmatch(sid) else ""


def offered(form: Form) -> CallOffered:
    """A call rings."""
    caller, called = form.get("From", ""), form.get("To", "")
    return CallOffered(call_sid(form), number(caller), number(called), CARRIER)


def menu_answered(form: Form, menu: str, turn: str = "") -> MenuAnswered:
    """A `<Gather>` ended; menu and turn come from the address that we gave it."""
    if not MENU.fullmatch(menu):
        raise WireError("not a menu", menu)
    if turn and not TURN.fullmatch(turn):
        raise WireError("not a turn", turn)
    return MenuAnswered(
        call_sid(form),
        menu,
        _field(form, "Digits", DIGITS, ""),
        form.get("SpeechResult", "")[:SPEECH_MOST],
        _confidence(form.get("Confidence", "")),
        int(turn or 0),
    )


def _confidence(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def ring_ended(form: Form) -> RingEnded:
    """A `<Dial>` ended."""
    status = _field(form, "DialCallStatus", STATUS)
    result = "answered" if status == "completed" else status
    return RingEnded(call_sid(form), result, _seconds(form, "DialCallDuration") or 0)


def phone_done(form: Form) -> RingEnded | None:
    """The status callback of one phone of a `<Dial>`; None while it rings or talks."""
    status = _field(form, "CallStatus", STATUS)
    if status not in FINAL:
        return None
    result = "answered" if status == "completed" else status
    return RingEnded(_field(form, "ParentCallSid", CALL_SID), result, _seconds(form, "CallDuration") or 0)


def digits(form: Form) -> str:
    """The keys that were pressed."""
    return _field(form, "Digits", DIGITS, "")


def call_status(form: Form) -> str:
    """How far a call has come, in the carrier's word."""
    return _field(form, "CallStatus", STATUS)


def voicemail_taken(form: Form) -> VoicemailTaken:
    """A `<Record>` ended, or its recording can be fetched."""
    sid = _field(form, "RecordingSid", RECORDING_SID)
    digits = form.get("Digits", "")
    known = digits if DIGITS.fullmatch(digits) else ""
    seconds = _seconds(form, "RecordingDuration") or 0
    return VoicemailTaken(call_sid(form), sid, seconds, known, _moment(form, "RecordingStartTime"))


def call_ended(form: Form) -> CallEnded | None:
    """A status callback; None while the call goes on."""
    status = _field(form, "CallStatus", STATUS)
    if status not in FINAL:
        return None
    return CallEnded(call_sid(form), status, _seconds(form, "CallDuration"), _moment(form, "Timestamp"))


def text_received(form: Form) -> TextReceived | None:
    """Somebody texts us; None for a sender that is no telephone number, such as a short code."""
    sid, sender = _field(form, "MessageSid", TEXT_SID), number(form.get("From", ""))
    pictures = min(_seconds(form, "NumMedia") or 0, PICTURES_MOST)
    if not sender:
        return None
    return TextReceived(sid, sender, form.get("Body", "")[:TEXT_MOST], pictures, bool(form.get("OptOutType")))


def text_reported(form: Form, key: str) -> TextReported:
    """The status callback of a text of ours; its key comes from the address that we gave."""
    if not TEXT_KEY.fullmatch(key):
        raise WireError("not a text of ours", key)
    code = _field(form, "ErrorCode", CODE, "")
    status = _field(form, "MessageStatus", STATUS)
    return TextReported(key, _field(form, "MessageSid", TEXT_SID), status, int(code or 0))
