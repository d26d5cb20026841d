"""The peer of S3-compatible storage checks signatures as the vendor's own examples have them."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from tests.peers.s3.signing import EMPTY, Asked, Refused, payload

KEYS = {"AKIAIOSFODNN7EXAMPLE": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
AT = datetime(2013, 5, 24, tzinfo=UTC)
HEAD = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
GIVEN = {"host": "examplebucket.s3.amazonaws.com", "X-Amz-Date": "20130524T000000Z"}


class Headers(dict[str, str]):
    """By whatever case."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in given.items()})

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(name.lower(), default) or default


def got(
    *, signature: str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", **more: str
) -> Asked:
    signed = f"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}"
    headers = {
        **GIVEN,
        "Range": "bytes=0-9",
        "x-amz-content-sha256": EMPTY,
        "Authorization": f"{HEAD},{signed}",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return Asked("GET", "/test.txt", Headers(headers), b"")


def put(body: bytes) -> Asked:
    signed = (
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )
    headers = {
        **GIVEN,
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "Authorization": f"{HEAD},{signed}",
    }
    return Asked("PUT", "/test%24file.text", Headers(headers), body)


def test_the_vendors_examples_are_let_in() -> None:
    assert payload(got(), KEYS, AT) == b""
    assert payload(put(b"Welcome to Amazon S3."), KEYS, AT) == b"Welcome to Amazon S3."


def test_what_is_not_signed_so_is_refused() -> None:
    late = AT.replace(hour=1)
    for asked, keys, now, code in (
        (got(signature="0" * 64), KEYS, AT, "SignatureDoesNotMatch"),
        (got(), {"another": "secret"}, AT, "InvalidAccessKeyId"),
        (got(), KEYS, late, "RequestTimeTooSkewed"),
        (got(X_Amz_Date="20130525T000000Z"), KEYS, AT, "AuthorizationHeaderMalformed"),
        (got(X_Amz_Date="yesterday"), KEYS, AT, "AccessDenied"),
        (got(x_amz_acl="public-read"), KEYS, AT, "AccessDenied"),
        (put(b"something else"), KEYS, AT, "XAmzContentSHA256Mismatch"),
        (Asked("GET", "/test.txt", Headers(GIVEN), b""), KEYS, AT, "AccessDenied"),
    ):
        with pytest.raises(Refused) as refused:
            payload(asked, keys, now)
        assert refused.value.code == code
