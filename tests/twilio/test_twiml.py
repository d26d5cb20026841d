"""Steps in Twilio's words: verbs, attributes and addresses, whatever staff wrote."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import front_door
from appliance.core.errors import SettingsError
from appliance.core.steps import Ask, Assist, HangUp, Ring, Say, Steps, TakeVoicemail
from tests.core.office import BILLING, FRONT_DESK, office
from twilio_bridge.twiml import BIN_MOST, SAY_MOST, Addresses, Wording, bin_document, document

GOODBYE = "https://handler.twilio.com/twiml/EH00000000000000000000000000000001"
ADDRESSES = Addresses("https://box.example.com", 2000, 4000, GOODBYE)
TIMEOUTS = "#ct=2000&rt=4000"


def written(*steps: object, wording: Wording | None = None) -> ET.Element:
    made: Steps = steps  # type: ignore[assignment]
    return ET.fromstring(document(made, ADDRESSES, wording or Wording()))  # noqa: S314 -- our own


def test_a_text_is_said_in_the_offices_language() -> None:
    (say,) = written(Say("Hello."))
    assert (say.tag, say.attrib, say.text) == ("Say", {"language": "en-US"}, "Hello.")


def test_a_menu_waits_for_one_key_or_a_word_and_goes_on_without() -> None:
    gather, hang_up = written(Ask("main", "Press 1.", ("hours", "person"), 7), HangUp())
    assert gather.attrib == {
        "input": "dtmf speech",
        "numDigits": "1",
        "action": f"https://box.example.com/twilio/menu?at=main{TIMEOUTS}",
        "method": "POST",
        "timeout": "7",
        "speechTimeout": "auto",
        "hints": "hours, person",
        "language": "en-US",
    }
    (said,) = gather
    assert (said.tag, said.text, hang_up.tag) == ("Say", "Press 1.", "Hangup")


def test_a_menu_begins_with_the_clinics_own_recording() -> None:
    (gather,) = written(Ask("main", "Press 1.", (), recording="en-abc"))
    play, said = gather
    assert (play.tag, play.text) == ("Play", "https://box.example.com/twilio/sound/en-abc.wav")
    assert (said.tag, said.text) == ("Say", "Press 1.")


def test_a_menu_with_a_turn_has_it_in_its_address() -> None:
    (gather,) = written(Ask("main", "Press 1.", (), turn=7))
    assert gather.attrib["action"] == f"https://box.example.com/twilio/menu?at=main&turn=7{TIMEOUTS}"


def test_a_stream_has_a_token_no_query_and_no_action_behind_it() -> None:
    (connect,) = written(Assist("t0ken"))
    (stream,) = connect
    (parameter,) = stream
    assert (connect.tag, connect.attrib) == ("Connect", {})
    assert (stream.tag, stream.attrib) == ("Stream", {"url": "wss://box.example.com/twilio/media"})
    assert parameter.attrib == {"name": "token", "value": "t0ken"}


def test_phones_ring_together_and_are_reported_only_if_asked() -> None:
    dial = written(Ring((FRONT_DESK, BILLING.numbers[0]), 20))[0]
    assert [number.text for number in dial] == [FRONT_DESK, BILLING.numbers[0]]
    assert dial.attrib == {
        "action": f"https://box.example.com/twilio/next?after=ring{TIMEOUTS}",
        "method": "POST",
        "timeout": "20",
        "answerOnBridge": "true",
    }
    quiet = written(Ring((FRONT_DESK,), 20, report=False), wording=Wording(caller_id="+15550100001"))[0]
    assert quiet.attrib == {"timeout": "20", "answerOnBridge": "true", "callerId": "+15550100001"}


def test_a_message_is_recorded_and_reported_twice() -> None:
    say, record = written(TakeVoicemail("Speak.", 180))
    assert (say.text, record.tag) == ("Speak.", "Record")
    assert record.attrib == {
        "action": f"https://box.example.com/twilio/next?after=voicemail{TIMEOUTS}",
        "method": "POST",
        "timeout": "6",
        "finishOnKey": "#0",
        "maxLength": "180",
        "playBeep": "true",
        "recordingStatusCallback": f"https://box.example.com/twilio/recording{TIMEOUTS}",
        "recordingStatusCallbackMethod": "POST",
        "recordingStatusCallbackEvent": "completed",
    }


def test_a_key_that_is_pressed_before_a_message_is_told() -> None:
    """A Gather waits for a second at the least; then the tone sounds."""
    said = Say("Lab is closed now.", "es-US")
    gather, record = written(TakeVoicemail("Speak.", 180, menu="message", turn=3, before=(said,)))
    assert gather.attrib == {
        "input": "dtmf",
        "numDigits": "1",
        "action": f"https://box.example.com/twilio/menu?at=message&turn=3{TIMEOUTS}",
        "method": "POST",
        "timeout": "1",
    }
    assert [(each.text, each.attrib["language"]) for each in gather] == [
        ("Lab is closed now.", "es-US"),
        ("Speak.", "en-US"),
    ]
    assert record.tag == "Record"
    play = f"en-{'0' * 64}"
    gather, _ = written(TakeVoicemail("Speak.", 180, menu="message", before=(said,), recording=play))
    assert [each.tag for each in gather] == ["Say", "Play"]
    (alone,) = written(TakeVoicemail("", 180))
    assert alone.tag == "Record"


def test_a_recording_of_the_clinics_own_is_played_before_a_message() -> None:
    play, record = written(TakeVoicemail("Speak.", 180, recording=f"es-{'0' * 64}"))
    assert (play.tag, play.text) == ("Play", f"{ADDRESSES.public_url}/twilio/sound/es-{'0' * 64}.wav")
    assert record.tag == "Record"


def test_a_message_that_is_taken_without_us_leads_to_the_bin_with_the_goodbye() -> None:
    """Without an action the carrier would ask for the same document again, and phones would ring anew."""
    record = written(TakeVoicemail("Speak.", 180, report=False))[1]
    assert (record.attrib["action"], record.attrib["finishOnKey"]) == (GOODBYE, "#0")
    assert record.attrib["recordingStatusCallback"].startswith("https://box.example.com/twilio/recording#ct=")


def test_behind_that_message_people_are_rung_by_the_carrier_alone() -> None:
    """It cannot tell who pressed 0: who stays on the line is led to people."""
    root = written(*front_door.kept_by_carrier(office()))
    assert [each.tag for each in root] == ["Say", "Dial", "Say", "Hangup"]
    assert "action" not in root[1].attrib
    alone = written(*front_door.kept_by_carrier(office(people=[])))
    assert [each.tag for each in alone] == ["Say", "Hangup"]


@pytest.mark.parametrize("staffed", [{}, {"people": []}, {"language": "es-US"}])
def test_nothing_in_the_fallback_waits_for_us(staffed: dict[str, Any]) -> None:
    """What is told us goes beside the call; where the call goes on is never ours."""
    root = written(*front_door.fallback(office(**staffed)))
    assert root[-1].tag == "Hangup"
    assert [each.attrib["action"] for each in root.iter() if "action" in each.attrib] == [GOODBYE]
    asked = {"url", "referUrl", "waitUrl"} & {name for each in root.iter() for name in each.attrib}
    assert not asked
    assert not {each.tag for each in root.iter()} & {"Redirect", "Play", "Connect", "Gather"}


def test_the_largest_fallback_of_the_usual_sentences_fits_into_a_bin() -> None:
    numbers = [f"+1555010{n:04}" for n in range(10)]
    for language in ("en-US", "es-US"):
        full = office(people=numbers, business_name="B" * 80, language=language)
        assert len(bin_document(front_door.fallback(full), ADDRESSES, Wording()).encode()) <= BIN_MOST == 4000


def test_a_bin_that_is_too_large_is_refused_and_templates_are_none() -> None:
    with pytest.raises(SettingsError, match="bytes, and a TwiML Bin holds 4000"):
        bin_document((Say("é" * 2000),), ADDRESSES, Wording())
    text = bin_document((Say("{{From}} & {name}"),), ADDRESSES, Wording())
    assert "{{" not in text
    assert ET.fromstring(text)[0].text == "{{From}} & {name}"  # noqa: S314 -- our own


def test_behind_the_stream_stands_what_needs_no_answer_of_ours() -> None:
    root = written(*front_door.assistant(office(), "t0ken"))
    assert [verb.tag for verb in root] == ["Connect", "Dial", "Say", "Record", "Say", "Hangup"]
    dial = root[1]
    assert "action" not in dial.attrib
    # A message that was recorded is reported; without one the carrier goes on to the last words.
    assert [verb.tag for verb in root if "action" in verb.attrib] == ["Record"]


def test_an_address_with_a_port_keeps_it() -> None:
    addresses = Addresses("https://box.example.com:8443", 100, 500)
    assert addresses.media() == "wss://box.example.com:8443/twilio/media"
    assert addresses.webhook("next") == "https://box.example.com:8443/twilio/next#ct=100&rt=500"


def test_a_text_is_never_longer_than_the_carrier_speaks() -> None:
    (say,) = written(Say("word " * 2000))
    assert say.text is not None
    assert len(say.text) <= SAY_MOST == 4096
    ask = written(Ask("main", "x" * 5000, tuple(f"hint {n} {'y' * 120}" for n in range(600))))[0]
    hints = ask.attrib["hints"].split(", ")
    assert len(hints) <= 500
    assert max(map(len, hints)) <= 100
    assert len(ask[0].text or "") == SAY_MOST


@pytest.mark.parametrize(
    "text", ["</Say><Dial>+19005550000</Dial>", "a & b", "<![CDATA[", "-->", '"', "'", "&lt;"]
)
def test_what_looks_like_twiml_is_only_said(text: str) -> None:
    root = written(Say(text), Ask("main", text, (text,)))
    assert [verb.tag for verb in root] == ["Say", "Gather"]
    assert root[0].text == text
    assert root[1].attrib["hints"] == text
    assert len(list(root.iter())) == 4


@given(st.text(st.characters(codec=None), min_size=1, max_size=200))
def test_any_text_of_the_staff_makes_a_document(text: str) -> None:
    """Control characters cannot stand in XML: the carrier would refuse the whole document."""
    root = written(Say(text), Ask("main", text, (text,)), TakeVoicemail(text, 60), HangUp())
    assert [verb.tag for verb in root] == ["Say", "Gather", "Say", "Record", "Hangup"]
    assert document((Say(text),), ADDRESSES, Wording()).encode("utf-8")


def test_the_largest_menu_fits_into_the_carriers_limit() -> None:
    entry = {"choice": "hours", "words": ["w" * 100] * 20, "said": "s" * 300}
    full = office(
        menu=[{**entry, "digit": digit} for digit in "123456789*"]
        + [{**entry, "digit": "0", "choice": "people"}],
        greeting="g" * 300,
        emergency_notice="e" * 200,
    )
    text = document(front_door.greeted_menu(full), ADDRESSES, Wording())
    assert len(text.encode()) < 64 * 1024


def test_each_language_is_said_in_its_own_voice() -> None:
    offer = Say("Para español, oprima 2.", "es-US")
    (gather,) = written(Ask("main", "Press 1.", (), before=(Say("Hello."), offer)))
    assert [(said.text, said.attrib["language"]) for said in gather] == [
        ("Hello.", "en-US"),
        ("Para español, oprima 2.", "es-US"),
        ("Press 1.", "en-US"),
    ]
    back = (Say("For English, press 2.", "en-US"),)
    gather, said, asked, _ = written(
        Ask("main", "Oprima 1.", (), behind=back, language="es-US"),
        Say("Adiós.", "es-US"),
        TakeVoicemail("Deje su mensaje.", 60, language="es-US"),
    )
    assert gather.attrib["language"] == "es-US"
    assert [(each.text, each.attrib["language"]) for each in gather] == [
        ("Oprima 1.", "es-US"),
        ("For English, press 2.", "en-US"),
    ]
    assert {said.attrib["language"], asked.attrib["language"]} == {"es-US"}


def test_a_recorded_greeting_goes_before_the_offer_of_another_language() -> None:
    offer = Say("Para español, oprima 2.", "es-US")
    (gather,) = written(Ask("main", "Press 1.", (), recording="en-abc", before=(offer,)))
    assert [each.tag for each in gather] == ["Play", "Say", "Say"]
