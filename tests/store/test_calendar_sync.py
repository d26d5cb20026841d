"""What is open about an appointment is owed in the transaction that opens it, and found where it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.calendar import Span
from appliance.store import after_calls, bookings, calendar_sync, database, job_leases, jobs
from appliance.store.bookings import Patient, Wanted
from appliance.store.calendar_sync import AFTER
from appliance.store.database import Connection, immediate
from appliance.store.job_leases import Lease, Moment, Waits
from appliance.store.jobs import State

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
START = datetime(2026, 12, 1, 14, tzinfo=UTC)
ANA = Patient("Ana Ruiz", "+14155550100", "1980-03-09")


def take(db: Connection, key: str = "a", hours: int = 0, *, replaces: str | None = None) -> None:
    span = Span(START + timedelta(hours=hours), START + timedelta(hours=hours, minutes=30))
    wanted = Wanted(key, f"CA{key}", "check-up", "lee", span, span, "America/New_York")
    bookings.take(db, wanted, ANA, now=NOW, replaces=replaces)


def owed(db: Connection) -> dict[str, tuple[State, int | None]]:
    """The state of each job, and how long it waits before it is begun, in tens of seconds rounded up."""
    rows = db.execute("SELECT key, state, wait_until_ms FROM job").fetchall()
    return {key: (State(state), None if until is None else _tens(until)) for key, state, until in rows}


def _tens(until_ms: int) -> int:
    return -((Moment.now().up_ms - until_ms) // 10_000) * 10


def claimed(db: Connection, moment: Moment) -> Lease | None:
    """What a worker takes at this moment."""
    with immediate(db):
        job_leases.wake(db, moment=moment, waits=Waits())
        found = job_leases.claim(db, ["sync_calendar"], worker="w", moment=moment, lease_s=60)
    return None if found is None else found[1]


def test_a_promise_owes_its_calendar_with_itself_or_not_at_all(db: Connection) -> None:
    take(db)

    def cancel_and_take_it_twice() -> None:
        with immediate(db):
            bookings.ask_cancel(db, "a", now=NOW + timedelta(hours=1))
            take(db, "b")

    with pytest.raises(bookings.SlotTaken):
        cancel_and_take_it_twice()
    assert owed(db) == {"sync_calendar:a": (State.QUEUED, 20)}


def test_each_step_that_opens_something_owes_it_anew(db: Connection) -> None:
    with immediate(db):
        take(db)
        jobs.drop(db, 1, now=NOW)
        bookings.booked(db, "a", event_id="e1", link="", now=NOW + timedelta(minutes=1))
    assert owed(db) == {"sync_calendar:a": (State.QUEUED, 20)}
    with immediate(db):
        take(db, "b", 1, replaces="a")
        assert not calendar_sync.is_leaving(db, "a")
        for job in jobs.page(db):
            jobs.drop(db, job.id, now=NOW)
        bookings.booked(db, "b", event_id="e2", link="", now=NOW + timedelta(minutes=2))
    assert owed(db) == dict.fromkeys(("sync_calendar:a", "sync_calendar:b"), (State.QUEUED, 20))
    assert (calendar_sync.is_leaving(db, "a"), calendar_sync.is_leaving(db, "b")) == (True, False)
    with immediate(db):
        jobs.drop(db, jobs.page(db)[0].id, now=NOW)
        bookings.ask_cancel(db, "b", now=NOW + timedelta(minutes=3))
    assert owed(db)["sync_calendar:b"] == (State.QUEUED, 20)


def test_what_is_opened_while_a_try_goes_on_is_owed_by_its_end(db: Connection) -> None:
    later = NOW + timedelta(minutes=1)
    moment = Moment(later, "boot", 0)
    with immediate(db):
        take(db)
    lease = claimed(db, moment)
    assert lease is not None
    with immediate(db):
        bookings.ask_cancel(db, "a", now=later)
    assert owed(db)["sync_calendar:a"][0] is State.RUNNING
    with immediate(db):
        job_leases.done(db, lease, moment=moment, took_ms=1)
        calendar_sync.owe_rest(db, "a", now=later)
    assert owed(db) == {"sync_calendar:a": (State.QUEUED, 60)}
    with immediate(db):
        bookings.cancel(db, "a", now=later)
    assert claimed(db, moment) is not None
    with immediate(db):
        assert not calendar_sync.is_open(db, "a")
        calendar_sync.owe_rest(db, "a", now=later)
    assert owed(db)["sync_calendar:a"][0] is State.RUNNING


def test_what_no_job_knows_is_owed_when_a_worker_begins(db: Connection) -> None:
    with immediate(db):
        for place, key in enumerate("abc"):
            take(db, key, place)
        bookings.booked(db, "b", event_id="e", link="", now=NOW)
        after_calls.told(db, "b")
        db.execute("DELETE FROM job WHERE key <> 'sync_calendar:c'")
        assert calendar_sync.owe_missing(db, now=NOW + timedelta(hours=1)) == 1
    assert owed(db) == {
        "sync_calendar:a": (State.QUEUED, 20),
        "sync_calendar:c": (State.QUEUED, 20),
    }
    with database.snapshot(db):
        assert after_calls.heard(db, "a", NOW + AFTER) is None


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_wait_is_over_by_the_clock_since_boot_whatever_that_on_the_wall_says(
    db: Connection, days: int
) -> None:
    with immediate(db):
        take(db)
    owed_at = Moment.now()
    jumped = replace(owed_at, at=NOW + timedelta(days=days))
    assert claimed(db, replace(jumped, up_ms=owed_at.up_ms + 15_000)) is None
    assert claimed(db, replace(jumped, up_ms=owed_at.up_ms + 20_000)) is not None


def test_a_wait_does_not_outlast_the_boot_that_it_began_in(db: Connection) -> None:
    with immediate(db):
        take(db)
    assert job_leases.lapsed(db, Moment(NOW, "another boot", 0))
    assert claimed(db, Moment(NOW, "another boot", 0)) is not None


@pytest.mark.parametrize("then", ["retried", "dropped"])
def test_what_waits_before_its_first_try_can_be_begun_at_once_or_dropped(db: Connection, then: str) -> None:
    with immediate(db):
        take(db)
        job = jobs.page(db)[0]
        found = jobs.retry(db, job.id) if then == "retried" else jobs.drop(db, job.id, now=NOW)
    assert owed(db) == {job.key: (found.state, None)}
    assert (claimed(db, replace(Moment.now(), at=NOW)) is not None) is (then == "retried")
