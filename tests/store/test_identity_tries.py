"""Tries to be known as somebody who has an appointment are counted before they can be right."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.store import identity_tries, person, retention
from appliance.store.database import Connection, immediate
from appliance.store.identity_tries import CALL_MOST, DAY, DAY_MOST

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ONE, OTHER, THIRD = "+14155550100", "+14155550101", "+14155550102"


def tries(db: Connection, call: str, caller: str = ONE, told: str = "", *, now: datetime = NOW) -> int | None:
    with immediate(db):
        return identity_tries.begin(db, call, caller, told, now=now)


def fill(db: Connection, caller: str = ONE, told: str = "") -> None:
    """All tries of a day."""
    for place in range(DAY_MOST):
        assert tries(db, f"CA{place}", caller, told)


def test_a_call_has_so_many(db: Connection) -> None:
    assert all(tries(db, "CA1") for _ in range(CALL_MOST))
    assert tries(db, "CA1", OTHER) is None
    assert tries(db, "CA2", OTHER)


def test_so_has_a_number_within_a_day(db: Connection) -> None:
    fill(db)
    assert tries(db, "CA9") is None
    assert tries(db, "CA9", OTHER)
    assert tries(db, "CA9", now=NOW + DAY) is None
    assert tries(db, "CA9", now=NOW + DAY + timedelta(seconds=1))


def test_withheld_numbers_have_them_together(db: Connection) -> None:
    fill(db, caller="")
    assert tries(db, "CA9", "") is None
    assert tries(db, "CA9", ONE)


def test_and_all_have_them_about_a_number_together(db: Connection) -> None:
    for place in range(DAY_MOST):
        assert tries(db, f"CA{place}", f"+1415555020{place}", THIRD)
    assert tries(db, "CA9", OTHER, THIRD) is None
    # Who tells none is not held up by others who tell none.
    assert tries(db, "CA9", OTHER)


def test_one_that_was_right_counts_no_more(db: Connection) -> None:
    for _ in range(DAY_MOST * 2):
        found = tries(db, "CA1")
        assert found is not None
        with immediate(db):
            identity_tries.right(db, found)


@pytest.mark.parametrize("days", [-3, 3])
def test_a_clock_that_jumps_by_days_locks_nobody_out(db: Connection, days: int) -> None:
    fill(db)
    assert tries(db, "CA9", now=NOW + timedelta(days=days))


def test_they_are_told_and_erased_with_a_number(db: Connection) -> None:
    tries(db, "CA1", OTHER, ONE)
    tries(db, "CA2", ONE)
    tries(db, "CA3", THIRD)
    assert len(person.about(db, ONE)["tries to find appointments"]) == 2
    with immediate(db):
        retention.begin(db, "run", "erase", by="", now=NOW)
        person.erase(db, ONE, "run", now=NOW)
    assert [row[0] for row in db.execute("SELECT caller FROM identity_try")] == [THIRD]
