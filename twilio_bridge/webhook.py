"""Twilio's webhook forms, read into what core asks for. No I/O.

Unknown parameters are ignored, as new ones appear without notice; the known ones are checked, because a
signature does not say where a name ends and its value begins. Source: Twilio's voice webhook documentation.
May import: the standard library, appliance.core.
"""

import re
from collections.abc import Mapping

from appliance.core.errors import WireError
from appliance.core.steps import CallEnded, CallOffered, MenuAnswered, RingEnded, VoicemailTaken

Form = Mapping[str, str]

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
DIGITS = re.compile(r"[0-9*#]{0,32}")
MENU = re.compile(r"[a-z0-9_]{1,32}")
STATUS = re.compile(r"[a-z-]{1,20}")
# What Twilio shows instead of a withheld or unknown number.
WITHHELD = frozenset({"+266696687", "+86282452253"})
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
SPEECH_MOST = 1000
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


def number(text: str) -> str:
    """An E.164 number, or empty when the caller is withheld or not on the telephone network."""
    return text if E164.fullmatch(text) and text not in WITHHELD else ""


def call_sid(form: Form) -> str:
    """The call that a webhook is about."""
    return _field(form, "CallSid", CALL_SID)


def offered(form: Form) -> CallOffered:
    """A call rings."""
    caller, called = form.get("From", ""), form.get("To", "")
    return CallOffered(call_sid(form), number(caller), number(called), "twilio")


def menu_answered(form: Form, menu: str) -> MenuAnswered:
    """A `<Gather>` ended."""
    if not MENU.fullmatch(menu):
        raise WireError("not a menu", menu)
    return MenuAnswered(
        call_sid(form),
        menu,
        _field(form, "Digits", DIGITS, ""),
        form.get("SpeechResult", "")[:SPEECH_MOST],
        _confidence(form.get("Confidence", "")),
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


def voicemail_taken(form: Form) -> VoicemailTaken:
    """A `<Record>` ended, or its recording can be fetched."""
    sid = _field(form, "RecordingSid", RECORDING_SID)
    digits = form.get("Digits", "")
    known = digits if DIGITS.fullmatch(digits) else ""
    return VoicemailTaken(call_sid(form), sid, _seconds(form, "RecordingDuration") or 0, known)


def call_ended(form: Form) -> CallEnded | None:
    """A status callback; None while the call goes on."""
    status = _field(form, "CallStatus", STATUS)
    if status not in FINAL:
        return None
    return CallEnded(call_sid(form), status, _seconds(form, "CallDuration"))
