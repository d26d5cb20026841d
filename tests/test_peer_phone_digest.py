"""Digest authentication of the phone peer: the examples of the RFCs, counting, and nonces that go stale."""

import pytest

from tests.peers.phone.address import BadMessage, Uri
from tests.peers.phone.dialog import Me
from tests.peers.phone.digest import Credentials, fields_of, proof, read_challenge
from tests.peers.phone.message import Request, Response, answer

ME = Me("desk1", ("127.0.0.1", 5070))


def register() -> Request:
    named = (("From", "<sip:a@h>;tag=1"), ("To", "<sip:a@h>"), ("Call-ID", "c"))
    return ME.request("REGISTER", Uri("", "h"), named, 1)


def challenged(*values: str, status: int = 401) -> Response:
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    return answer(register(), status, headers=[(name, value) for value in values])


def test_the_example_of_rfc_2617() -> None:
    fields = {
        "username": "Mufasa",
        "realm": "testrealm@host.com",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "uri": "/dir/index.html",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "0a4f113b",
    }
    assert proof(fields, "Circle Of Life", "GET") == "6629fae49393a05397450978507c4ef1"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    fields = {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }
    assert proof(fields, "Circle of Life", "GET") == expected


def test_without_qop_it_is_the_old_way() -> None:
    # RFC 2069 as corrected: of the same names, without a count.
    fields = {"username": "Mufasa", "realm": "testrealm@host.com", "nonce": "dcd9", "uri": "/"}
    credentials = Credentials("Mufasa", "Circle Of Life")
    assert credentials.refused(register(), challenged('Digest realm="testrealm@host.com", nonce="dcd9"'))
    sent = fields_of(credentials.signed(register()).get("Authorization"))
    assert "nc" not in sent
    assert "cnonce" not in sent
    assert sent["response"] == proof(fields | {"uri": "sip:h"}, "Circle Of Life", "REGISTER")


def test_a_nonce_is_counted_and_a_new_one_from_the_start() -> None:
    credentials = Credentials("desk1", "secret")
    assert not credentials.signed(register()).get("Authorization")
    challenge = 'Digest realm="r", nonce="n1", qop="auth-int,auth", algorithm=SHA-256, opaque="o"'
    assert credentials.refused(register(), challenged(challenge))
    first, second = (fields_of(credentials.signed(register()).get("Authorization")) for _ in range(2))
    assert (first["nc"], second["nc"]) == ("00000001", "00000002")
    assert first["cnonce"] != second["cnonce"]
    assert (first["qop"], first["algorithm"], first["opaque"]) == ("auth", "SHA-256", "o")
    assert first["response"] == proof(first, "secret", "REGISTER")
    again = credentials.signed(register())
    assert credentials.refused(again, challenged('Digest realm="r", nonce="n2", qop="auth", stale=TRUE'))
    assert fields_of(credentials.signed(register()).get("Authorization"))["nc"] == "00000001"


def test_a_nonce_that_was_too_old_at_once_is_no_wrong_password() -> None:
    credentials = Credentials("desk1", "secret")
    assert credentials.refused(register(), challenged('Digest realm="r", nonce="n1", qop="auth"'))
    signed = credentials.signed(register())
    assert credentials.refused(signed, challenged('Digest realm="r", nonce="n2", qop="auth", stale=true'))


def test_a_wrong_password_is_not_tried_for_ever() -> None:
    credentials = Credentials("desk1", "wrong")
    challenge = 'Digest realm="r", nonce="n{}", qop="auth"'
    assert credentials.refused(register(), challenged(challenge.format(1)))
    signed = credentials.signed(register())
    assert not credentials.refused(signed, challenged(challenge.format(2)))
    # An old nonce that is refused without a word of its age is worth one more try.
    credentials.signed(register())
    assert credentials.refused(credentials.signed(register()), challenged(challenge.format(3)))


def test_a_proxy_is_answered_in_its_own_header() -> None:
    credentials = Credentials("desk1", "secret")
    assert credentials.refused(register(), challenged('Digest realm="r", nonce="n"', status=407))
    signed = credentials.signed(register())
    assert signed.get("Proxy-Authorization")
    assert not signed.get("Authorization")


def test_what_we_cannot_do_is_left_alone() -> None:
    credentials = Credentials("desk1", "secret")
    assert not credentials.refused(register(), challenged('Digest realm="r", nonce="n", algorithm=SHA3'))
    assert not credentials.refused(register(), challenged('Digest realm="r", nonce="n", qop="auth-int"'))
    assert not credentials.refused(register(), answer(register(), 401))
    both = challenged('Digest realm="r", nonce="a", algorithm=SHA3', 'Digest realm="r", nonce="b"')
    assert credentials.refused(register(), both)
    assert fields_of(credentials.signed(register()).get("Authorization"))["nonce"] == "b"


@pytest.mark.parametrize("value", ["Basic realm=x", "", "Digest", 'Digest realm="r"', 'Digest nonce="n'])
def test_what_is_no_challenge_is_said(value: str) -> None:
    with pytest.raises(BadMessage):
        read_challenge(value)
