"""X-Twilio-Signature: the published vectors, and hostile input that is never more than unsigned."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from tests.peers.carrier.signature import sign
from twilio_bridge.signature import SignatureCheck

TOKEN = "12345"
BOX = "https://box.example.com"
P = (
    "CallSid=CA00000000000000000000000000000001&From=%2B15551230001&To=%2B15559870002"
    "&CallStatus=ringing&Digits=1"
)
VECTORS = [
    (BOX, "/voice/incoming", P, "q+ZGrwTerSxPIwrp8mQFL/FGkOw="),
    (BOX, "/voice/incoming", f"{P}&SpeechResult=", "pVIqJt6BurtpfvLX7Ztheb5/aDA="),
    (
        BOX,
        "/voice/incoming",
        "SpeechResult=Se%C3%B1or+Nu%C3%B1ez&CallSid=CA1",
        "7K/VaAZWdP7gWyJV2wDQYE+4vbY=",
    ),
    (BOX, "/voice/incoming", "a=2&a=1&a=1&b=x", "ObCiRX1Yml0LVEuM/zxv1TR3VXA="),
    (BOX, "/voice/incoming?biz=7&x=a%20b", P, "tUXayR2mLYdlTmHxE0ZveIJoDoA="),
    (f"{BOX}:443", "/voice/incoming", P, "m+0xghzP6n/36CVGHRn4sfkGLMQ="),
    (BOX, "/voice/incoming", P, "m+0xghzP6n/36CVGHRn4sfkGLMQ="),
    (f"{BOX}:8443", "/voice/incoming", P, "pNcDeivAey3eBXPpgijbzOMyDGU="),
    ("http://box.example.com", "/voice", "", "tz4dk+GR4tRXxVKl//mYp0CNUes="),
    (BOX, "/voice?CallSid=CA1&From=%2B15551230001", "", "IKE3NW0y46qd2giMrsaBFxcPNGs="),
]


def form(body: str) -> MultiDict[str]:
    return MultiDict(parse_qsl(body, keep_blank_values=True))


@pytest.mark.parametrize(("origin", "path_qs", "body", "signature"), VECTORS)
def test_the_published_vectors(origin: str, path_qs: str, body: str, signature: str) -> None:
    check = SignatureCheck(TOKEN, origin)
    assert check.webhook(path_qs, form(body), signature)
    assert not SignatureCheck("54321", origin).webhook(path_qs, form(body), signature)
    assert not check.webhook(f"{path_qs}x", form(body), signature)
    assert not check.webhook(path_qs, form(f"{body}&Extra=1"), signature)
    assert not SignatureCheck(TOKEN, "https://evil.example.com").webhook(path_qs, form(body), signature)


@pytest.mark.parametrize(
    "signature",
    ["znPnVDPK9rZPYAkU/OkpUOTAZ60=", "irZ9aXx6neJNcTkZBvttuCsEZBE=", "aydE1TherO9MsBDaN8RedJfXjIo="],
)
def test_a_handshake_is_accepted_in_the_forms_seen_in_the_field(signature: str) -> None:
    check = SignatureCheck(TOKEN, BOX)
    assert check.upgrade("/media", signature)
    assert check.upgrade("/media/", signature)
    assert not check.upgrade("/medium", signature)
    assert not SignatureCheck("54321", BOX).upgrade("/media", signature)


@pytest.mark.parametrize(
    "signature", [None, "", "=", "x" * 10_000, "\udcff", "é", "q+ZGrwTerSxPIwrp8mQFL/FGkOw"]
)
def test_an_absent_or_strange_signature_is_none(signature: str | None) -> None:
    check = SignatureCheck(TOKEN, BOX)
    assert not check.webhook("/voice/incoming", form(P), signature)
    assert not check.upgrade("/media", signature)


@pytest.mark.parametrize(
    ("path_qs", "params"),
    [
        ("/voice", "a body that is text"),
        ("/voice", 7),
        ("/voice", {"a": None}),
        ("/voice", {"a": b"\xff"}),
        ("/voice", {"a": ["x", 1]}),
        ("//[", {}),
        ("/voice?bodySHA256=zz", "text"),
        ("/\udcff", {}),
    ],
)
def test_what_the_vendors_validator_raises_on_is_unsigned(path_qs: str, params: Any) -> None:
    assert SignatureCheck(TOKEN, BOX).webhook(path_qs, params, "c2lnbmVk") is False


@given(
    st.text(max_size=60),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    st.text(min_size=1, max_size=40),
)
def test_any_request_with_a_made_up_signature_is_unsigned(
    path: str, params: dict[str, str], signature: str
) -> None:
    check = SignatureCheck(TOKEN, BOX)
    assert check.webhook(f"/{path}", params, signature) is False
    assert check.upgrade(f"/{path}", signature) is False


names = st.text("ABCabc", min_size=1, max_size=4)


@given(st.dictionaries(names, st.text(max_size=6), max_size=5))
def test_what_the_carrier_signs_is_accepted(params: dict[str, str]) -> None:
    signature = sign(TOKEN, f"{BOX}/voice?x=%20", params.items())
    assert SignatureCheck(TOKEN, BOX).webhook("/voice?x=%20", MultiDict(params), signature)


def test_the_boundary_of_name_and_value_is_not_signed_but_names_are_known() -> None:
    """`A=BC` and `AB=C` have one signature: why every known field is checked by its form."""
    signature = sign(TOKEN, f"{BOX}/voice", [("A", "BC")])
    check = SignatureCheck(TOKEN, BOX)
    assert check.webhook("/voice", MultiDict({"A": "BC"}), signature)
    assert check.webhook("/voice", MultiDict({"AB": "C"}), signature)
