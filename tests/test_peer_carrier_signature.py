"""The carrier peer's signature, against the vectors of the protocol and against the carrier's own library."""

from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.peers.carrier.signature import sign

TOKEN = "12345"
INCOMING = "https://box.example.com/voice/incoming"
P = [
    ("CallSid", "CA00000000000000000000000000000001"),
    ("From", "+15551230001"),
    ("To", "+15559870002"),
    ("CallStatus", "ringing"),
    ("Digits", "1"),
]
BODY_SHA = "60d2e42ccaefab230d961482c86d7d3741fdcf3b7541fc5f414a954368b47d37"
VECTORS = [
    (INCOMING, P, "q+ZGrwTerSxPIwrp8mQFL/FGkOw="),
    (INCOMING, [*P, ("SpeechResult", "")], "pVIqJt6BurtpfvLX7Ztheb5/aDA="),
    (INCOMING, [("SpeechResult", "Señor Nuñez"), ("CallSid", "CA1")], "7K/VaAZWdP7gWyJV2wDQYE+4vbY="),
    (INCOMING, [("a", "2"), ("a", "1"), ("a", "1"), ("b", "x")], "ObCiRX1Yml0LVEuM/zxv1TR3VXA="),
    (f"{INCOMING}?biz=7&x=a%20b", P, "tUXayR2mLYdlTmHxE0ZveIJoDoA="),
    ("https://box.example.com:443/voice/incoming", P, "m+0xghzP6n/36CVGHRn4sfkGLMQ="),
    ("https://box.example.com:8443/voice/incoming", P, "pNcDeivAey3eBXPpgijbzOMyDGU="),
    ("http://box.example.com/voice", [], "tz4dk+GR4tRXxVKl//mYp0CNUes="),
    ("https://box.example.com/voice?CallSid=CA1&From=%2B15551230001", [], "IKE3NW0y46qd2giMrsaBFxcPNGs="),
    ("wss://box.example.com/media", [], "znPnVDPK9rZPYAkU/OkpUOTAZ60="),
    ("wss://box.example.com/media/", [], "irZ9aXx6neJNcTkZBvttuCsEZBE="),
    ("https://box.example.com/media", [], "aydE1TherO9MsBDaN8RedJfXjIo="),
    (f"https://box.example.com/hook?bodySHA256={BODY_SHA}", [], "MJ/2IoTWrcF2HBxeO1Wj9vn8Uiw="),
]


@pytest.mark.parametrize(("url", "params", "signature"), VECTORS)
def test_signature_is_that_of_the_protocol(url: str, params: Any, signature: str) -> None:
    assert sign(TOKEN, url, params) == signature


@pytest.mark.parametrize(("url", "params"), [(url, dict(params)) for url, params, _ in VECTORS[:10]])
def test_the_library_of_the_carrier_accepts_the_signature(url: str, params: Any) -> None:
    assert RequestValidator(TOKEN).validate(url, params, sign(TOKEN, url, params.items()))


def test_another_token_signs_otherwise() -> None:
    assert not RequestValidator("54321").validate(INCOMING, dict(P), sign(TOKEN, INCOMING, P))
