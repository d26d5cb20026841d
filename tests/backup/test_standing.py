"""How backups stand, by their rows: for the doctor, the pages and the metrics."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from appliance.backup import standing
from appliance.backup.standing import State
from appliance.core.backup_settings import Backups
from appliance.core.examined import Health
from appliance.core.settings import Settings, checked
from appliance.jobs import backup as job
from appliance.service.doctor import backups as doctor
from appliance.service.jobs.backups import Told
from appliance.store import backups, database, times
from appliance.store.backups import Result, What
from appliance.store.database import Connection

NOW = datetime.now(UTC)
GOOD = Result("abc", 12, 3_000_000, 40_000)
ON = Backups(repository="/mnt/backup/attendant")
DOCS = Path(__file__).parents[2] / "docs"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def add(db: Connection, what: What, ago: timedelta, problem: str = "") -> None:
    result = Result(problem=problem) if problem else GOOD
    with database.immediate(db):
        backups.add(db, what, times.written(NOW - ago), 1200, result)


def partly(db: Connection, ago: timedelta) -> None:
    with database.immediate(db):
        backups.add(db, What.BACKUP, times.written(NOW - ago), 1200, replace(GOOD, missing="a file"))


def stands(db: Connection) -> standing.Judged:
    return standing.judged(ON, backups.standing(db), NOW)


def test_nothing_is_backed_up_until_somebody_says_where() -> None:
    judged = standing.judged(Backups(), backups.Standing(), NOW)
    assert judged.state is State.OFF
    assert "set [backup] repository" in judged.told


def test_what_is_worst_is_said_first(db: Connection) -> None:
    assert stands(db).state is State.NEVER
    add(db, What.BACKUP, 3 * DAY, "the disk is not there")
    assert stands(db) == standing.Judged(State.NEVER, "there is no backup yet: the disk is not there")
    add(db, What.BACKUP, 2 * DAY)
    assert stands(db).state is State.OLD
    assert "does attendant-worker run?" in stands(db).told
    add(db, What.BACKUP, 10 * HOUR)
    assert stands(db).state is State.OK
    assert "the first test comes on Sunday" in stands(db).told
    add(db, What.VERIFICATION, 5 * HOUR, "a file is another")
    assert stands(db).state is State.FAILING
    assert "could not be restored: a file is another" in stands(db).told
    add(db, What.VERIFICATION, 4 * HOUR)
    assert "3.0 MB; restored for a test at" in stands(db).told
    add(db, What.BACKUP, HOUR, "the line is dead")
    assert stands(db) == standing.Judged(State.FAILING, "the last try failed: the line is dead")


def test_a_backup_that_nobody_restored_for_long_is_a_hope(db: Connection) -> None:
    add(db, What.BACKUP, 10 * DAY)
    add(db, What.BACKUP, HOUR)
    assert stands(db).state is State.UNVERIFIED
    add(db, What.VERIFICATION, 10 * DAY)
    assert "since" in stands(db).told
    add(db, What.VERIFICATION, DAY)
    assert stands(db).state is State.OK


def test_one_that_lacks_something_is_said_until_the_next_is_whole(
    db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    partly(db, 2 * HOUR)
    assert stands(db).state is State.PARTLY
    assert "lacks something: a file" in stands(db).told
    add(db, What.BACKUP, HOUR)
    assert stands(db).state is State.OK
    with database.immediate(db):
        job.kept(db, What.BACKUP, NOW, 1.0, replace(GOOD, missing="a file"))
    assert caplog.records[-1].__dict__["code"] == "backup_partly"


def test_one_that_always_lacks_something_does_not_hide_that_none_was_restored(db: Connection) -> None:
    add(db, What.BACKUP, 10 * DAY)
    partly(db, HOUR)
    assert stands(db).state is State.UNVERIFIED
    assert "was ever restored for a test" in stands(db).told
    assert "lacks something: a file" in stands(db).told


def test_of_many_a_day_the_last_one_stays(db: Connection) -> None:
    for hours in range(24 * 5, 0, -1):
        add(db, What.BACKUP, hours * HOUR)
    kept = [times.read(run.began_at) for run in backups.recent(db, 1000)]
    old = [at.date() for at in kept if at < NOW - 2 * DAY - 2 * HOUR]
    assert len(old) == len(set(old)) >= 3
    assert len(kept) >= 47


def test_failures_are_counted_until_one_goes_well_and_rows_age(db: Connection) -> None:
    add(db, What.BACKUP, 500 * DAY)
    for _ in range(2):
        add(db, What.BACKUP, HOUR, "no")
    assert [run.failed_in_row for run in backups.recent(db)] == [2, 1], "what is older than a year is dropped"
    add(db, What.VERIFICATION, HOUR, "no")
    assert backups.recent(db, 1)[0].failed_in_row == 1
    add(db, What.BACKUP, HOUR)
    assert backups.recent(db, 1)[0].failed_in_row == 0


@pytest.fixture
def settings(path: Path) -> Settings:
    told = {"repository": "/mnt/backup/attendant", "program": "no-such-restic"}
    return checked({"box": {"data_dir": str(path.parent)}, "backup": told}, "the test")


def test_the_doctor_names_what_is_missing(settings: Settings, db: Connection) -> None:
    found = {each.part: each for each in doctor.examined(settings, NOW)}
    assert found["backup"].health is Health.MISSING
    assert "apt install restic" in found["restic"].told
    assert "cannot be read" in found["backup password"].told
    add(db, What.BACKUP, HOUR)
    assert next(doctor.examined(settings, NOW)).health is Health.WELL
    add(db, What.BACKUP, HOUR, "The line is dead.")
    look = next(doctor.examined(settings, NOW))
    assert (look.health, look.told) == (Health.NOTE, "the last try failed: The line is dead.")
    off = checked({"box": {"data_dir": str(settings.box.data_dir)}}, "the test")
    assert [each.health for each in doctor.examined(off, NOW)] == [Health.NOTE]


def test_the_worker_tells_it_and_every_figure_is_in_the_list(settings: Settings, db: Connection) -> None:
    told, registry = Told(settings), CollectorRegistry()
    registry.register(told)
    assert told.part().state == "never"
    add(db, What.BACKUP, HOUR)
    add(db, What.VERIFICATION, HOUR)
    assert told.part().well
    page = generate_latest(registry).decode()
    names = {line.split()[2] for line in page.splitlines() if line.startswith("# HELP")}
    assert len(names) == 6
    listed = (DOCS / "metrics.md").read_text("utf-8")
    assert [name for name in names if f"| `{name}` |" not in listed] == []
    assert "attendant_backup_bytes 3e+06" in page
    assert Told(Settings(box=settings.box)).part().state == "off"
