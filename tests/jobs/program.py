"""A worker with kinds of a test's own, as a process.

`write` writes a row in the job's own transaction; `post` has a peer do something under the job's key, and
writes that down; `slow` takes as many seconds as it is told, step by step. A clock is a file with the seconds
by which the clock on the wall is off. May import: the standard library, uvloop, appliance.
"""

import os
import random
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import time as clock_time
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import uvloop

from appliance.core.errors import SettingsError
from appliance.core.settings import load
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import JobFailed, Kind, registry
from appliance.jobs.timetable import Daily, Schedule
from appliance.service import logs
from appliance.service.jobs.worker import Worker
from appliance.store import job_leases
from appliance.store.database import Connection
from appliance.store.job_leases import Moment, Waits
from tests.jobs.owing import Told

TABLE = "CREATE TABLE IF NOT EXISTS effect (key TEXT NOT NULL, kind TEXT NOT NULL) STRICT"
QUICK = Waits(first_s=0.05, longest_s=0.2)
MOMENTS = random.SystemRandom()
LONGEST_S = 0.06


def noted(errand: Errand) -> Change:
    """A row for each time that the work of a job was done: nothing in the schema keeps a second one out."""
    job = errand.job
    return lambda db: db.execute("INSERT INTO effect (key, kind) VALUES (?, ?)", (job.key, job.kind))


def write(errand: Errand, _: Told) -> Change:
    """Work a little, and write."""
    work_a_little()
    return noted(errand)


def work_a_little() -> None:
    """Take some time, in which the process may be killed."""
    time.sleep(MOMENTS.uniform(0, LONGEST_S))


def posting(peer: str) -> Callable[[Errand, Told], Change]:
    """Have the peer do it, under the job's key."""

    def post(errand: Errand, told: Told) -> Change:
        request = urllib.request.Request(  # noqa: S310 -- the test's own peer
            peer, data=b"%d" % told.number, headers={"Idempotency-Key": errand.job.key}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=errand.left_s) as answer:  # noqa: S310
                answer.read()
        except OSError as exc:
            raise JobFailed("the peer does not answer", again=True) from exc
        work_a_little()
        return noted(errand)

    return post


def slow(errand: Errand, told: Told) -> Change:
    """Take so many seconds; 0 is for ever, and cannot be stopped."""
    while told.number == 0:
        time.sleep(0.05)
    for _ in range(told.number * 20):
        errand.rest(0.05)
    return noted(errand)


def night(errand: Errand, _: Told) -> Change:
    """By timetable."""
    return noted(errand)


def off(file: Path) -> Callable[[], Moment]:
    """A clock that a test sets while it runs."""

    def now() -> Moment:
        moment = Moment.now()
        by = timedelta(seconds=float(file.read_text() or "0"))
        return job_leases.Moment(moment.at + by, moment.boot, moment.up_ms)

    return now


def main(settings_file: Path, peer: str, clock: Path | None) -> None:
    """Work until told to stop."""
    settings = load(settings_file)
    logs.begin("info")
    many = {"deadline_s": 30, "at_once": 8, "tries": 200, "waits": QUICK}
    kinds = registry(
        [
            Kind("write", Told, write, **many),  # type: ignore[arg-type]
            Kind("post", Told, posting(peer), **many),  # type: ignore[arg-type]
            Kind("slow", Told, slow, **many),  # type: ignore[arg-type]
            Kind("night", Told, night, **many),  # type: ignore[arg-type]
        ]
    )
    midnight = Schedule("night", "night", Daily(clock_time(0)))
    try:
        uvloop.run(Worker(settings, kinds, [midnight], off(clock) if clock else Moment.now).run())
    except SettingsError as exc:
        sys.exit(str(exc))


def begun(says: Pipe, log: Path, settings_file: Path, peer: str, clock: Path | None) -> None:
    """Be that worker, in a process that was forked for it; what it prints is written into `says`."""
    os.dup2(says.fileno(), sys.stdout.fileno())
    with log.open("a") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    main(settings_file, peer, clock)


def table(db: Connection) -> None:
    """Make the table of effects."""
    db.execute(TABLE)


def effects(db: Connection) -> list[str]:
    """The keys of what was done, each as often as it was."""
    return [row[0] for row in db.execute("SELECT key FROM effect ORDER BY rowid")]
