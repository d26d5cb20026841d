"""TwiML as the carrier peer reads it: what it takes, and the error for what it does not."""

import pytest
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from tests.peers.carrier.twiml import TwimlError, Verb, parse


def read(verbs: str) -> tuple[Verb, ...]:
    return parse(f"<Response>{verbs}</Response>".encode(), "text/xml; charset=utf-8")


def code_of(verbs: str) -> int:
    with pytest.raises(TwimlError) as caught:
        read(verbs)
    return caught.value.code


def test_what_the_library_of_the_carrier_writes_is_read() -> None:
    response = VoiceResponse()
    connect = Connect()
    stream = connect.stream(url="wss://box.example.test/media", status_callback="/status")
    stream.parameter(name="nonce", value="9f2c")
    response.append(connect)
    gather = Gather(input="dtmf speech", num_digits=1, hints="billing, a person", action="/menu")
    gather.say("Press one.", voice="Polly.Joanna-Neural")
    response.append(gather)
    dial = Dial(timeout=20, action="/dialled", caller_id="+15559870002", answer_on_bridge=True)
    dial.number("+15550001111", url="/screen", status_callback_event="initiated answered")
    response.append(dial)
    response.record(max_length=120, recording_status_callback="/recorded", finish_on_key="#")
    verbs = parse(str(response).encode(), "application/xml")
    assert [verb.name for verb in verbs] == ["Connect", "Gather", "Dial", "Record"]
    assert verbs[0].children[0].children[0].attributes == {"name": "nonce", "value": "9f2c"}


def test_speech_markup_inside_of_say_is_read_as_its_words() -> None:
    (say,) = read('<Say>Wait <break time="1s"/> <say-as interpret-as="digits">12</say-as></Say>')
    assert say.text == "Wait 12"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json", "text/html"])
def test_other_content_types_are_refused(kind: str) -> None:
    with pytest.raises(TwimlError) as caught:
        parse(b"<Response/>", kind)
    assert caught.value.code == 12300


def test_more_than_64_kilobytes_are_refused() -> None:
    with pytest.raises(TwimlError) as caught:
        parse(b"<Response>" + b" " * 65536 + b"</Response>", "text/xml")
    assert caught.value.code == 11750


@pytest.mark.parametrize(
    "body", [b"", b"<Response>", b"hello", b"<Twiml/>", b"<!DOCTYPE Response><Response/>", b"<Response/>x"]
)
def test_what_is_no_document_is_a_parse_failure(body: bytes) -> None:
    with pytest.raises(TwimlError) as caught:
        parse(body, "text/xml")
    assert caught.value.code == 12100


@pytest.mark.parametrize(
    "verbs",
    [
        "<Speak>hello</Speak>",
        "<Say colour='red'>hello</Say>",
        "<say>hello</say>",
        "<Say></Say>",
        "words",
        "<Gather><Dial>+15550001111</Dial></Gather>",
        "<Gather input='voice'/>",
        "<Gather numDigits='0'/>",
        "<Gather finishOnKey='12'/>",
        "<Number>+15550001111</Number>",
        "<Dial/>",
        "<Dial>+15550001111<Number>+15550002222</Number></Dial>",
        "<Dial record='true'>+15550001111</Dial>",
        "<Hangup>now</Hangup>",
        "<Reject reason='tired'/>",
        "<Record maxLength='0'/>",
        "<Record transcribe='true'/>",
        "<Redirect/>",
        "<Play/>",
        "<Connect/>",
        "<Connect><Stream/></Connect>",
        "<Connect><Stream url='wss://a.test/m' track='both_tracks'/></Connect>",
        "<Connect><Stream url='wss://a.test/m'><Parameter name='n'/></Stream></Connect>",
        f"<Connect><Stream url='wss://a.test/m'><Parameter name='n' value='{'x' * 500}'/></Stream></Connect>",
        "<Enqueue>later</Enqueue>",
        f"<Say>{'a' * 4097}</Say>",
    ],
)
def test_what_the_schema_does_not_know_is_refused(verbs: str) -> None:
    assert code_of(verbs) == 12200


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        ("<Gather timeout='soon'/>", 13321),
        ("<Gather speechTimeout='0'/>", 13327),
        ("<Say voice='Bob'>hello</Say>", 13512),
        ("<Say loop='-1'>hello</Say>", 13510),
    ],
)
def test_some_values_have_an_error_of_their_own(verbs: str, code: int) -> None:
    assert code_of(verbs) == code


def test_an_empty_document_is_good() -> None:
    assert parse(b"<?xml version='1.0'?><!-- nothing to say --><Response/>", "text/xml") == ()
