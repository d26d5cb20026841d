"""Attempts that failed: whoever has too many waits."""

from appliance.store import attempts, times
from appliance.store.database import Connection
from tests.store.conftest import AT

HERE, NAME = "192.168.1.7", attempts.of_name("ana")


def test_each_key_is_counted_for_itself(db: Connection) -> None:
    for number in range(attempts.MOST):
        assert not attempts.too_many(db, [HERE, NAME], at=AT)
        attempts.failed(db, [f"192.168.1.{number}", NAME], at=AT)
    assert attempts.too_many(db, [HERE, NAME], at=AT)
    assert not attempts.too_many(db, [HERE, attempts.of_name("ben")], at=AT)


def test_a_count_begins_anew_after_its_time(db: Connection) -> None:
    for _ in range(attempts.MOST):
        attempts.failed(db, [HERE], at=AT)
    later = times.moved(AT, attempts.WAIT_S)
    assert not attempts.too_many(db, [HERE], at=later)
    attempts.failed(db, [HERE], at=later)
    assert tuple(db.execute("SELECT since, failures FROM access_failure").fetchone()) == (later, 1)


def test_who_came_in_is_forgiven(db: Connection) -> None:
    attempts.failed(db, [HERE, NAME], at=AT)
    attempts.forgive(db, [HERE])
    assert [row[0] for row in db.execute("SELECT source FROM access_failure")] == [NAME]


def test_what_is_long_over_is_forgotten(db: Connection) -> None:
    attempts.failed(db, [HERE], at=AT)
    attempts.failed(db, [NAME], at=times.moved(AT, attempts.KEPT_S + 1))
    assert [row[0] for row in db.execute("SELECT source FROM access_failure")] == [NAME]


def test_a_name_is_not_kept_as_it_was_typed() -> None:
    assert "ana" not in NAME.partition(" ")[2]
    assert attempts.of_name("ana") != attempts.of_name("anb")
