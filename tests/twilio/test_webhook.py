"""Twilio's forms: known fields are checked, unknown ones ignored, garbage is a WireError."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.errors import WireError
from appliance.core.steps import CallEnded, CallOffered, MenuAnswered, RingEnded, VoicemailTaken
from twilio_bridge import webhook

CALL = "CA" + "0123456789abcdef" * 2
RECORDING = "RE" + "0123456789ABCDEF" * 2
FORM = {"CallSid": CALL, "From": "+15551230001", "To": "+15559870002", "CallStatus": "ringing"}
READERS: dict[str, Any] = {
    "offered": webhook.offered,
    "menu_answered": lambda form: webhook.menu_answered(form, "main"),
    "ring_ended": webhook.ring_ended,
    "voicemail_taken": webhook.voicemail_taken,
    "call_ended": webhook.call_ended,
    "call_sid": webhook.call_sid,
}
NAMES = (
    "CallSid",
    "From",
    "To",
    "CallStatus",
    "Digits",
    "SpeechResult",
    "Confidence",
    "DialCallStatus",
    "DialCallDuration",
    "RecordingSid",
    "RecordingDuration",
    "CallDuration",
    "Timestamp",
    "RecordingStartTime",
)
TIMES = (
    "Tue, 24 Nov 2026 10:00:00 +0000",
    "Mon, 01 Jan 0001 00:00:00 +1400",
    "Fri, 31 Dec 9999 23:59:59 -1400",
    "24 Nov",
    "Tue, 24 Nov 2026 25:00:00 +0000",
    "Tue, 24 Nov 2026 10:00:00 +99999999",
)
values = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [CALL, RECORDING, "completed", "+15551230001", "7", "0.5", "-1", "nan", "1e999", "9" * 5000, *TIMES]
    ),
)


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=40)
@given(form=st.dictionaries(st.sampled_from(NAMES), values))
def test_any_form_is_read_or_refused(reader: str, form: dict[str, str]) -> None:
    try:
        READERS[reader](form)
    except WireError as exc:
        problem = str(exc)
    else:
        problem = ""
    assert len(problem) < 700


def test_a_call_rings() -> None:
    offered = webhook.offered(FORM | {"ToCity": "NEW YORK", "SomethingNew": "x"})
    assert offered == CallOffered(CALL, "+15551230001", "+15559870002", "twilio")


@pytest.mark.parametrize(
    ("caller", "known"),
    [
        ("+266696687", ""),
        ("+86282452253", ""),
        ("anonymous", ""),
        ("Restricted", ""),
        ("sip:alice@example.com", ""),
        ("client:alice", ""),
        ("", ""),
        ("+0123456789", ""),
        ("+15551230001\n", ""),
        ("+1555123000１", ""),
        ("+1555", ""),
        ("+4930123456", "+4930123456"),
    ],
)
def test_a_withheld_number_is_empty(caller: str, known: str) -> None:
    assert webhook.offered(FORM | {"From": caller}).caller == known


@pytest.mark.parametrize(
    "sid",
    [
        "",
        "CA1",
        CALL + "0",
        CALL + "\n",
        CALL.replace("C", "X", 1),
        "CA" + "g" * 32,
        "CA" + "１" * 32,
        CALL + "\0",
    ],
)
@pytest.mark.parametrize("reader", ["offered", "menu_answered", "call_sid"])
def test_a_malformed_call_sid_is_refused(reader: str, sid: str) -> None:
    with pytest.raises(WireError, match="CallSid is missing or malformed"):
        READERS[reader](FORM | {"CallSid": sid})


@pytest.mark.parametrize("reader", READERS)
def test_a_form_without_a_call_is_refused(reader: str) -> None:
    with pytest.raises(WireError, match="is missing or malformed"):
        READERS[reader]({})


def test_a_menu_is_answered_by_key_or_voice() -> None:
    assert webhook.menu_answered(FORM | {"Digits": "1"}, "main") == MenuAnswered(CALL, "main", "1")
    spoken = webhook.menu_answered(FORM | {"SpeechResult": "billing", "Confidence": "0.91"}, "main")
    assert spoken == MenuAnswered(CALL, "main", "", "billing", 0.91)
    for confidence in ("", "sure", "nan", "inf", "-0.1", "1.1"):
        assert webhook.menu_answered(FORM | {"Confidence": confidence}, "main").confidence is None


def test_a_menu_answer_is_bounded() -> None:
    long = webhook.menu_answered(FORM | {"SpeechResult": "x" * 5000}, "main")
    assert len(long.speech) == webhook.SPEECH_MOST
    for digits in ("A", "1" * 33, "1 2", "１"):
        with pytest.raises(WireError, match="Digits"):
            webhook.menu_answered(FORM | {"Digits": digits}, "main")
    for menu in ("", "Main", "a b", "x" * 33, "../etc"):
        with pytest.raises(WireError, match="not a menu"):
            webhook.menu_answered(FORM, menu)


def test_phones_are_done() -> None:
    dialled = FORM | {"DialCallStatus": "completed", "DialCallDuration": "42"}
    assert webhook.ring_ended(dialled) == RingEnded(CALL, "answered", 42)
    assert webhook.ring_ended(FORM | {"DialCallStatus": "no-answer"}) == RingEnded(CALL, "no-answer", 0)
    with pytest.raises(WireError, match="DialCallStatus"):
        webhook.ring_ended(FORM | {"DialCallStatus": "<b>"})


def test_a_voicemail_was_taken() -> None:
    recorded = FORM | {"RecordingSid": RECORDING, "RecordingDuration": "7", "Digits": "hangup"}
    assert webhook.voicemail_taken(recorded) == VoicemailTaken(CALL, RECORDING, 7, "")
    assert webhook.voicemail_taken(recorded | {"Digits": "0"}).digits == "0"
    for seconds, read in (("9" * 9, webhook.LONGEST_S), ("9" * 10, 0), ("-5", 0), ("²", 0), ("", 0)):
        assert webhook.voicemail_taken(recorded | {"RecordingDuration": seconds}).seconds == read
    for sid in ("", "../../etc/passwd", "RE1", RECORDING.replace("R", "C", 1)):
        with pytest.raises(WireError, match="RecordingSid"):
            webhook.voicemail_taken(recorded | {"RecordingSid": sid})


def test_only_an_end_ends_a_call() -> None:
    assert webhook.call_ended(FORM | {"CallStatus": "in-progress"}) is None
    ended = webhook.call_ended(FORM | {"CallStatus": "completed", "CallDuration": "61"})
    assert ended == CallEnded(CALL, "completed", 61)
    for status in ("busy", "failed", "no-answer", "canceled"):
        assert webhook.call_ended(FORM | {"CallStatus": status}) == CallEnded(CALL, status, None)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Tue, 24 Nov 2026 10:00:00 +0000", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 05:00:00 -0500", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 10:00:00", None),
        ("2026-11-24T10:00:00Z", None),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("", None),
    ],
)
def test_an_end_is_dated_when_the_carrier_says_so(text: str, at: datetime | None) -> None:
    form = {"CallSid": CALL, "CallStatus": "completed", "CallDuration": "42", "Timestamp": text}
    assert webhook.call_ended(form) == CallEnded(CALL, "completed", 42, at)


@pytest.mark.parametrize(("text", "turn"), [("", 0), ("1", 1), ("9999", 9999)])
def test_an_answer_says_to_which_turn(text: str, turn: int) -> None:
    assert webhook.menu_answered(FORM, "main", text).turn == turn


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "99999", "٣", " 1"])
def test_what_is_no_turn_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="not a turn"):
        webhook.menu_answered(FORM, "main", text)


def test_a_webhook_is_about_the_callers_call() -> None:
    child = "CA" + "f" * 32
    assert webhook.subject({"CallSid": child, "ParentCallSid": CALL}) == CALL
    assert webhook.subject(FORM) == CALL
    assert webhook.subject({"CallSid": "+15551230001"}) == ""
