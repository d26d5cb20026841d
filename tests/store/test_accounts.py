"""Accounts: names, roles, proofs, and that somebody always owns the box."""

import pytest

from appliance.store import accounts
from appliance.store.accounts import LastOwner, NameTaken, Proofs, Role
from appliance.store.database import Connection, immediate
from appliance.store.errors import NoSuchRow
from tests.store.conftest import AT


@pytest.fixture
def ana(db: Connection) -> int:
    """The owner's id."""
    owner = accounts.add(db, "Ana Ruiz", Role.OWNER, at=AT)
    accounts.set_password(db, owner.id, "kept", at=AT)
    return owner.id


def test_an_account_begins_without_a_password(db: Connection) -> None:
    made = accounts.add(db, "Ana Ruiz", Role.OWNER, at=AT)
    assert (made.invited, made.two_step, made.language, made.ended_at) == (True, False, "", None)
    assert not accounts.has_owner(db)
    accounts.set_password(db, made.id, "kept", at=AT)
    assert accounts.has_owner(db)
    assert not accounts.one(db, made.id).invited
    assert accounts.proofs(db, made.id) == Proofs("kept", "", "", 0)


@pytest.mark.parametrize("name", ["ana ruiz", "  ANA\tRUIZ ", "\uff21na Ruiz", "Ana\u00a0Ruiz"])
def test_names_that_look_alike_are_one(db: Connection, ana: int, name: str) -> None:
    found = accounts.by_name(db, name)
    assert found is not None
    assert found.id == ana
    with pytest.raises(NameTaken):
        accounts.add(db, name, Role.IT, at=AT)


def test_the_last_owner_stays_one(db: Connection, ana: int) -> None:
    accounts.add(db, "Eve", Role.OWNER, at=AT)
    with pytest.raises(LastOwner), immediate(db):
        accounts.set_role(db, ana, Role.IT)
    with pytest.raises(LastOwner), immediate(db):
        accounts.end(db, ana, at=AT)
    assert accounts.one(db, ana).role is Role.OWNER
    assert accounts.one(db, ana).ended_at is None


def test_an_account_that_comes_back_has_nothing_of_before(db: Connection, ana: int) -> None:
    ben = accounts.add(db, "Ben", Role.IT, at=AT).id
    accounts.set_password(db, ben, "kept", at=AT)
    accounts.offer_secret(db, ben, "S")
    accounts.take_secret(db, ben, 7, ["a"])
    accounts.end(db, ben, at=AT)
    assert [account.name for account in accounts.every(db)] == ["Ana Ruiz", "Ben"]
    accounts.resume(db, ben)
    assert accounts.proofs(db, ben) == Proofs("", "", "", 0)
    assert accounts.codes_left(db, ben) == 0


def test_a_step_is_used_once_and_none_before_it(db: Connection, ana: int) -> None:
    accounts.offer_secret(db, ana, "S")
    accounts.take_secret(db, ana, 10, [])
    assert [accounts.use_step(db, ana, step) for step in (10, 11, 11, 9, 12)] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_a_recovery_code_is_used_once_and_by_its_account(db: Connection, ana: int) -> None:
    ben = accounts.add(db, "Ben", Role.IT, at=AT).id
    accounts.set_codes(db, ana, ["a", "b"])
    assert not accounts.use_code(db, ben, "a", at=AT)
    assert accounts.use_code(db, ana, "a", at=AT)
    assert not accounts.use_code(db, ana, "a", at=AT)
    assert accounts.codes_left(db, ana) == 1
    accounts.set_codes(db, ana, ["c"])
    assert not accounts.use_code(db, ana, "b", at=AT)


def test_what_is_not_there_is_not_changed(db: Connection) -> None:
    with pytest.raises(NoSuchRow):
        accounts.set_language(db, 99, "es")
    with pytest.raises(NoSuchRow):
        accounts.one(db, 99)
    with pytest.raises(NoSuchRow):
        accounts.proofs(db, 99)
