"""Access: links that open once, sessions that end, and addresses that try too often."""

from datetime import timedelta

import pytest

from appliance.store import access, times
from appliance.store.access import Refusal
from appliance.store.database import Connection
from tests.store.conftest import AT

HERE = "192.168.1.7"


def later(seconds: float) -> str:
    return times.written(times.read(AT) + timedelta(seconds=seconds))


def come_in(db: Connection, at: str = AT) -> str:
    token = access.open_link(db, access.add_link(db, at=at), source=HERE, at=at)
    assert not isinstance(token, Refusal)
    return token


def count(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 -- a name of ours


def test_a_link_opens_one_session(db: Connection) -> None:
    link = access.add_link(db, at=AT)
    token = access.open_link(db, link, source=HERE, at=later(1))
    assert not isinstance(token, Refusal)
    assert token != link
    assert access.session(db, token, at=later(2)) == access.Session(
        began_at=later(1), seen_at=later(1), expires_at=later(1 + access.SESSION_S)
    )
    assert access.open_link(db, link, source=HERE, at=later(2)) is Refusal.WRONG
    assert access.session(db, link, at=later(2)) is None


def test_a_link_waits_so_long_and_no_longer(db: Connection) -> None:
    first, second = access.add_link(db, at=AT), access.add_link(db, at=AT)
    assert access.open_link(db, first, source=HERE, at=later(access.LINK_S - 0.001)) is not Refusal.WRONG
    assert access.open_link(db, second, source=HERE, at=later(access.LINK_S)) is Refusal.WRONG


def test_a_used_session_goes_on_and_a_resting_one_ends(db: Connection) -> None:
    token = come_in(db)
    access.note_use(db, token, at=later(1000))
    assert access.session(db, token, at=later(1000 + access.IDLE_S - 1)) is not None
    assert access.session(db, token, at=later(1000 + access.IDLE_S)) is None


def test_use_is_noted_once_a_minute(db: Connection) -> None:
    token = come_in(db)
    session = access.session(db, token, at=AT)
    assert session is not None
    assert not access.due(session, at=later(access.SEEN_S - 1))
    assert access.due(session, at=later(access.SEEN_S))


def test_a_clock_that_goes_back_takes_no_use_away(db: Connection) -> None:
    token = come_in(db)
    access.note_use(db, token, at=later(-60))
    session = access.session(db, token, at=AT)
    assert session is not None
    assert session.seen_at == AT


def test_an_ended_session_stays_ended(db: Connection) -> None:
    token, other = come_in(db), come_in(db)
    access.end(db, token, at=later(1))
    access.end(db, token, at=later(2))
    access.note_use(db, token, at=later(3))
    assert access.session(db, token, at=later(4)) is None
    assert access.session(db, other, at=later(4)) is not None


def test_everybody_is_shown_out_and_links_are_withdrawn(db: Connection) -> None:
    token, _ = come_in(db), come_in(db)
    ended = come_in(db)
    access.end(db, ended, at=AT)
    waiting = access.add_link(db, at=AT)
    assert access.end_all(db, at=later(1)) == 2
    assert access.session(db, token, at=later(2)) is None
    assert access.open_link(db, waiting, source=HERE, at=later(2)) is Refusal.WRONG


@pytest.mark.parametrize("token", ["", "x", "é", "\x00", "x" * 100_000])
def test_no_other_token_is_a_link_or_a_session(db: Connection, token: str) -> None:
    come_in(db)
    assert access.session(db, token, at=AT) is None
    assert access.open_link(db, token, source=HERE, at=AT) is Refusal.WRONG


def test_too_many_failures_wait_and_are_forgotten(db: Connection) -> None:
    for place in range(access.FAILURES_MOST):
        assert access.open_link(db, "wrong", source=HERE, at=later(place)) is Refusal.WRONG
    link = access.add_link(db, at=later(20))
    assert access.open_link(db, link, source=HERE, at=later(20)) is Refusal.TOO_MANY
    assert access.open_link(db, link, source="192.168.1.8", at=later(20)) is not Refusal.TOO_MANY
    again = access.add_link(db, at=later(20))
    at = later(access.FAILURES_S)
    assert access.open_link(db, again, source=HERE, at=at) not in tuple(Refusal)
    assert count(db, "access_failure") == 0


def test_a_count_begins_anew_after_its_time(db: Connection) -> None:
    for _ in range(access.FAILURES_MOST):
        access.open_link(db, "wrong", source=HERE, at=AT)
    access.open_link(db, "wrong", source=HERE, at=later(access.FAILURES_S))
    row = db.execute("SELECT since, failures FROM access_failure").fetchone()
    assert tuple(row) == (later(access.FAILURES_S), 1)


def test_what_is_long_over_is_forgotten(db: Connection) -> None:
    come_in(db)
    access.open_link(db, "wrong", source=HERE, at=AT)
    access.add_link(db, at=later(2 * access.KEPT_S))
    tables = ("access_link", "access_session", "access_failure")
    assert [count(db, table) for table in tables] == [1, 0, 0]
