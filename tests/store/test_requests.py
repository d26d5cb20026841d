"""What staff ask for in a live call: one thing at a time, and what really became of it."""

import pytest

from appliance.core.dispositions import GOODBYE, PEOPLE, Outcome, transfer
from appliance.store import calls, requests, times, versions
from appliance.store.database import Connection
from appliance.store.requests import AlreadyAsked, CallOver, Request, State, What, Why
from tests.store.conftest import AT

LATER = times.moved(AT, 3)


def ask(db: Connection, call: str, what: What = What.TRANSFER, at: str = AT, **more: str) -> None:
    requests.ask(db, call, what, who="Ana Ruiz", at=at, **more)


def only(db: Connection, call: str) -> Request:
    (found,) = requests.of_call(db, call)
    return found


def test_it_waits_is_begun_and_is_done(db: Connection, call: str) -> None:
    ask(db, call, department="billing")
    (waits,) = requests.waiting(db)
    assert (waits.call_sid, waits.who, waits.state) == ("CA1", "Ana Ruiz", State.ASKED)
    requests.begun(db, waits.id)
    assert requests.waiting(db) == []
    assert only(db, call).state is State.UNDER_WAY
    requests.settle(db, waits.id, None, at=LATER)
    assert (only(db, call).state, only(db, call).settled_at) == (State.DONE, LATER)
    requests.settle(db, waits.id, Why.OVER, at=LATER)
    assert only(db, call).state is State.DONE, "what is settled stays so"


def test_in_a_call_it_is_one_at_a_time(db: Connection, call: str) -> None:
    ask(db, call)
    with pytest.raises(AlreadyAsked):
        ask(db, call, What.HANG_UP)
    (first,) = requests.waiting(db)
    requests.begun(db, first.id)
    with pytest.raises(AlreadyAsked):
        ask(db, call, What.HANG_UP, at=times.moved(AT, 60))
    requests.settle(db, first.id, Why.ELSEWHERE, at=LATER)
    ask(db, call, What.HANG_UP, at=LATER)
    assert [each.what for each in requests.of_call(db, call)] == [What.TRANSFER, What.HANG_UP]


def test_what_nobody_took_does_not_stand_in_the_way(db: Connection, call: str) -> None:
    ask(db, call)
    assert not only(db, call).late(times.moved(AT, requests.LATE_S))
    late = times.moved(AT, requests.LATE_S + 1)
    assert only(db, call).late(late)
    ask(db, call, at=late)
    first, second = requests.of_call(db, call)
    assert (first.state, first.why, second.state) == (State.NOT_DONE, Why.LATE, State.ASKED)
    requests.begun(db, second.id)
    ask(db, call, at=times.moved(late, requests.LONGEST_S + 1))
    assert requests.of_call(db, call)[1].why == Why.LATE


def test_in_a_call_that_is_over_or_is_none_nothing_is_asked(db: Connection, call: str) -> None:
    calls.end(db, call, LATER, Outcome.HANDLED, "")
    for each in (call, "none"):
        with pytest.raises(CallOver):
            ask(db, each)


def test_what_a_dead_bridge_had_begun_is_settled(db: Connection, call: str) -> None:
    ask(db, call)
    requests.begun(db, requests.waiting(db)[0].id)
    requests.sweep(db, at=LATER)
    assert (only(db, call).state, only(db, call).why) == (State.NOT_DONE, Why.LATE)


def test_pages_that_watch_calls_see_it(db: Connection, call: str) -> None:
    before = versions.of(db, "calls")
    ask(db, call)
    asked = versions.of(db, "calls")
    requests.settle(db, 1, None, at=LATER)
    assert len({before, asked, versions.of(db, "calls")}) == 3


def test_it_goes_with_its_call(db: Connection, call: str) -> None:
    ask(db, call)
    db.execute("DELETE FROM call_log")
    assert requests.of_call(db, call) == []


@pytest.mark.parametrize(
    ("what", "department", "leave"),
    [
        (What.HANG_UP, "", GOODBYE),
        (What.TRANSFER, "", PEOPLE),
        (What.TRANSFER, "billing", transfer("billing")),
        (What.TAKE_OVER, "nurses", transfer("nurses")),
        (What.TAKE_OVER, "", PEOPLE),
    ],
)
def test_each_says_how_the_call_goes_on(
    db: Connection, call: str, what: What, department: str, leave: object
) -> None:
    ask(db, call, what, department=department)
    assert only(db, call).leave == leave
