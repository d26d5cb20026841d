"""What is open about an appointment is owed in the transaction that opens it, and found where it is not."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.calendar import Span
from appliance.store import after_calls, bookings, calendar_sync, database, job_leases, jobs
from appliance.store.bookings import Patient, Wanted
from appliance.store.calendar_sync import AFTER, LATER
from appliance.store.database import Connection, immediate
from appliance.store.job_leases import Moment
from appliance.store.jobs import State

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
START = datetime(2026, 12, 1, 14, tzinfo=UTC)
ANA = Patient("Ana Ruiz", "+14155550100", "1980-03-09")


def take(db: Connection, key: str = "a", hours: int = 0, *, replaces: str | None = None) -> None:
    span = Span(START + timedelta(hours=hours), START + timedelta(hours=hours, minutes=30))
    wanted = Wanted(key, f"CA{key}", "check-up", "lee", span, span, "America/New_York")
    bookings.take(db, wanted, ANA, now=NOW, replaces=replaces)


def owed(db: Connection) -> dict[str, tuple[State, str | None]]:
    return {job.key: (job.state, job.not_before) for job in jobs.page(db)}


def test_a_promise_owes_its_calendar_with_itself_or_not_at_all(db: Connection) -> None:
    take(db)

    def cancel_and_take_it_twice() -> None:
        with immediate(db):
            bookings.ask_cancel(db, "a", now=NOW + timedelta(hours=1))
            take(db, "b")

    with pytest.raises(bookings.SlotTaken):
        cancel_and_take_it_twice()
    assert owed(db) == {"sync_calendar:a": (State.QUEUED, "2026-11-26T09:00:20.000Z")}


def test_each_step_that_opens_something_owes_it_anew(db: Connection) -> None:
    with immediate(db):
        take(db)
        jobs.drop(db, 1, now=NOW)
        bookings.booked(db, "a", event_id="e1", link="", now=NOW + timedelta(minutes=1))
    assert owed(db) == {"sync_calendar:a": (State.QUEUED, "2026-11-26T09:01:20.000Z")}
    with immediate(db):
        take(db, "b", 1, replaces="a")
        assert not calendar_sync.is_leaving(db, "a")
        bookings.booked(db, "b", event_id="e2", link="", now=NOW + timedelta(minutes=2))
    assert {key: at for key, (_, at) in owed(db).items()} == {
        "sync_calendar:a": "2026-11-26T09:02:20.000Z",
        "sync_calendar:b": "2026-11-26T09:02:20.000Z",
    }
    assert (calendar_sync.is_leaving(db, "a"), calendar_sync.is_leaving(db, "b")) == (True, False)
    with immediate(db):
        bookings.ask_cancel(db, "b", now=NOW + timedelta(minutes=3))
    assert owed(db)["sync_calendar:b"] == (State.QUEUED, "2026-11-26T09:03:20.000Z")


def test_what_is_opened_while_a_try_goes_on_is_owed_by_its_end(db: Connection) -> None:
    later = NOW + timedelta(minutes=1)
    moment = Moment(later, "boot", 0)
    with immediate(db):
        take(db)
        found = job_leases.claim(db, ["sync_calendar"], worker="w", moment=moment, lease_s=60)
    assert found is not None
    with immediate(db):
        bookings.ask_cancel(db, "a", now=later)
    assert owed(db)["sync_calendar:a"][0] is State.RUNNING
    with immediate(db):
        job_leases.done(db, found[1], moment=moment, took_ms=1)
        calendar_sync.owe_rest(db, "a", now=later)
    assert owed(db) == {"sync_calendar:a": (State.QUEUED, "2026-11-26T09:02:00.000Z")}
    with immediate(db):
        bookings.cancel(db, "a", now=later)
        job_leases.claim(
            db, ["sync_calendar"], worker="w", moment=Moment(later + LATER, "boot", 0), lease_s=60
        )
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
        "sync_calendar:a": (State.QUEUED, "2026-11-26T10:00:20.000Z"),
        "sync_calendar:c": (State.QUEUED, "2026-11-26T09:00:20.000Z"),
    }
    with database.snapshot(db):
        assert after_calls.heard(db, "a", NOW + AFTER) is None
