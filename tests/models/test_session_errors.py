"""What the errors of the speech service lead to: none, once more, after a while, a new session, the end."""

from typing import Any

import pytest

from appliance.core.events import BrainErred, ReplyEnded, ToolsAsked
from models.realtime.faults import BY_CODE, Action, of_close, of_error, of_status
from models.realtime.session import WAITS_MOST, Output, Session, SessionFault
from tests.models.published import checked
from tests.models.test_session import done, fresh, said, sent


@pytest.mark.parametrize(("code", "action"), BY_CODE.items())
def test_every_row_of_the_table(code: str, action: Action) -> None:
    (output,) = said(fresh(), "error", error={"type": "some_error", "code": code})
    if action in (Action.REBUILD, Action.GIVE_UP):
        assert output == SessionFault(code, action)
    else:
        assert output == BrainErred(code, action, 1000 if action is Action.WAIT else 0)


def test_the_type_counts_where_there_is_no_code() -> None:
    assert of_error(None, "server_error") is Action.RETRY
    assert of_error("never_seen", "insufficient_quota") is Action.GIVE_UP
    assert of_error(None, None) is of_error("never_seen", "nor_this") is Action.HARMLESS
    (output,) = said(fresh(), "error", error={"type": "server_error", "code": None})
    assert output == BrainErred("server_error", Action.RETRY)


@pytest.mark.parametrize("event_id", ["truncate-a1", "delete-a1"])
@pytest.mark.parametrize("code", ["session_expired", "insufficient_quota", None])
def test_an_error_about_a_reply_that_is_gone_is_harmless(event_id: str, code: str | None) -> None:
    (output,) = said(fresh(), "error", error={"type": "x", "code": code, "event_id": event_id})
    assert isinstance(output, BrainErred)
    assert output.action == Action.HARMLESS


def test_the_second_failure_in_a_row_renews_the_session() -> None:
    session = fresh()
    details = {"error": {"type": "server_error", "code": "server_error"}}
    assert done(session, status="failed", status_details=details)[-1] == BrainErred("server_error", "retry")
    assert done(session, "r2", "failed", status_details=details)[-1] == SessionFault(
        "server_error", Action.REBUILD
    )
    again = fresh()
    done(again, status="failed", status_details=details)
    done(again, "r2")
    assert done(again, "r3", "failed", status_details=details)[-1] == BrainErred("server_error", "retry")


NO_ROOM = {"error": {"type": "requests", "code": "rate_limit_exceeded"}}


def limited(session: Session, **buckets: tuple[Any, Any, Any]) -> list[Output]:
    """Tell the limits, each as (limit, left, seconds to the reset)."""
    rates = [
        {"name": name, "limit": limit, "remaining": left, "reset_seconds": reset_s}
        for name, (limit, left, reset_s) in buckets.items()
    ]
    return said(session, "rate_limits.updated", rate_limits=rates)


@pytest.mark.parametrize(
    ("buckets", "wait_ms"),
    [
        ({}, 1000),
        ({"tokens": (1000, 0, 1.5), "requests": (20, 19, 0.003)}, 1500),
        ({"tokens": (1000, 400, 0.003), "requests": (20, 0, 2.25)}, 2250),
        ({"tokens": (1000, 0, 1.5), "requests": (20, 0, 2.0)}, 2000),
        ({"tokens": (1000, 0, 59.0)}, 3000),
        ({"tokens": (1000, 0, 0.001)}, 500),
        ({"tokens": (1000, 0, "soon")}, 1000),
        ({"tokens": (1000, 0, -1)}, 1000),
        ({"tokens": (0, -5, 2)}, 2000),
        ({"tokens": (None, 0, 2), "requests": (None, None, 1)}, 2000),
    ],
)
def test_how_long_to_wait_when_there_is_no_room(buckets: Any, wait_ms: int) -> None:
    session = fresh()
    limited(session, tokens=(1000, 0, 2.9))
    assert limited(session, **buckets) == []
    output = done(session, status="failed", status_details=NO_ROOM)[-1]
    assert output == BrainErred("rate_limit_exceeded", "wait", wait_ms)


@pytest.mark.parametrize("limits", [None, 7, [7, None, {}], {"tokens": 1}])
def test_limits_that_tell_nothing(limits: Any) -> None:
    session = fresh()
    assert said(session, "rate_limits.updated", rate_limits=limits) == []
    output = done(session, status="failed", status_details=NO_ROOM)[-1]
    assert output == BrainErred("rate_limit_exceeded", "wait", 1000)


def test_there_is_waited_for_room_twice_in_a_row_and_no_more() -> None:
    session = fresh()
    for number in range(WAITS_MOST):
        output = done(session, f"r{number}", "failed", status_details=NO_ROOM)[-1]
        assert output == BrainErred("rate_limit_exceeded", "wait", 1000)
    done(session, "r8")
    for number in range(10, 10 + WAITS_MOST):
        done(session, f"r{number}", "failed", status_details=NO_ROOM)
    output = done(session, "r9", "failed", status_details=NO_ROOM)[-1]
    assert output == SessionFault("rate_limit_exceeded", Action.GIVE_UP)


@pytest.mark.parametrize("code", ["server_error", "rate_limit_exceeded"])
def test_an_error_beside_an_answer_under_way_is_not_about_it(code: str) -> None:
    """Otherwise the caller would hear a second answer behind the first."""
    session = fresh()
    said(session, "response.created", response={"id": "r1"})
    assert said(session, "error", error={"type": code, "code": code}) == [BrainErred(code, "harmless")]


def test_an_error_about_another_message_leaves_our_request_alone() -> None:
    session = fresh()
    session.ask_for_reply()
    error = {"type": "server_error", "code": "server_error", "event_id": "probe"}
    assert said(session, "error", error=error) == [BrainErred("server_error", "harmless")]
    session.ask_for_reply()
    assert sent(session) == ["response.create"]


def test_our_request_that_failed_may_be_made_again() -> None:
    session = fresh()
    session.ask_for_reply()
    event_id = checked(session.outbox[0])["event_id"]
    error = {"type": "server_error", "code": "server_error", "event_id": event_id}
    assert said(session, "error", error=error) == [BrainErred("server_error", "retry")]
    session.ask_for_reply()
    assert sent(session) == ["response.create", "response.create"]


def test_our_request_that_may_have_failed_is_given_a_moment() -> None:
    session = fresh()
    session.ask_for_reply()
    error = {"type": "server_error", "code": "server_error"}
    assert said(session, "error", error=error) == [BrainErred("server_error", "retry", 1000)]
    session.ask_for_reply()
    assert sent(session) == ["response.create", "response.create"]


def test_an_answer_that_the_caller_cut_may_fail() -> None:
    session = fresh()
    said(session, "response.created", response={"id": "r1"})
    said(session, "input_audio_buffer.speech_started", item_id="u1")
    output = done(session, status="failed", status_details=NO_ROOM)[-1]
    assert output == BrainErred("rate_limit_exceeded", "harmless")


def test_an_end_that_is_told_twice_counts_once() -> None:
    session = fresh()
    assert any(isinstance(output, ToolsAsked) for output in done(session))
    assert done(session) == []


@pytest.mark.parametrize(
    ("status", "details", "output", "erred"),
    [
        ("failed", None, [], BrainErred("failed", "retry")),
        (
            "failed",
            {"error": {"code": "insufficient_quota"}},
            [],
            SessionFault("insufficient_quota", Action.GIVE_UP),
        ),
        ("incomplete", {"reason": "max_output_tokens"}, [], BrainErred("max_output_tokens", "retry")),
        ("incomplete", {"reason": "content_filter"}, [{"type": "message", "id": "a1"}], None),
        ("cancelled", {"reason": "turn_detected"}, [], None),
    ],
)
def test_how_an_answer_may_end(status: str, details: Any, output: list[Any], erred: Output | None) -> None:
    made = done(fresh(), status=status, status_details=details, output=output)
    assert made == [ReplyEnded("r1", status), *([erred] if erred else [])]


@pytest.mark.parametrize(
    ("code", "action"),
    [(code, Action.REBUILD) for code in (None, 1000, 1001, 1005, 1006, 1011, 1012, 1013, 1015)]
    + [(code, Action.GIVE_UP) for code in (1002, 1003, 1007, 1008, 1009, 3000, 4000)],
)
def test_what_a_close_asks_for(code: int | None, action: Action) -> None:
    assert of_close(code) is action


@pytest.mark.parametrize(
    ("status", "action"),
    [(s, Action.GIVE_UP) for s in (400, 401, 403, 404)] + [(s, Action.RETRY) for s in (429, 500, 502, 503)],
)
def test_what_a_refused_handshake_asks_for(status: int, action: Action) -> None:
    assert of_status(status) is action
