"""What the carrier accepts in TwiML: verbs, their attributes and values, and what may stand in what.

Pure. May import: the standard library.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Element:
    """One verb or noun: what it may carry."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False
    free: bool = False
    """Inside it anything goes, as in the markup of speech."""


def _matches(pattern: str) -> Check:
    return lambda value: re.fullmatch(pattern, value) is not None


def _number(lowest: int, highest: int = 10**6) -> Check:
    return lambda value: value.isdecimal() and lowest <= int(value) <= highest


def _words(*known: str) -> Check:
    """One or several of these words, with blanks between."""
    return lambda value: bool(value.split()) and set(value.split()) <= set(known)


def _one_of(*known: str) -> Check:
    return lambda value: value in known


def _hints(value: str) -> bool:
    phrases = [phrase.strip() for phrase in value.split(",")]
    return len(phrases) <= 500 and all(len(phrase) <= 100 for phrase in phrases)


_any: Check = lambda _: True  # noqa: E731  one row of the table below
_bool = _one_of("true", "false")
_method = _one_of("GET", "POST", "get", "post")
_url = _matches(r"\S+")
_keys = _matches(r"[0-9*#]*")
_language = _matches(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_voice = _matches(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9-]+")
_phone = _matches(r"\+?[0-9][0-9 ()-]{1,20}")
_DIAL_EVENTS = _words("initiated", "ringing", "answered", "completed")
_RECORDED_EVENTS = _words("in-progress", "completed", "absent")
_TALK = frozenset({"Say", "Play", "Pause"})
_RECORD_DIAL = _one_of(
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
)
_SPEECH_MODEL = _matches(
    r"default|numbers_and_commands|phone_call|experimental_\w+|(googlev2|deepgram)_[\w-]+"
)

ELEMENTS: dict[str, Element] = {
    "Say": Element({"voice": _voice, "language": _language, "loop": _number(0)}, text=True, free=True),
    "Play": Element({"loop": _number(0, 1000), "digits": _matches(r"[0-9*#wW]+")}, text=True),
    "Pause": Element({"length": _number(0, 3600)}),
    "Redirect": Element({"method": _method}, text=True),
    "Hangup": Element(),
    "Reject": Element({"reason": _one_of("rejected", "busy")}),
    "Gather": Element(
        {
            "input": _words("dtmf", "speech"),
            "action": _url,
            "method": _method,
            "timeout": _number(1, 600),
            "speechTimeout": lambda value: value == "auto" or _number(1, 600)(value),
            "maxSpeechTime": _number(1, 600),
            "numDigits": _number(1, 1000),
            "finishOnKey": _matches(r"[0-9*#]?"),
            "hints": _hints,
            "language": _language,
            "speechModel": _SPEECH_MODEL,
            "enhanced": _bool,
            "profanityFilter": _bool,
            "bargeIn": _bool,
            "actionOnEmptyResult": _bool,
            "debug": _bool,
        },
        _TALK,
    ),
    "Record": Element(
        {
            "action": _url,
            "method": _method,
            "timeout": _number(1, 600),
            "finishOnKey": _keys,
            "maxLength": _number(1, 14400),
            "playBeep": _bool,
            "trim": _one_of("trim-silence", "do-not-trim"),
            "recordingStatusCallback": _url,
            "recordingStatusCallbackMethod": _method,
            "recordingStatusCallbackEvent": _RECORDED_EVENTS,
        }
    ),
    "Dial": Element(
        {
            "action": _url,
            "method": _method,
            "timeout": _number(1, 600),
            "callerId": _any,
            "timeLimit": _number(1, 14400),
            "answerOnBridge": _bool,
            "hangupOnStar": _bool,
            "ringTone": _matches(r"[a-z]{2}(-old)?"),
            "record": _RECORD_DIAL,
            "recordingStatusCallback": _url,
            "recordingStatusCallbackMethod": _method,
            "recordingStatusCallbackEvent": _RECORDED_EVENTS,
            "sequential": _bool,
        },
        frozenset({"Number"}),
        text=True,
    ),
    "Number": Element(
        {
            "url": _url,
            "method": _method,
            "sendDigits": _matches(r"[0-9*#wW]+"),
            "statusCallback": _url,
            "statusCallbackMethod": _method,
            "statusCallbackEvent": _DIAL_EVENTS,
        },
        text=True,
    ),
    "Connect": Element({"action": _url, "method": _method}, frozenset({"Stream"})),
    "Stream": Element(
        {
            "url": _any,
            "name": _any,
            "track": _one_of("inbound_track"),
            "statusCallback": _url,
            "statusCallbackMethod": _method,
        },
        frozenset({"Parameter"}),
    ),
    "Parameter": Element({"name": _matches(r"(?s).+"), "value": _any}),
}
VERBS = frozenset(ELEMENTS) - {"Number", "Stream", "Parameter"}
NOT_PLAYED = frozenset({"Enqueue", "Leave", "Refer", "Pay", "Prompt", "Start", "Stop", "Sip", "Client"})
"""Good TwiML that this peer cannot do; a document with it fails here and says so."""
CODE_OF_ATTRIBUTE = {
    ("Gather", "timeout"): 13321,
    ("Gather", "speechTimeout"): 13327,
    ("Gather", "maxSpeechTime"): 13328,
    ("Say", "voice"): 13512,
    ("Say", "language"): 13511,
    ("Say", "loop"): 13510,
}
"""Values that have an error of their own; all others are 12200."""
