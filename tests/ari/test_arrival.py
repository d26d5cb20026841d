import pytest

from appliance.core.errors import WireError
from appliance.core.steps import CallEnded, CallOffered, RingEnded, VoicemailTaken
from ari_bridge import ami_events
from ari_bridge.ami_events import CallerLeft, DeskAsked, HandedToUs, PhoneState, Told
from ari_bridge.arrival import arrived, number
from ari_bridge.media_events import MediaStarted

GIVEN = {
    "ATTENDANT_CALL": "a0b1-1700000000.17",
    "ATTENDANT_CHANNEL": "PJSIP/attendant-trunk-0000002a",
    "ATTENDANT_CALLER": "4155550100",
    "ATTENDANT_CALLED": "+14155550199",
}


def test_a_call_says_who_rings_whom() -> None:
    found = arrived(MediaStarted("ulaw_8k", GIVEN))
    assert found.offer == CallOffered("a0b1-1700000000.17", "+14155550100", "+14155550199", "asterisk")
    assert found.channel == "PJSIP/attendant-trunk-0000002a"
    assert found.ring is None


@pytest.mark.parametrize(
    ("status", "result"),
    [("BUSY", "busy"), ("NOANSWER", "no-answer"), ("CHANUNAVAIL", "failed"), ("SOMETHING", "failed")],
)
def test_one_that_comes_back_says_how_the_phones_did(status: str, result: str) -> None:
    found = arrived(MediaStarted("ulaw_8k", {**GIVEN, "ATTENDANT_RANG": f"{status}:billing"}))
    assert found.ring == RingEnded("a0b1-1700000000.17", result, department="billing")


@pytest.mark.parametrize(
    "changed",
    [
        {"ATTENDANT_CALL": ""},
        {"ATTENDANT_CALL": "a b"},
        {"ATTENDANT_CALL": "x" * 81},
        {"ATTENDANT_CHANNEL": "PJSIP/1\r\nAction: Originate"},
        {"ATTENDANT_CHANNEL": ""},
    ],
)
def test_one_that_does_not_say_which_call_it_is_of_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(WireError):
        arrived(MediaStarted("ulaw_8k", {**GIVEN, **changed}))


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("+442071838750", "1", "+442071838750"),
        ("00442071838750", "1", "+442071838750"),
        ("(415) 555-0100", "1", "+14155550100"),
        ("14155550100", "1", "+14155550100"),
        ("02071838750", "44", "+442071838750"),
        ("101", "1", "101"),
        ("anonymous", "1", ""),
        ("", "1", ""),
        ("+0123", "1", ""),
    ],
)
def test_numbers(text: str, country: str, found: str) -> None:
    assert number(text, country) == found


def told(did: str, **more: str) -> dict[str, str]:
    who = {"Call": "a-1.2", "Caller": "4155550100", "Called": "100"}
    return {"Event": "UserEvent", "UserEvent": "Attendant", "Did": did, **who, **more}


HANDED = {
    "Event": "AttendedTransfer",
    "TransfereeChannel": "PJSIP/201-1",
    "TransferTargetChannel": "WebSocket/attendant/0x7f",
}


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            told("rang", Department="billing", Result="ANSWER", Seconds="42"),
            RingEnded("a-1.2", "answered", 42, "billing"),
        ),
        (told("voicemail", File="a-1.2-0.wav", Seconds="9"), VoicemailTaken("a-1.2", "a-1.2-0.wav", 9)),
        (told("voicemail", File=""), None),
        (told("over", Seconds="61"), CallEnded("a-1.2", "completed", seconds=61)),
        (told("over", Seconds="soon"), CallEnded("a-1.2", "completed", seconds=0)),
        (
            told("missed"),
            None,
        ),
        (told("something"), None),
        (told("asked", Desk="PJSIP/102-1"), DeskAsked("a-1.2", "PJSIP/102-1")),
        (told("taken"), DeskAsked("a-1.2", "")),
        ({"Event": "HangupRequest", "Uniqueid": "a-1.2", "Channel": "PJSIP/201-1"}, CallerLeft("a-1.2")),
        ({"Event": "HangupRequest"}, None),
        (HANDED, HandedToUs("PJSIP/201-1", "WebSocket/attendant/0x7f")),
        ({**HANDED, "TransferTargetChannel": "PJSIP/102-2"}, None),
        ({"Event": "UserEvent", "UserEvent": "Another", "Call": "a-1.2", "Did": "over"}, None),
        ({"Event": "UserEvent", "UserEvent": "Attendant", "Did": "over"}, None),
        ({"Event": "ContactStatus", "AOR": "101", "ContactStatus": "Reachable"}, PhoneState("101", True)),
        ({"Event": "ContactStatus", "AOR": "101", "ContactStatus": "Removed"}, PhoneState("101", False)),
        ({"Event": "ContactStatus", "AOR": "101", "ContactStatus": "Updated"}, None),
        ({"Event": "Hangup"}, None),
        ({}, None),
    ],
)
def test_what_the_manager_interface_tells(message: dict[str, str], event: object) -> None:
    found = ami_events.read(message)
    assert (found.what if isinstance(found, Told) else found) == event
    if isinstance(found, Told):
        assert found.offer == CallOffered("a-1.2", "+14155550100", "100", "asterisk")


def test_nothing_is_told_of_what_we_do_not_know() -> None:
    assert isinstance(ami_events.read(told("missed")), Told)
    assert ami_events.read(told("something")) is None
    assert ami_events.read(told("voicemail", File="")) is None
