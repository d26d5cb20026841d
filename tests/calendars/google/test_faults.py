"""Google Calendar that refuses, is silent, stammers or lies: what is told, and how long that takes."""

import logging
import socket
import time
from collections.abc import Callable

import pytest

from appliance.calendars.google.calendar import GoogleCalendar
from appliance.core.calendar import CalendarFailed, Trouble
from appliance.core.calendar_settings import Google
from tests.calendars.google.desk import DOCTOR, NOTES, TITLE, ZONE, at, opened, visit
from tests.peers.google import Fault, GooglePeer
from tests.peers.google.faults import Door, Kind

ALWAYS = 50
SHORT_MS = 1000
SLACK_S = 3.0
"""What a machine that is busy with something else may take on top."""

TABLE = [
    (400, "badRequest", Trouble.OTHER, "status 400"),
    (400, "timeRangeEmpty", Trouble.OTHER, "timeRangeEmpty"),
    (401, "authError", Trouble.REFUSED, "its own token"),
    (403, "rateLimitExceeded", Trouble.BUSY, "later"),
    (403, "userRateLimitExceeded", Trouble.BUSY, "later"),
    (403, "quotaExceeded", Trouble.BUSY, "later"),
    (403, "dailyLimitExceeded", Trouble.BUSY, "later"),
    (403, "forbidden", Trouble.REFUSED, "does not let"),
    (403, "forbiddenForNonOrganizer", Trouble.REFUSED, "does not let"),
    (403, "forbiddenForServiceAccounts", Trouble.REFUSED, "does not let"),
    (403, "insufficientPermissions", Trouble.REFUSED, "does not let"),
    (403, "accessNotConfigured", Trouble.REFUSED, "does not let"),
    (404, "notFound", Trouble.REFUSED, "not shared"),
    (410, "updatedMinTooLongAgo", Trouble.GONE, "no such"),
    (412, "conditionNotMet", Trouble.OTHER, "status 412"),
    (429, "rateLimitExceeded", Trouble.BUSY, "later"),
    (500, "backendError", Trouble.AWAY, "status 500"),
    (503, "backendError", Trouble.AWAY, "status 503"),
    (302, "moved", Trouble.OTHER, "status 302"),
]


def failing(ask: Callable[[], object]) -> CalendarFailed:
    """How it failed."""
    with pytest.raises(CalendarFailed) as failed:
        ask()
    return failed.value


def asked(calendar: GoogleCalendar, door: Door) -> None:
    """Have the product come to one of two doors."""
    if door == "freebusy":
        calendar.busy(DOCTOR, at(0))
    else:
        calendar.keep(DOCTOR, visit())


@pytest.mark.parametrize(("status", "reason", "trouble", "said"), TABLE)
@pytest.mark.parametrize("door", ["freebusy", "insert"])
def test_each_refusal_says_what_can_be_done_about_it(
    google: GooglePeer,
    calendar: GoogleCalendar,
    door: Door,
    status: int,
    reason: str,
    trouble: Trouble,
    said: str,
) -> None:
    google.fails(Fault(door, "refuse", status, reason, times=ALWAYS, retry_after="60"))
    failed = failing(lambda: asked(calendar, door))
    assert (failed.trouble, failed.wait_s) == (trouble, 60.0)
    assert said in str(failed)
    # A token that is not taken is renewed once.
    assert len(google.at(door)) == len(google.at("token")) == (2 if status == 401 else 1)


@pytest.mark.parametrize(("status", "reason", "trouble", "said"), TABLE)
@pytest.mark.parametrize("door", ["freebusy", "insert"])
def test_only_what_may_be_otherwise_the_next_time_is_asked_again(
    google: GooglePeer,
    calendar: GoogleCalendar,
    door: Door,
    status: int,
    reason: str,
    trouble: Trouble,
    said: str,
) -> None:
    google.fails(Fault(door, "refuse", status, reason, times=2 if status == 401 else 1))
    if trouble in (Trouble.AWAY, Trouble.BUSY):
        asked(calendar, door)
    else:
        assert said in str(failing(lambda: asked(calendar, door)))


@pytest.mark.parametrize(
    ("reason", "trouble"),
    [("notFound", Trouble.REFUSED), ("internalError", Trouble.AWAY), ("groupTooBig", Trouble.OTHER)],
)
def test_a_calendar_that_is_refused_inside_a_good_answer_is_not_free(
    google: GooglePeer, reason: str, trouble: Trouble
) -> None:
    calendar = opened(google, patience_ms=SHORT_MS)
    google.fails(Fault("freebusy", "inside", reason=reason, times=ALWAYS))
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is trouble


@pytest.mark.parametrize(
    ("status", "code", "trouble"),
    [
        (400, "invalid_grant", Trouble.REFUSED),
        (401, "invalid_client", Trouble.REFUSED),
        (401, "unauthorized_client", Trouble.REFUSED),
        (403, "access_denied", Trouble.REFUSED),
        (400, "not a word", Trouble.OTHER),
        (400, "temporarily_unavailable", Trouble.AWAY),
        (429, "rate_limit_exceeded", Trouble.BUSY),
        (500, "internal_failure", Trouble.AWAY),
        (503, "backendError", Trouble.AWAY),
    ],
)
def test_a_token_that_is_not_given_says_why(
    google: GooglePeer, calendar: GoogleCalendar, status: int, code: str, trouble: Trouble
) -> None:
    google.fails(Fault("token", "refuse", status, code, times=ALWAYS, retry_after="60"))
    began = time.monotonic()
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is trouble
    assert len(google.at("token")) == 1
    assert time.monotonic() - began < SLACK_S
    google.well()
    assert calendar.busy(DOCTOR, at(0)) == []


@pytest.mark.parametrize("ahead_s", [7200.0, -7200.0])
def test_a_wrong_clock_is_told(google: GooglePeer, calendar: GoogleCalendar, ahead_s: float) -> None:
    google.ahead_s = ahead_s
    failed = failing(lambda: calendar.busy(DOCTOR, at(0)))
    assert failed.trouble is Trouble.REFUSED
    assert "invalid_grant" in str(failed)
    assert "clock" in str(failed)


def test_a_token_that_ran_out_is_renewed_unnoticed(google: GooglePeer, calendar: GoogleCalendar) -> None:
    calendar.busy(DOCTOR, at(0))
    google.fails(Fault("insert", "expire"))
    calendar.keep(DOCTOR, visit())
    assert len(google.at("token")) == 2
    assert len(google.diary.standing(DOCTOR)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("insert", "refuse", 500),
        Fault("insert", "refuse", 503),
        Fault("insert", "refuse", 429, "rateLimitExceeded"),
        Fault("insert", "refuse", 403, "userRateLimitExceeded"),
        Fault("insert", "refuse", 503, retry_after="1"),
        Fault("insert", "drop", times=3),
        Fault("token", "refuse", 503, "backendError"),
        Fault("token", "drop", times=3),
        Fault("get", "refuse", 500),
        # These were done, and their answers were lost.
        Fault("insert", "did_refuse", 500),
        Fault("insert", "cut"),
        Fault("insert", "lie"),
    ],
)
def test_what_passes_within_the_callers_patience_is_not_heard_of(
    google: GooglePeer, calendar: GoogleCalendar, fault: Fault
) -> None:
    google.fails(fault)
    kept = calendar.keep(DOCTOR, visit())
    assert [each["id"] for each in google.diary.standing(DOCTOR)] == [kept.event_id]
    assert kept.span == at(0)


def test_a_wait_that_is_asked_for_is_kept(google: GooglePeer, calendar: GoogleCalendar) -> None:
    google.fails(Fault("freebusy", "refuse", 429, "rateLimitExceeded", retry_after="1"))
    began = time.monotonic()
    calendar.busy(DOCTOR, at(0))
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("kind", ["hang", "did_hang", "trickle"])
@pytest.mark.parametrize("door", ["insert", "get"])
def test_an_answer_that_does_not_end_ends_with_the_callers_patience(
    google: GooglePeer, kind: Kind, door: Door
) -> None:
    calendar = opened(google, patience_ms=SHORT_MS)
    google.fails(Fault(door, kind))
    began = time.monotonic()
    assert failing(lambda: calendar.keep(DOCTOR, visit())).trouble is Trouble.AWAY
    assert time.monotonic() - began < SHORT_MS / 1000 + SLACK_S
    google.well()
    kept = opened(google).keep(DOCTOR, visit())
    assert [each["id"] for each in google.diary.standing(DOCTOR)] == [kept.event_id]


def test_a_token_that_does_not_come_ends_with_the_callers_patience(google: GooglePeer) -> None:
    calendar = opened(google, patience_ms=SHORT_MS)
    google.fails(Fault("token", "hang"))
    began = time.monotonic()
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is Trouble.AWAY
    assert time.monotonic() - began < SHORT_MS / 1000 + SLACK_S


BODIES = (
    b"", b"{", b"[]", b"null", b"7", b'"ok"', b"\xff\xfe", b"{}", b'{"calendars":[]}', b'{"calendars":{}}',
    b'{"calendars":{"dr.rivera@clinic.example":7}}',
    b'{"calendars":{"dr.rivera@clinic.example":{}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"errors":7}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"errors":[{}]}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"busy":7}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"busy":[7]}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"busy":[{"start":7,"end":8}]}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"busy":[{"start":"soon","end":"later"}]}}}',
    b'{"calendars":{"dr.rivera@clinic.example":{"busy":[{"start":"2026-12-01T09:00:00","end":"2026-12-01T10:00:00"}]}}}',
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("door", ["freebusy", "token"])
def test_a_calendar_of_which_nothing_sensible_is_said_is_not_free(
    google: GooglePeer, calendar: GoogleCalendar, door: Door, body: bytes
) -> None:
    google.fails(Fault(door, "text", body=body, times=ALWAYS))
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is Trouble.OTHER


@pytest.mark.parametrize("door", ["freebusy", "token"])
def test_a_guest_networks_page_is_no_answer(google: GooglePeer, calendar: GoogleCalendar, door: Door) -> None:
    google.fails(Fault(door, "html", times=ALWAYS))
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is Trouble.OTHER


EVENTS = (
    b"[]", b"{}", b'{"id":"another"}', b'{"id":"ID"}', b'{"id":"ID","extendedProperties":7}',
    b'{"id":"ID","extendedProperties":{"private":7}}', b'{"id":"ID","status":7}',
)  # fmt: skip


@pytest.mark.parametrize("body", EVENTS)
def test_an_event_that_is_none_confirms_nothing(
    google: GooglePeer, calendar: GoogleCalendar, body: bytes
) -> None:
    kept = calendar.keep(DOCTOR, visit())
    shown = body.replace(b"ID", kept.event_id.encode())
    google.fails(Fault("get", "text", body=shown, times=ALWAYS))
    assert failing(lambda: calendar.keep(DOCTOR, visit())).trouble is Trouble.OTHER
    assert failing(lambda: calendar.move(DOCTOR, kept.event_id, at(60), ZONE)).trouble is Trouble.OTHER


@pytest.mark.parametrize("body", [b'{"accessRole":7}', b"{}", b"[]"])
def test_a_role_that_is_none_lets_nobody_write(
    google: GooglePeer, calendar: GoogleCalendar, body: bytes
) -> None:
    google.fails(Fault("list", "text", body=body))
    assert failing(lambda: calendar.check(DOCTOR)).trouble is Trouble.OTHER


def test_a_link_that_leads_elsewhere_is_none(google: GooglePeer, calendar: GoogleCalendar) -> None:
    kept = calendar.keep(DOCTOR, visit())
    google.diary.get(DOCTOR, kept.event_id)["htmlLink"] = "javascript:alert(1)"
    assert calendar.keep(DOCTOR, visit()).link == ""


@pytest.mark.parametrize("kind", ["lie", "refuse"])
def test_nothing_is_said_to_be_done_that_is_not_there(google: GooglePeer, kind: Kind) -> None:
    calendar = opened(google, patience_ms=SHORT_MS)
    kept = calendar.keep(DOCTOR, visit())
    for door in ("insert", "patch", "delete"):
        google.fails(Fault(door, kind, times=ALWAYS))
    failing(lambda: calendar.keep(DOCTOR, visit("b-78")))
    failing(lambda: calendar.move(DOCTOR, kept.event_id, at(60), ZONE))
    failing(lambda: calendar.remove(DOCTOR, kept.event_id))
    assert [each["id"] for each in google.diary.standing(DOCTOR)] == [kept.event_id]


def test_an_event_that_staff_change_meanwhile_is_looked_at_again(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    calendar.remove(DOCTOR, calendar.keep(DOCTOR, visit()).event_id)
    google.fails(Fault("update", "changed"))
    assert calendar.keep(DOCTOR, visit()).span == at(0)
    assert len(google.at("update")) == 2


def test_a_certificate_of_somebody_else_is_not_trusted(google: GooglePeer) -> None:
    calendar = GoogleCalendar(google.key, Google(api_url=google.url, patience_ms=SHORT_MS))
    failed = failing(lambda: calendar.busy(DOCTOR, at(0)))
    assert failed.trouble is Trouble.AWAY
    assert "certificate" in str(failed)
    assert google.asked == []


def test_a_service_that_is_not_there_is_away(google: GooglePeer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    key = {**google.key, "token_uri": f"https://localhost:{port}/token"}
    calendar = GoogleCalendar(key, Google(api_url=google.url, ca_file=google.ca_file, patience_ms=SHORT_MS))
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is Trouble.AWAY


def test_a_name_that_nobody_knows_is_away(google: GooglePeer) -> None:
    key = {**google.key, "token_uri": "https://calendar.invalid/token"}
    calendar = GoogleCalendar(key, Google(api_url=google.url, ca_file=google.ca_file, patience_ms=SHORT_MS))
    began = time.monotonic()
    assert failing(lambda: calendar.busy(DOCTOR, at(0))).trouble is Trouble.AWAY
    assert time.monotonic() - began < SHORT_MS / 1000 + SLACK_S


def test_what_patients_say_is_in_no_error_and_no_log(
    google: GooglePeer, caplog: pytest.LogCaptureFixture
) -> None:
    calendar = opened(google, patience_ms=SHORT_MS)
    caplog.set_level(logging.DEBUG)
    words = f"{TITLE} {NOTES}"
    told = f'{{"error":{{"errors":[{{"reason":"{words}"}}],"message":"{words}"}}}}'.encode()
    doors: tuple[Door, ...] = ("insert", "get")
    for door in doors:
        for body in (told, words.encode(), f'"{words}"'.encode()):
            for fault in (Fault(door, "text", body=body), Fault(door, "refuse", 403, words)):
                google.well()
                google.fails(*[fault] * ALWAYS)
                failed = failing(lambda: calendar.keep(DOCTOR, visit()))
                chained = (
                    f"{failed} {failed.__cause__} {'' if failed.__suppress_context__ else failed.__context__}"
                )
                assert "Ana" not in chained
    assert "Ana" not in caplog.text
    assert "needles" not in caplog.text
