"""Codes of a telephone (RFC 6238), and recovery codes."""

import base64
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from admin.door import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "eight"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_the_vectors_of_the_rfc(at_s: int, eight: str) -> None:
    assert totp.code(SECRET, at_s // totp.PERIOD_S) == eight[2:]
    assert totp.step_of(SECRET, eight[2:], at_s=at_s) == at_s // 30


@pytest.mark.parametrize("typed", ["287 082", " 287082 ", "287-082", "2 8 7 0 8 2"])
def test_a_code_is_known_however_it_is_typed(typed: str) -> None:
    assert totp.step_of(SECRET, typed, at_s=59) == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "94287082", "٢٨٧٠٨٢", "abcdef", "-287082.0"])
def test_anything_else_is_none(typed: str) -> None:
    assert totp.step_of(SECRET, typed, at_s=59) is None


def test_clocks_may_differ_by_one_step() -> None:
    code = totp.code(SECRET, 10)
    assert [totp.step_of(SECRET, code, at_s=step * 30 + 15) for step in (8, 9, 10, 11, 12)] == [
        None,
        10,
        10,
        10,
        None,
    ]


def test_the_address_says_what_apps_want_to_know() -> None:
    told = urlsplit(totp.address(SECRET, account="Ana & Ruiz", issuer="Clinic: North"))
    assert (told.scheme, told.netloc) == ("otpauth", "totp")
    assert unquote(told.path) == "/Clinic  North:Ana & Ruiz"
    assert parse_qs(told.query) == {"secret": [SECRET], "issuer": ["Clinic  North"]}


def test_secrets_and_codes_are_never_the_same() -> None:
    assert len(base64.b32decode(totp.new_secret())) == 20
    codes = totp.recovery_codes() + totp.recovery_codes()
    assert len(set(codes)) == 20
    for code in codes:
        assert re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}", code)
        assert totp.recovery_code(code.upper().replace("-", "  ")) == code
