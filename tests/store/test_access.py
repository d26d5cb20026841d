"""Access: links that are used once, and sessions that end."""

from datetime import timedelta

import pytest

from appliance.store import access, accounts, times
from appliance.store.access import Link, Session, Stage
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.store.conftest import AT

HERE = "192.168.1.7"
LASTS_S = 12 * 3600
REST_S = 1800


def later(seconds: float) -> str:
    return times.written(times.read(AT) + timedelta(seconds=seconds))


@pytest.fixture
def ana(db: Connection) -> int:
    """An account's id."""
    return accounts.add(db, "Ana", Role.OWNER, at=AT).id


def begin(db: Connection, account_id: int, stage: Stage = Stage.WHOLE, at: str = AT) -> str:
    return access.begin(db, account_id, stage, source=HERE, at=at, lasts_s=LASTS_S)


def held(db: Connection, token: str, at: str) -> Session | None:
    return access.session(db, token, at=at, rest_s=REST_S)


def count(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 -- a name of ours


def test_a_link_is_used_once(db: Connection, ana: int) -> None:
    token = access.add_link(db, ana, at=AT)
    assert access.link(db, token, at=AT) == access.link(db, token, at=AT) == Link(ana)
    assert access.use_link(db, token, at=later(1))
    assert not access.use_link(db, token, at=later(2))
    assert access.link(db, token, at=later(2)) is None
    assert held(db, token, later(2)) is None


def test_a_link_waits_so_long_and_no_longer(db: Connection, ana: int) -> None:
    for lasts_s in (access.LINK_S, access.INVITATION_S):
        token = access.add_link(db, ana, at=AT, lasts_s=lasts_s)
        assert access.link(db, token, at=later(lasts_s - 0.001)) is not None
        assert access.link(db, token, at=later(lasts_s)) is None
        assert not access.use_link(db, token, at=later(lasts_s))


def test_a_newer_link_takes_the_place_of_the_older_one_of_the_same_account(db: Connection, ana: int) -> None:
    first, others = access.add_link(db, ana, at=AT), access.add_link(db, None, at=AT)
    second = access.add_link(db, ana, at=AT)
    assert access.link(db, first, at=AT) is None
    assert access.link(db, second, at=AT) == Link(ana)
    assert access.link(db, others, at=AT) == Link(None)


def test_a_used_session_goes_on_and_a_resting_one_ends(db: Connection, ana: int) -> None:
    token = begin(db, ana)
    assert held(db, token, later(1)) == Session(ana, Stage.WHOLE, HERE, AT, AT, later(LASTS_S))
    access.note_use(db, token, at=later(1000))
    assert held(db, token, later(1000 + REST_S - 1)) is not None
    assert held(db, token, later(1000 + REST_S)) is None


def test_use_is_noted_once_a_minute(db: Connection, ana: int) -> None:
    session = held(db, begin(db, ana), AT)
    assert session is not None
    assert not access.due(session, at=later(access.SEEN_S - 1))
    assert access.due(session, at=later(access.SEEN_S))


def test_a_session_that_waits_for_a_code_does_not_wait_long(db: Connection, ana: int) -> None:
    token = begin(db, ana, Stage.CODE)
    session = held(db, token, later(access.CODE_S - 1))
    assert session is not None
    assert session.stage is Stage.CODE
    assert held(db, token, later(access.CODE_S)) is None


def test_a_clock_that_goes_back_takes_no_use_away(db: Connection, ana: int) -> None:
    token = begin(db, ana)
    access.note_use(db, token, at=later(-60))
    session = held(db, token, AT)
    assert session is not None
    assert session.seen_at == AT


def test_an_ended_session_stays_ended(db: Connection, ana: int) -> None:
    token, other = begin(db, ana), begin(db, ana)
    access.end(db, token, at=later(1))
    access.end(db, token, at=later(2))
    access.note_use(db, token, at=later(3))
    assert held(db, token, later(4)) is None
    assert held(db, other, later(4)) is not None
    assert len(access.sessions(db, ana, at=later(4), rest_s=REST_S)) == 1


def test_the_sessions_of_an_account_end_together_but_for_one(db: Connection, ana: int) -> None:
    ben = accounts.add(db, "Ben", Role.IT, at=AT).id
    mine, other, foreign = begin(db, ana), begin(db, ana), begin(db, ben)
    link = access.add_link(db, ana, at=AT)
    access.end_of(db, ana, at=later(1), but=mine)
    assert [held(db, token, later(2)) is not None for token in (mine, other, foreign)] == [True, False, True]
    assert access.link(db, link, at=later(2)) is None


def test_an_account_that_ends_takes_its_sessions_with_it(db: Connection, ana: int) -> None:
    ben = accounts.add(db, "Ben", Role.IT, at=AT).id
    accounts.set_password(db, ana, "kept", at=AT)
    token = begin(db, ben)
    accounts.end(db, ben, at=later(1))
    assert held(db, token, later(2)) is None


def test_everybody_is_shown_out_and_links_are_withdrawn(db: Connection, ana: int) -> None:
    token, _, ended = begin(db, ana), begin(db, ana), begin(db, ana)
    access.end(db, ended, at=AT)
    waiting = access.add_link(db, ana, at=AT)
    assert access.end_all(db, at=later(1), rest_s=REST_S) == 2
    assert held(db, token, later(2)) is None
    assert access.link(db, waiting, at=later(2)) is None


def test_a_session_of_before_there_were_accounts_opens_nothing(db: Connection, ana: int) -> None:
    token = begin(db, ana)
    db.execute("UPDATE access_session SET account_id = NULL")
    assert held(db, token, AT) is None


@pytest.mark.parametrize("token", ["", "x", "é", "\x00", "\udcff", "x" * 100_000])
def test_no_other_token_is_a_link_or_a_session(db: Connection, ana: int, token: str) -> None:
    begin(db, ana)
    access.add_link(db, ana, at=AT)
    assert held(db, token, AT) is None
    assert access.link(db, token, at=AT) is None
    assert not access.use_link(db, token, at=AT)


def test_what_is_long_over_is_forgotten(db: Connection, ana: int) -> None:
    begin(db, ana)
    access.add_link(db, None, at=AT)
    access.add_link(db, ana, at=later(2 * access.KEPT_S))
    assert [count(db, table) for table in ("access_link", "access_session")] == [1, 0]
