"""The audit log: it is added to, and by nothing else changed; what was changed all the same is found."""

import pytest

from appliance.store import audit, database, times
from appliance.store.audit import Actor, Deed
from appliance.store.database import Connection

ANA = Actor("192.168.1.7", 1, "Ana Ruiz", "owner")


@pytest.fixture
def filled(db: Connection) -> Connection:
    """A log with five rows of today."""
    for number in range(5):
        audit.add(db, ANA, Deed.RECORDING_HEARD, at=times.utc_now(), target=str(number), detail={"a": "b"})
    return db


def test_rows_are_read_as_they_were_written(filled: Connection) -> None:
    first, *_ = audit.page(filled)
    assert (first.actor, first.deed, first.target, first.detail) == (ANA, "recording heard", "4", {"a": "b"})
    assert [row.target for row in audit.page(filled, before_id=3, limit=1)] == ["1"]
    assert audit.page(filled, account_id=2) == []
    assert audit.page(filled, deeds=["signed in"]) == []
    assert len(audit.page(filled, account_id=1, deeds=["signed in", "recording heard"])) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'Eve' WHERE id = 2",
        "UPDATE audit SET at = '2001-01-01T00:00:00.000Z'",
        "DELETE FROM audit WHERE id = 5",
        "DELETE FROM audit",
        "REPLACE INTO audit SELECT id, at, 2, 'Eve', role, source, deed, target, detail, chain FROM audit",
        "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT (id) DO UPDATE SET who = 'Eve'",
    ],
)
def test_the_engine_refuses_to_change_it(filled: Connection, statement: str) -> None:
    with pytest.raises(database.Error, match="audit log"):
        filled.execute(statement)
    assert [row.actor.who for row in audit.page(filled)] == ["Ana Ruiz"] * 5
    assert audit.broken(filled) is None


def test_what_is_over_a_year_old_may_go(filled: Connection) -> None:
    with database.immediate(filled):
        audit.add(filled, ANA, Deed.SIGNED_IN, at=times.moved(times.utc_now(), -366 * 86400))
    filled.execute("DELETE FROM audit WHERE deed = 'signed in'")
    assert len(audit.page(filled)) == 5


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'Eve' WHERE id = 3", "DELETE FROM audit WHERE id = 2",
     "UPDATE audit SET target = '9' WHERE id = 5", "UPDATE audit SET account_id = NULL WHERE id = 3"],
)  # fmt: skip
def test_what_was_changed_by_other_means_is_found(filled: Connection, statement: str) -> None:
    for trigger in ("audit_stays_as_it_is", "audit_stays"):
        filled.execute(f"DROP TRIGGER {trigger}")
    filled.execute(statement)
    assert audit.broken(filled) in (3, 5)


def test_the_oldest_rows_may_be_gone(filled: Connection) -> None:
    filled.execute("DROP TRIGGER audit_stays")
    filled.execute("DELETE FROM audit WHERE id < 3")
    assert audit.broken(filled) is None
    audit.add(filled, ANA, Deed.SIGNED_IN, at=times.utc_now())
    assert audit.broken(filled) is None


def test_the_same_is_seen_to_have_been_done_lately(filled: Connection) -> None:
    since = times.moved(times.utc_now(), -60)
    assert audit.lately(filled, ANA, Deed.RECORDING_HEARD, "3", since=since)
    assert not audit.lately(filled, ANA, Deed.RECORDING_HEARD, "9", since=since)
    assert not audit.lately(filled, Actor("10.0.0.1", 1), Deed.RECORDING_HEARD, "3", since=since)
    assert not audit.lately(filled, ANA, Deed.RECORDING_HEARD, "3", since=times.moved(times.utc_now(), 60))


def test_nobody_known_is_an_actor_too(db: Connection) -> None:
    audit.add(db, Actor("10.0.0.1"), Deed.LINK_FAILED, at=times.utc_now())
    assert audit.page(db)[0].actor == Actor("10.0.0.1")
    assert audit.lately(db, Actor("10.0.0.1"), Deed.LINK_FAILED, "", since="2000-01-01T00:00:00.000Z")
