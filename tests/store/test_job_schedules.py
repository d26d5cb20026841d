"""Timetables: one job for each time, and no clock that is set makes many, or none."""

from datetime import UTC, datetime, timedelta

from appliance.store import job_leases, job_schedules, jobs
from appliance.store.database import Connection
from appliance.store.jobs import State

DAY = timedelta(days=1)
NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def owe(db: Connection, at: datetime) -> bool:
    return job_schedules.owe(db, "nightly", "tidy", at, now=at) is not None


def work(db: Connection) -> int:
    """Do all that is owed; how many that was."""
    moment, number = job_leases.Moment.now(), 0
    while (
        found := job_leases.claim(db, ["tidy"], worker=f"w{number}", moment=moment, lease_s=9)
    ) is not None:
        job_leases.done(db, found[1], moment=moment, took_ms=1)
        number += 1
    return number


def test_each_time_is_owed_once_from_the_second_on(db: Connection) -> None:
    assert not owe(db, NIGHT)
    for day in (1, 2, 3):
        assert owe(db, NIGHT + day * DAY)
        assert not owe(db, NIGHT + day * DAY)
        assert work(db) == 1
    assert job_schedules.last(db) == {"nightly": NIGHT + 3 * DAY}
    assert [job.key for job in jobs.page(db)] == [f"schedule:nightly:{number}" for number in (3, 2, 1)]


def test_a_box_that_was_off_for_a_month_owes_one(db: Connection) -> None:
    owe(db, NIGHT)
    assert owe(db, NIGHT + 30 * DAY)
    assert work(db) == 1


def test_no_second_one_while_the_first_is_still_owed(db: Connection) -> None:
    owe(db, NIGHT)
    assert owe(db, NIGHT + DAY)
    assert not owe(db, NIGHT + 2 * DAY)
    assert work(db) == 1
    assert owe(db, NIGHT + 3 * DAY)


def test_a_clock_set_forward_and_back_by_a_day_skips_no_night(db: Connection) -> None:
    owe(db, NIGHT)
    assert owe(db, NIGHT + DAY)
    assert work(db) == 1
    assert owe(db, NIGHT + 2 * DAY)  # the clock was set forward by a day ...
    assert work(db) == 1
    assert not owe(db, NIGHT + DAY)  # ... and back again
    assert not owe(db, NIGHT + DAY)
    assert owe(db, NIGHT + 2 * DAY)  # the night that the clock has now really reached
    assert work(db) == 1


def test_a_clock_set_back_for_good_begins_anew_from_there(db: Connection) -> None:
    owe(db, NIGHT)
    assert not owe(db, NIGHT - 300 * DAY)
    assert owe(db, NIGHT - 299 * DAY)


def test_one_that_was_given_up_does_not_stop_the_next(db: Connection) -> None:
    owe(db, NIGHT)
    owe(db, NIGHT + DAY)
    (job,) = jobs.page(db, [State.QUEUED])
    jobs.drop(db, job.id, now=NIGHT)
    assert owe(db, NIGHT + 2 * DAY)
