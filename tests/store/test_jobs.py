"""Jobs as they are owed, listed, retried and dropped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.store import database, errors, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.jobs import NotInThisState, State, Wanted

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
START = job_leases.Moment(NOW, "b", 1_000_000)


def owe(db: Connection, key: str, kind: str = "text", not_before: datetime | None = None) -> int:
    return jobs.owe(db, Wanted(kind, key, {"to": key}, not_before), now=NOW)


def owe_with(db: Connection, change: str) -> None:
    with database.immediate(db):
        owe(db, "a")
        db.execute(change)


def given_up(db: Connection, key: str) -> int:
    job_id = owe(db, key, kind="hopeless")
    claimed = job_leases.claim(db, ["hopeless"], worker=key, moment=START, lease_s=60)
    assert claimed is not None
    job_leases.failed(db, claimed[1], "no such number", moment=START, took_ms=3, again_s=None)
    return job_id


def test_a_job_is_there_with_the_change_it_belongs_to_or_not_at_all(path: Path, db: Connection) -> None:
    with pytest.raises(errors.RowRefused):
        owe_with(db, "INSERT INTO self_call (began_at) VALUES ('never')")
    assert jobs.page(db) == []
    with database.immediate(db):
        owe(db, "a")
    (job,) = jobs.page(database.connect_readonly(path))
    assert (job.key, job.kind, job.payload, job.state) == ("a", "text", {"to": "a"}, State.QUEUED)
    assert (job.attempts, job.tries, job.error, job.worker) == (0, jobs.TRIES, "", None)


def test_a_key_is_owed_once_whatever_became_of_it(db: Connection) -> None:
    first = owe(db, "a")
    assert owe(db, "a") == first
    jobs.drop(db, first, now=NOW)
    assert owe(db, "a") == first
    assert [job.state for job in jobs.page(db)] == [State.DROPPED]


def test_what_is_not_begun_yet_is_withdrawn_by_its_key(db: Connection) -> None:
    later = owe(db, "later", not_before=NOW + timedelta(days=1))
    assert jobs.withdraw(db, "later", now=NOW)
    assert jobs.get(db, later).state is State.DROPPED
    assert not jobs.withdraw(db, "later", now=NOW)
    assert not jobs.withdraw(db, "nobody", now=NOW)
    owe(db, "runs")
    job_leases.claim(db, ["text"], worker="w", moment=START, lease_s=60)
    assert not jobs.withdraw(db, "runs", now=NOW)


def test_what_was_given_up_keeps_its_error_until_it_is_retried(db: Connection) -> None:
    job_id = given_up(db, "a")
    dead = jobs.get(db, job_id)
    assert (dead.state, dead.error, dead.attempts, dead.took_ms) == (State.DEAD, "no such number", 1, 3)
    again = jobs.retry(db, job_id)
    assert (again.state, again.attempts, again.ended_at) == (State.QUEUED, 0, None)
    assert again.error == "no such number"
    assert job_leases.due(db, ["hopeless"], START) == job_id


def test_what_has_ended_well_or_runs_can_be_neither_retried_nor_dropped(db: Connection) -> None:
    job_id = owe(db, "a")
    claimed = job_leases.claim(db, ["text"], worker="w", moment=START, lease_s=60)
    assert claimed is not None
    for what in ("running", "done"):
        with pytest.raises(NotInThisState, match=f"is {what}"):
            jobs.retry(db, job_id)
        with pytest.raises(NotInThisState, match=f"is {what}"):
            jobs.drop(db, job_id, now=NOW)
        if what == "running":
            job_leases.done(db, claimed[1], moment=START, took_ms=1)
    with pytest.raises(errors.NoSuchRow):
        jobs.retry(db, 99)


def test_lists_are_by_state_and_kind_the_newest_first_page_by_page(db: Connection) -> None:
    texts = [owe(db, f"t{number}") for number in range(5)]
    mail = owe(db, "m", kind="mail")
    dead = given_up(db, "t9")
    assert [job.id for job in jobs.page(db, limit=3)] == [dead, mail, texts[4]]
    assert [job.id for job in jobs.page(db, limit=3, before=texts[4])] == [texts[3], texts[2], texts[1]]
    assert [job.id for job in jobs.page(db, [State.QUEUED], kind="mail")] == [mail]
    assert [job.id for job in jobs.page(db, [State.DEAD, State.DROPPED])] == [dead]


def test_forgetting_takes_what_ended_well_long_ago_and_leaves_the_rest(db: Connection) -> None:
    dead, dropped, kept = given_up(db, "dead"), owe(db, "dropped"), owe(db, "owed")
    jobs.drop(db, dropped, now=NOW)
    assert jobs.forget(db, NOW) == 0
    assert jobs.forget(db, NOW + timedelta(seconds=1)) == 1
    assert {job.id for job in jobs.page(db)} == {dead, kept}


def test_what_is_no_job_is_refused_by_the_schema(db: Connection) -> None:
    for wrong in (Wanted("", "a"), Wanted("text", ""), Wanted("text", "a", tries=0)):
        with pytest.raises(errors.RowRefused), database.immediate(db):
            jobs.owe(db, wrong, now=NOW)
