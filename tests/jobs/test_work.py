"""Doing one job: what is written with its end, and what becomes of each way to fail."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.errors import AttendantError, CarrierFailed
from appliance.jobs import work
from appliance.jobs.errand import Change, Errand, Stopped
from appliance.jobs.kinds import JobFailed, Kind, registry
from appliance.store import database, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.job_leases import Lease, Moment
from appliance.store.jobs import Job, State, Wanted
from tests.jobs.owing import Run, Told, kind, owe

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def never(_: float) -> bool:
    raise AssertionError("nothing had to be waited for")


def taken(db: Connection, name: str = "text") -> tuple[Job, Lease]:
    with database.immediate(db):
        found = job_leases.claim(db, [name], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    return found


def done(db: Connection, of: Kind[Told], pause: work.Pause = never) -> tuple[str, Job]:
    """Do the next job of a kind; what became of it, and its row."""
    job, lease = taken(db, of.name)
    errand = Errand(job, lease, db, of.deadline_s)
    became = work.do(registry([of]), errand, db, Moment.now, pause)
    return became, jobs.get(db, job.id)


def raising(error: Exception) -> Run:
    def run(_errand: Errand, _: Told) -> None:
        raise error

    return run


def test_what_the_work_returns_is_written_with_its_end(db: Connection) -> None:
    seen: list[tuple[int, str, int]] = []

    def run(errand: Errand, told: Told) -> Change:
        seen.append((told.number, errand.job.key, errand.job.attempts))
        return lambda db: jobs.owe(db, Wanted("next", f"after {errand.job.key}"), now=NOW)

    of = kind(run)
    owe(db, of, "a", 7)
    became, job = done(db, of)
    assert (became, job.state, job.error) == ("done", State.DONE, "")
    assert seen == [(7, "a", 1)]
    assert [each.key for each in jobs.page(db, [State.QUEUED])] == ["after a"]


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (JobFailed("no line now", again=True), State.WAITING, "no line now"),
        (JobFailed("no such number", again=False), State.DEAD, "no such number"),
        (CarrierFailed("busy", retry=True), State.WAITING, "busy"),
        (CarrierFailed("refused", retry=False), State.DEAD, "refused"),
        (AttendantError("something of ours"), State.WAITING, "something of ours"),
    ],
)
def test_an_error_of_ours_says_whether_another_try_can_help(
    db: Connection, error: AttendantError, state: State, told: str
) -> None:
    of = kind(raising(error))
    owe(db, of, "a")
    became, job = done(db, of)
    assert (became, job.state, job.error) == (state, state, told)


def test_what_nobody_thought_of_is_tried_again_and_quotes_nothing(
    db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    of = kind(raising(KeyError("Maria Lopez, 415 555 0100")))
    owe(db, of, "a")
    became, job = done(db, of)
    assert became == State.WAITING
    assert job.error.startswith("KeyError < run:")
    assert "Maria" not in job.error
    assert any(record.exc_info for record in caplog.records)


def test_a_payload_that_is_none_of_the_kind_is_given_up_at_once(db: Connection) -> None:
    of = kind(raising(AssertionError("it must not run")))
    jobs.owe(db, Wanted("text", "a", {"numbr": "Maria"}), now=NOW)
    became, job = done(db, of)
    assert became == State.DEAD
    assert job.error.startswith("The payload is none of 'text': ")
    assert "Maria" not in job.error


def test_a_wait_that_was_asked_for_is_kept(db: Connection) -> None:
    of = kind(raising(JobFailed("slow down", again=True, after_s=600)))
    job_id = owe(db, of, "a")
    done(db, of)
    until = db.execute("SELECT until_ms FROM job WHERE id = ?", (job_id,)).fetchone()[0]
    assert until - Moment.now().up_ms == pytest.approx(600_000, abs=10_000)


def test_what_the_schema_refuses_is_a_failure_and_leaves_nothing(db: Connection) -> None:
    def change(db: Connection) -> None:
        jobs.owe(db, Wanted("next", "a half"), now=NOW)
        db.execute("INSERT INTO self_call (began_at) VALUES ('never')")

    of = kind(lambda _errand, _told: change)
    owe(db, of, "a")
    became, job = done(db, of)
    assert became == State.WAITING
    assert "A rule of the schema forbids this row" in job.error
    assert [each.key for each in jobs.page(db)] == ["a"]


def test_a_mistake_in_what_is_written_is_a_failure_too(db: Connection) -> None:
    def change(_: Connection) -> None:
        raise ZeroDivisionError

    of = kind(lambda _errand, _told: change)
    owe(db, of, "a")
    became, job = done(db, of)
    assert (became, job.error.split(":")[0]) == (State.WAITING, "ZeroDivisionError < change")


def test_what_stops_with_the_worker_was_no_try(db: Connection) -> None:
    of = kind(raising(Stopped("now")))
    owe(db, of, "a")
    became, job = done(db, of)
    assert (became, job.state, job.attempts) == ("given back", State.QUEUED, 0)


def test_a_try_whose_lease_is_lost_writes_nothing(db: Connection) -> None:
    def run(errand: Errand, _: Told) -> Change:
        job_leases.give_back(db, errand.lease)
        return lambda db: jobs.owe(db, Wanted("next", "a second time"), now=NOW)

    of = kind(run)
    owe(db, of, "a")
    became, job = done(db, of)
    assert (became, job.state) == ("lost", State.QUEUED)
    assert [each.key for each in jobs.page(db)] == ["a"]


def test_an_end_waits_for_a_database_that_is_locked(
    path: Path, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    of = kind(lambda _errand, _told: None)
    owe(db, of, "a")
    job, lease = taken(db)
    impatient = database.connect(path, busy_ms=10)
    db.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 3:
            db.execute("ROLLBACK")
        return False

    became = work.do(registry([of]), Errand(job, lease, impatient, 9), impatient, Moment.now, pause)
    assert (became, len(pauses)) == ("done", 3)
    assert sum("not written yet" in record.message for record in caplog.records) == 3
    impatient.close()


def test_a_process_that_ends_does_not_wait_for_a_locked_database(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None)
    owe(db, of, "a")
    job, lease = taken(db)
    impatient = database.connect(path, busy_ms=10)
    db.execute("BEGIN IMMEDIATE")
    errand = Errand(job, lease, impatient, 9)
    assert work.do(registry([of]), errand, impatient, Moment.now, lambda _: True) == "left"
    db.execute("ROLLBACK")
    assert jobs.get(db, job.id).state is State.RUNNING
    impatient.close()


def test_two_kinds_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two kinds are called 'text'"):
        registry([kind(raising(KeyError())), kind(raising(KeyError()))])
