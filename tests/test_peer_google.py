"""The Google peer keeps Google's rules: who gets a token, what an id may be, what stands in a calendar."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from google.auth import crypt, jwt

from tests.peers.google import Diary
from tests.peers.google.refusals import Refusal
from tests.peers.google.tokens import EMAIL, GRANT, NoToken, Tokens

DESK = "desk@clinic.example"
SCOPE = "https://www.googleapis.com/auth/calendar.events"
EVENTS = frozenset({SCOPE})
NOW = 1_800_000_000.0
NINE = {"dateTime": "2026-12-01T09:00:00-05:00"}
TEN = {"dateTime": "2026-12-01T10:00:00-05:00"}
GOOD: dict[str, Any] = {
    "iss": EMAIL,
    "aud": "https://oauth2.googleapis.com/token",
    "scope": SCOPE,
    "iat": int(NOW),
    "exp": int(NOW) + 3600,
}


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def diary() -> Diary:
    made = Diary()
    made.share(DESK)
    return made


def asked(tokens: Tokens, claims: dict[str, Any], key: dict[str, str] | None = None) -> dict[str, str]:
    """The form that asks for a token, signed by the vendor's own library."""
    signer = crypt.RSASigner.from_service_account_info(key or tokens.key("https://localhost/token"))  # type: ignore[no-untyped-call]
    signed: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]
    return {"grant_type": GRANT, "assertion": signed.decode()}


def refused(do: Callable[[], object]) -> tuple[int, str]:
    """The status and the reason of a refusal."""
    with pytest.raises(Refusal) as refusal:
        do()
    shown = json.loads(json.dumps(refusal.value.shown()))["error"]
    assert shown["code"] == refusal.value.status
    return refusal.value.status, shown["errors"][0]["reason"]


def test_a_good_assertion_gets_a_token_for_an_hour(tokens: Tokens) -> None:
    given = tokens.given(asked(tokens, GOOD), NOW)
    bearer = f"Bearer {given['access_token']}"
    assert tokens.may(bearer, EVENTS, NOW + 3599) is True
    assert tokens.may(bearer, frozenset({"another"}), NOW) is False
    assert tokens.may(bearer, EVENTS, NOW + 3601) is None
    assert tokens.may("Bearer another", EVENTS, NOW) is None
    tokens.end()
    assert tokens.may(bearer, EVENTS, NOW) is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"iss": "another@x"}, "invalid_grant"),
        ({"aud": "https://localhost/token"}, "invalid_grant"),
        ({"iat": int(NOW) + 400, "exp": int(NOW) + 4000}, "invalid_grant"),
        ({"iat": int(NOW) - 4000, "exp": int(NOW) - 400}, "invalid_grant"),
        ({"exp": int(NOW) + 3700}, "invalid_grant"),
        ({"scope": "https://mail.google.com/"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_a_bad_assertion_gets_none(tokens: Tokens, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(NoToken) as no:
        tokens.given(asked(tokens, {**GOOD, **wrong}), NOW)
    assert no.value.shown["error"] == code


def test_another_keys_signature_gets_none(tokens: Tokens) -> None:
    forged = {**Tokens().key("https://localhost/token"), "private_key_id": tokens.key("")["private_key_id"]}
    for form in (
        asked(tokens, GOOD, forged),
        {"grant_type": GRANT, "assertion": "a.b"},
        {"grant_type": "password"},
    ):
        with pytest.raises(NoToken):
            tokens.given(form, NOW)


@pytest.mark.parametrize("name", ["abcd", "ABCDE", "wxyz0", "abc-de", "a" * 1025])
def test_an_id_has_letters_to_v_and_digits(diary: Diary, name: str) -> None:
    assert refused(lambda: diary.insert(DESK, {"id": name, "start": NINE, "end": TEN})) == (400, "invalid")


def test_an_id_is_taken_for_ever(diary: Diary) -> None:
    made = diary.insert(DESK, {"id": "abcde", "start": NINE, "end": TEN})
    assert refused(lambda: diary.insert(DESK, {"id": "abcde", "start": NINE, "end": TEN})) == (
        409,
        "duplicate",
    )
    diary.delete(DESK, "abcde", None)
    assert refused(lambda: diary.delete(DESK, "abcde", None)) == (410, "deleted")
    assert refused(lambda: diary.insert(DESK, {"id": "abcde", "start": NINE, "end": TEN})) == (
        409,
        "duplicate",
    )
    assert diary.get(DESK, "abcde")["status"] == "cancelled"
    assert diary.patch(DESK, "abcde", {"summary": "x"}, None)["status"] == "cancelled"
    assert diary.standing(DESK) == []
    back = diary.update(DESK, "abcde", {"status": "confirmed", "start": NINE, "end": TEN}, None)
    assert (back["status"], back["etag"] != made["etag"]) == ("confirmed", True)


def test_a_change_on_a_condition_is_made_on_it_alone(diary: Diary) -> None:
    etag = copy.copy(diary.insert(DESK, {"id": "abcde", "start": NINE, "end": TEN})["etag"])
    diary.patch(DESK, "abcde", {"summary": "x"}, etag)
    assert refused(lambda: diary.patch(DESK, "abcde", {"summary": "y"}, etag)) == (412, "conditionNotMet")
    assert refused(lambda: diary.delete(DESK, "abcde", etag)) == (412, "conditionNotMet")
    assert diary.get(DESK, "abcde")["summary"] == "x"


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (NINE, NINE, "timeRangeEmpty"),
        (TEN, NINE, "timeRangeEmpty"),
        ({"dateTime": "2026-12-01T09:00:00"}, TEN, "required"),
        ({"dateTime": "2026-12-01T09:00:00", "timeZone": "Mars/Olympus"}, TEN, "invalid"),
        ({"dateTime": "at nine"}, TEN, "badRequest"),
        ({**NINE, "date": "2026-12-01"}, TEN, "invalid"),
        (None, TEN, "invalid"),
    ],
)
def test_an_event_has_times_that_can_be(diary: Diary, start: object, end: object, reason: str) -> None:
    assert refused(lambda: diary.insert(DESK, {"start": start, "end": end})) == (400, reason)


def test_a_service_account_invites_nobody(diary: Diary) -> None:
    body = {"start": NINE, "end": TEN, "attendees": [{"email": "ana@x"}]}
    assert refused(lambda: diary.insert(DESK, body)) == (403, "forbiddenForServiceAccounts")


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("none", (404, "notFound"), (404, "notFound")),
        ("freeBusyReader", (404, "notFound"), (404, "notFound")),
        ("reader", None, (403, "requiredAccessLevel")),
        ("writer", None, None),
    ],
)
def test_a_role_allows_what_it_says(
    diary: Diary, role: str, read: tuple[int, str] | None, write: tuple[int, str] | None
) -> None:
    diary.share(DESK, role)
    doors: list[tuple[tuple[int, str] | None, Callable[[], object]]] = [
        (read, lambda: diary.list(DESK, 1)),
        (write, lambda: diary.insert(DESK, {"start": NINE, "end": TEN})),
    ]
    for expected, do in doors:
        if expected is None:
            assert do()
        else:
            assert refused(do) == expected


def test_free_and_busy_is_merged_clipped_and_by_the_zone_that_was_asked_for(diary: Diary) -> None:
    for start, end in (("08:00", "09:00"), ("09:00", "10:00"), ("09:30", "11:00"), ("12:00", "13:00")):
        times = [
            {"dateTime": f"2026-12-01T{each}:00", "timeZone": "America/New_York"} for each in (start, end)
        ]
        diary.insert(DESK, {"start": times[0], "end": times[1]})
    diary.insert(DESK, {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}})
    asked_for = {
        "timeMin": "2026-12-01T08:30:00-05:00",
        "timeMax": "2026-12-01T17:30:00Z",
        "timeZone": "Europe/Madrid",
        "items": [{"id": DESK}, {"id": "another@x"}],
    }
    told = diary.freebusy(asked_for)["calendars"]
    assert told[DESK]["busy"] == [
        {"start": "2026-12-01T14:30:00+01:00", "end": "2026-12-01T17:00:00+01:00"},
        {"start": "2026-12-01T18:00:00+01:00", "end": "2026-12-01T18:30:00+01:00"},
    ]
    assert told["another@x"]["errors"][0]["reason"] == "notFound"
    assert refused(lambda: diary.freebusy({**asked_for, "timeMin": "2026-12-01T08:30:00"})) == (
        400,
        "badRequest",
    )
    assert (
        refused(lambda: diary.freebusy({**asked_for, "timeMin": asked_for["timeMax"]}))[1] == "timeRangeEmpty"
    )


def test_an_hour_that_comes_twice_is_two_hours(diary: Diary) -> None:
    first = {
        "start": {"dateTime": "2027-11-07T01:30:00-04:00"},
        "end": {"dateTime": "2027-11-07T01:30:00-05:00"},
    }
    made = diary.insert(DESK, first)
    assert made["start"]["dateTime"] != made["end"]["dateTime"]
    asked_for = {
        "timeMin": "2027-11-07T00:00:00Z",
        "timeMax": "2027-11-08T00:00:00Z",
        "items": [{"id": DESK}],
    }
    (busy,) = diary.freebusy(asked_for)["calendars"][DESK]["busy"]
    assert busy == {"start": "2027-11-07T05:30:00Z", "end": "2027-11-07T06:30:00Z"}
