"""An appointment and its calendar are brought together by a job: tried again, told, or given up aloud."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.booking.visits import Bookable
from appliance.core.calendar import Span
from appliance.service.booking.settling import GONE, LATE, LOST, STAYS, UNTOLD
from appliance.service.jobs import beginning, calendars
from appliance.store import after_calls, bookings, calendar_sync, database, jobs, messages, times, visits
from appliance.store.bookings import Patient, Wanted
from appliance.store.bookings import State as Stands
from appliance.store.database import Connection
from appliance.store.jobs import State
from tests.jobs.office import Office

ANA = Patient("Ana Ruiz", "+14155550100", "1980-03-09")
KEY, JOB = "a", "sync_calendar:a"


@pytest.fixture
def clinic(db: Connection, path: Path) -> Office:
    made = Office(db, path.parent)
    return made.does(calendars.syncing(made.settings(), lambda: made.now))


def bookable(calendar: str) -> Bookable:
    """One doctor whose appointments stand in this calendar."""
    return Bookable.model_validate(
        {
            "provider": [{"slug": "lee", "name": "Dr. Lee", "calendar": calendar}],
            "visit": [{"slug": "check-up", "name": "Check-up", "minutes": 30}],
        }
    )


def takes(clinic: Office, calendar: str = "own") -> Span:
    """A caller takes a time at a provider with this calendar, and the call ends before that has it."""
    start = (clinic.now + timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    span = Span(start, start + timedelta(minutes=30))
    with database.immediate(clinic.db):
        visits.replace(clinic.db, bookable(calendar), now=clinic.now)
        wanted = Wanted(KEY, "CA1", "check-up", "lee", span, span, "America/New_York")
        bookings.take(clinic.db, wanted, ANA, now=clinic.now)
    return span


def stands(clinic: Office) -> Stands:
    return bookings.get(clinic.db, KEY).state


def subjects(clinic: Office) -> list[str]:
    return [each.subject for each in reversed(messages.page(clinic.db))]


def in_calendar(clinic: Office) -> list[Span]:
    within = Span(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return list(OwnCalendar(clinic.folder / "attendant.db").busy("lee", within))


def test_what_a_call_left_promised_comes_into_the_calendar_and_staff_read_so(clinic: Office) -> None:
    span = takes(clinic)
    assert clinic.works(patience=timedelta(0)) == []
    clinic.put_on(timedelta(seconds=21))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (stands(clinic), in_calendar(clinic), subjects(clinic)) == (Stands.BOOKED, [span], [LATE])
    # Asked again, whatever for, nothing is done twice.
    with database.immediate(clinic.db):
        clinic.db.execute("UPDATE job SET state = 'queued', not_before = NULL, ended_at = NULL")
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (in_calendar(clinic), subjects(clinic)) == ([span], [LATE])


def test_a_cancellation_is_carried_out(clinic: Office) -> None:
    takes(clinic)
    clinic.put_on(timedelta(minutes=1))
    clinic.works(patience=timedelta(0))
    with database.immediate(clinic.db):
        bookings.ask_cancel(clinic.db, KEY, now=clinic.now)
    clinic.put_on(timedelta(minutes=1))
    clinic.works(patience=timedelta(0))
    assert (stands(clinic), in_calendar(clinic), subjects(clinic)) == (Stands.CANCELLED, [], [LATE, GONE])
    assert clinic.job(JOB).state is State.DONE


def test_a_try_that_was_killed_behind_the_calendar_makes_no_second_entry(clinic: Office) -> None:
    """The calendar has it, and the worker died before the store knew."""
    span = takes(clinic)
    clinic.put_on(timedelta(minutes=1))
    clinic.works(patience=timedelta(0))
    with database.immediate(clinic.db):
        clinic.db.execute("UPDATE booking SET state = 'promised', event_id = NULL, link = ''")
        clinic.db.execute("UPDATE job SET state = 'queued', not_before = NULL, ended_at = NULL")
        clinic.db.execute("DELETE FROM message")
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (stands(clinic), in_calendar(clinic), subjects(clinic)) == (Stands.BOOKED, [span], [LATE])


def test_a_calendar_that_is_away_is_tried_for_a_day_and_then_staff_are_told(clinic: Office) -> None:
    takes(clinic, "google:clinic@example.com")
    clinic.put_on(timedelta(minutes=1))
    began = clinic.now
    became = clinic.works(patience=timedelta(hours=30))
    assert set(became) == {State.WAITING, State.DONE}
    assert "google are not set up" in clinic.errors[0]
    assert (stands(clinic), subjects(clinic)) == (Stands.GIVEN_UP, [LOST])
    assert timedelta(hours=24) <= clinic.now - began <= timedelta(hours=31)


def test_a_cancellation_that_no_calendar_takes_is_a_dead_letter_that_can_be_begun_again(
    clinic: Office,
) -> None:
    takes(clinic)
    clinic.put_on(timedelta(minutes=1))
    clinic.works(patience=timedelta(0))
    with database.immediate(clinic.db):
        visits.replace(clinic.db, bookable("google:clinic@example.com"), now=clinic.now)
        bookings.ask_cancel(clinic.db, KEY, now=clinic.now)
        clinic.db.execute("UPDATE job SET tries = 3 WHERE key = ?", (JOB,))
    became = clinic.works(patience=timedelta(hours=5))
    assert became == [State.WAITING, State.WAITING, State.DEAD]
    assert "google are not set up" in clinic.job(JOB).error
    assert stands(clinic) is Stands.BOOKED
    with database.immediate(clinic.db):
        visits.replace(clinic.db, bookable("own"), now=clinic.now)
        jobs.retry(clinic.db, clinic.job(JOB).id)
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (stands(clinic), in_calendar(clinic)) == (Stands.CANCELLED, [])


def test_a_cancellation_that_no_calendar_takes_in_a_day_is_told_once_and_tried_on(clinic: Office) -> None:
    takes(clinic)
    clinic.put_on(timedelta(minutes=1))
    clinic.works(patience=timedelta(0))
    with database.immediate(clinic.db):
        visits.replace(clinic.db, bookable("google:clinic@example.com"), now=clinic.now)
        bookings.ask_cancel(clinic.db, KEY, now=clinic.now)
        clinic.db.execute("UPDATE job SET tries = 40 WHERE key = ?", (JOB,))
    clinic.works(patience=timedelta(hours=23))
    assert subjects(clinic) == [LATE]
    assert State.DEAD in clinic.works(patience=timedelta(hours=30))
    assert (stands(clinic), subjects(clinic)) == (Stands.BOOKED, [LATE, STAYS])
    assert "please take it out" in messages.page(clinic.db)[0].body
    # A worker that begins tries again, as long as the patient is awaited.
    with database.immediate(clinic.db):
        visits.replace(clinic.db, bookable("own"), now=clinic.now)
        assert calendar_sync.owe_missing(clinic.db, now=clinic.now + timedelta(days=5)) == 0
    beginning.owe_missing(clinic.settings())
    clinic.put_on(timedelta(minutes=1))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (stands(clinic), subjects(clinic)) == (Stands.CANCELLED, [LATE, STAYS, GONE])


def test_what_was_told_in_the_call_is_looked_at_until_the_call_is_over(clinic: Office) -> None:
    takes(clinic)
    at = times.written(clinic.now)
    with database.immediate(clinic.db):
        bookings.booked(clinic.db, KEY, event_id="e", link="", now=clinic.now)
        clinic.db.execute(
            "INSERT INTO call_log (id, call_sid, carrier, from_number, to_number, started_at)"
            " VALUES ('c1', 'CA1', '', '', '', ?)",
            (at,),
        )
    clinic.put_on(timedelta(minutes=1))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    again = clinic.job(JOB)
    assert (again.state, again.attempts) == (State.QUEUED, 0)
    with database.immediate(clinic.db):
        after_calls.told(clinic.db, KEY)
    clinic.put_on(timedelta(minutes=2))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (clinic.job(JOB).state, subjects(clinic)) == (State.DONE, [])


def test_a_worker_that_begins_finds_what_a_version_before_it_left(clinic: Office) -> None:
    takes(clinic)
    with database.immediate(clinic.db):
        clinic.db.execute("DELETE FROM job")
    for _ in range(2):
        beginning.owe_missing(clinic.settings())
    assert clinic.owed() == {JOB: State.QUEUED}


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_by_a_day_and_back_neither_loses_nor_repeats_it(clinic: Office, days: int) -> None:
    span = takes(clinic)
    clinic.now += timedelta(days=days)
    assert clinic.works(patience=timedelta(0)) == []
    clinic.put_on(timedelta(seconds=21))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    clinic.now -= timedelta(days=days)
    clinic.put_on(timedelta(hours=1))
    assert clinic.works(patience=timedelta(0)) == []
    assert (stands(clinic), in_calendar(clinic), subjects(clinic)) == (Stands.BOOKED, [span], [LATE])


def test_a_clock_that_is_set_forward_gives_nothing_up(clinic: Office) -> None:
    span = takes(clinic, "google:clinic@example.com")
    clinic.now += timedelta(days=2)
    clinic.put_on(timedelta(minutes=1))
    assert clinic.works(patience=timedelta(0)) == [State.WAITING]
    assert stands(clinic) is Stands.PROMISED
    with database.immediate(clinic.db):
        visits.replace(clinic.db, bookable("own"), now=clinic.now)
    clinic.put_on(timedelta(minutes=1))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (stands(clinic), in_calendar(clinic), subjects(clinic)) == (Stands.BOOKED, [span], [LATE])


def test_by_a_clock_that_was_set_back_a_call_is_over_all_the_same(clinic: Office) -> None:
    takes(clinic)
    with database.immediate(clinic.db):
        bookings.booked(clinic.db, KEY, event_id="e", link="", now=clinic.now)
    clinic.now -= timedelta(days=1)
    clinic.put_on(timedelta(minutes=1))
    assert clinic.works(patience=timedelta(0)) == [State.DONE]
    assert (stands(clinic), subjects(clinic)) == (Stands.BOOKED, [UNTOLD])
