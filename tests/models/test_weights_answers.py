"""What the hub's headers and listings say."""

from datetime import UTC, datetime

import pytest

from appliance.core.errors import WireError
from models.weights import answers
from models.weights.answers import FetchFailed, Offer
from models.weights.checksum import Checksum

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SUM, GIT = "a" * 64, "b" * 40


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("17", 17.0),
        ("Mon, 02 Mar 2026 10:01:30 GMT", 90.0),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("²", None),
    ],
)
def test_how_long_to_wait(text: str, seconds: float | None) -> None:
    assert answers.wait_s({"Retry-After": text}, NOW) == seconds


def test_the_hubs_own_header_says_when_its_window_ends() -> None:
    assert answers.wait_s({"RateLimit": '"resolvers";r=0;t=55'}, NOW) == 55.0
    assert answers.wait_s({"RateLimit": '"resolvers";r=0'}, NOW) is None
    assert answers.wait_s({"RateLimit": '"api";r=0;t=55', "Retry-After": "7"}, NOW) == 7.0


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("bytes 3-9/10", 3),
        ("bytes 3-8/10", None),
        ("bytes 3-9/11", None),
        ("bytes */10", None),
        ("", None),
        ("bytes 3-9/*", None),
    ],
)
def test_a_part_must_reach_the_end_of_the_same_file(text: str, begins: int | None) -> None:
    assert answers.begins_at({"Content-Range": text}, 10) == begins


def test_a_weak_tag_is_no_tag() -> None:
    assert answers.etag({"ETag": '"x"'}) == '"x"'
    assert answers.etag({"ETag": 'W/"x"'}) == ""
    assert answers.etag({}) == ""


def test_only_a_sha256_counts_as_the_hubs_word() -> None:
    assert answers.linked_sha256({"X-Linked-Etag": f'"{SUM}"'}) == SUM
    assert answers.linked_sha256({"X-Linked-Etag": f'"{GIT}"'}) == ""
    assert answers.linked_sha256({}) == ""
    assert answers.commit({"X-Repo-Commit": GIT}) == GIT
    assert answers.commit({"X-Repo-Commit": "main"}) == ""


def test_a_listing_offers_what_each_file_can_be_held_against() -> None:
    listing = f"""[
        {{"type": "directory", "oid": "{GIT}", "size": 0, "path": "a"}},
        {{"type": "file", "oid": "{GIT}", "size": 9, "path": "small"}},
        {{"type": "file", "oid": "{GIT}", "size": 20000000, "path": "large"}},
        {{"type": "file", "oid": "{GIT}", "size": 5, "path": "apart", "lfs": {{"oid": "{SUM}", "size": 5}}}},
        {{"type": "file", "oid": "{GIT}", "size": 5, "path": "odd", "lfs": {{"oid": "md5", "size": 5}}}}
    ]"""
    assert answers.offers(listing.encode()) == {
        "small": Offer(9, Checksum("git", GIT)),
        "large": Offer(20000000, None),
        "apart": Offer(5, Checksum("sha256", SUM)),
        "odd": Offer(5, None),
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}", b"[3]", b'[{"type": "file"}]', b'{"error": "no"}', b"null"]
)
def test_a_listing_that_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(WireError, match="listing cannot be read"):
        answers.offers(body)


def test_a_redirect_never_leaves_encryption() -> None:
    assert answers.next_step("https://hub.test/a", "https://cdn.test/b") == "https://cdn.test/b"
    assert answers.next_step("http://127.0.0.1/a", "https://cdn.test/b") == "https://cdn.test/b"
    with pytest.raises(FetchFailed, match=r"hub\.test leads to portal\.test, which is not encrypted"):
        answers.next_step("https://hub.test/a", "http://portal.test/login")


@pytest.mark.parametrize("url", ["huggingface.co", "ftp://hub.test", "https://", "https://hub.test/?a=b", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(FetchFailed, match="is not the address of a hub"):
        answers.hub_address(url)


def test_the_address_may_be_plain_on_this_machine_alone() -> None:
    assert answers.hub_address("http://127.0.0.1:8/") == "http://127.0.0.1:8"
    with pytest.raises(FetchFailed, match="is not encrypted"):
        answers.hub_address("http://192.168.1.2")


@pytest.mark.parametrize(
    ("status", "said", "retry"),
    [
        (404, "does not have", False),
        (403, "without an account", False),
        (416, "fewer bytes", False),
        (429, "too many requests", True),
        (503, "too many requests", True),
        (500, "a problem of its own", True),
        (400, "with status 400", False),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help(status: int, said: str, *, retry: bool) -> None:
    failure = answers.refused(status, "hub.test", "a file", {"Retry-After": "5"}, NOW)
    assert said in str(failure)
    assert failure.retry is retry
    assert failure.wait_s == (5.0 if status in (429, 503) else None)
