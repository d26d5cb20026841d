"""Backups as jobs: each leaves a row, what failed is tried again, and who asks is not asked twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.backup import stage
from appliance.core.settings import Settings, checked
from appliance.jobs import backup, work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.store import backups, database, job_leases, jobs
from appliance.store.backups import What
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import Job, State


def done(settings: Settings, db: Connection, deadline_s: float = backup.DEADLINE_S) -> Job:
    """Have the box backed up by a job that somebody asked for."""
    with database.immediate(db):
        backup.ask(db, datetime.now(UTC))
        found = job_leases.claim(db, [backup.NAME], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    kind = backup.backing_up(settings, None)
    errand = Errand(*found, db, Turns(), deadline_s)
    work.do(registry([kind]), errand, Moment.now, lambda _: True)
    return jobs.get(db, errand.job.id)


def test_who_asks_twice_gets_one(db: Connection) -> None:
    for _ in range(2):
        with database.immediate(db):
            backup.ask(db, datetime.now(UTC))
    assert jobs.under_way(db, backup.NAME)
    assert len(jobs.page(db, kind=backup.NAME)) == 1


def test_without_a_place_there_is_nothing_to_do(path: Path, db: Connection) -> None:
    settings = checked({"box": {"data_dir": str(path.parent)}}, "the test")
    assert done(settings, db).state is State.DONE
    assert backups.recent(db) == []


def leave_password(path: Path) -> None:
    secret = path.parent / "secrets" / "backup_password"
    secret.parent.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text("of-the-test")


def test_another_that_goes_on_is_waited_for_and_is_no_failure(
    path: Path, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"repository": str(path.parent / "usb" / "repository")}
    settings = checked({"box": {"data_dir": str(path.parent)}, "backup": told}, "the test")
    with stage.held(path.parent):
        job = done(settings, db)
    assert job.state is State.WAITING
    waits_ms = db.execute("SELECT until_ms FROM job").fetchone()[0] - Moment.now().up_ms
    assert waits_ms > (backup.BUSY_S - 60) * 1000
    assert backups.recent(db) == []
    assert not any("code" in record.__dict__ for record in caplog.records)


def test_one_that_takes_too_long_leaves_a_row(path: Path, db: Connection) -> None:
    hangs = path.parent / "restic"
    hangs.write_text("#!/bin/sh\nexec sleep 60\n")
    hangs.chmod(0o700)
    told = {"repository": "rest:http://127.0.0.1:9/", "program": str(hangs)}
    settings = checked({"box": {"data_dir": str(path.parent)}, "backup": told}, "the test")
    leave_password(path)
    assert done(settings, db, deadline_s=0.0).state is State.WAITING
    run = backups.last(db, What.BACKUP)
    assert run is not None
    assert "longer than" in run.result.problem


def test_what_fails_is_told_kept_and_tried_again(
    path: Path, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"repository": str(path.parent / "usb" / "repository")}
    settings = checked({"box": {"data_dir": str(path.parent)}, "backup": told}, "the test")
    leave_password(path)
    job = done(settings, db)
    assert job.state is State.WAITING
    assert "is the disk plugged in and mounted?" in job.error
    run = backups.last(db, What.BACKUP)
    assert run is not None
    assert run.result.problem == job.error
    assert run.failed_in_row == 1
    assert [record.__dict__["code"] for record in caplog.records if "code" in record.__dict__] == [
        backup.ALARM
    ]
