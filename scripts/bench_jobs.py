"""What jobs cost: how many a second, how soon one begins, and how long a page's questions take.

`python -m scripts.bench_jobs` prints a table for docs/jobs.md; `--redis URL` measures that bell, too. Each
figure stands beside the same work without jobs, in the same run: machines differ, ratios less.
May import: the standard library, click, appliance.
"""

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from appliance.core.settings import Settings, checked
from appliance.jobs.bell import Bell
from appliance.jobs.crew import Crew
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Nothing, registry
from appliance.store import bookmarks, database, job_counts, job_leases, jobs, times
from appliance.store.database import Connection
from appliance.store.migrations import migrate

MANY = 1000
SINGLE = 200
BOUND_S = 300.0
PAUSES = random.Random(3)


@dataclass
class Started:
    """When each job began, by its key."""

    at_s: dict[str, float]
    changed: threading.Condition

    def run(self, errand: Errand, _: Nothing) -> Change:
        """Note that it began, and write a row."""
        at_s = time.monotonic()
        with self.changed:
            self.at_s[errand.job.key] = at_s
            self.changed.notify_all()
        return lambda db: _row(db, errand.job.key)

    def wait_for(self, key: str) -> float:
        """When a job began, once it did."""
        with self.changed:
            if not self.changed.wait_for(lambda: key in self.at_s, BOUND_S):
                raise TimeoutError(f"{key} did not begin")
            return self.at_s[key]


def _row(db: Connection, name: str) -> None:
    bookmarks.put(db, name, times.utc_now())


@contextmanager
def box(redis: str) -> Iterator[tuple[Settings, Connection]]:
    """A box of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = checked({"box": {"data_dir": folder}, "jobs": {"redis_url": redis}}, "bench")
        migrate(settings.database)
        db = database.connect(settings.database)
        yield settings, db
        db.close()


@contextmanager
def worker(settings: Settings, started: Started, threads: int) -> Iterator[Bell]:
    """A crew with its bell; yields another process's hold of the bell, as a bridge has it."""
    kinds = registry(
        [
            Kind("bench", Nothing, started.run, 30, at_once=99),
            Kind("urgent", Nothing, started.run, 30, at_once=99, urgent=True),
        ]
    )
    crew, bell, stop = (
        Crew(settings.database, kinds, "bench", threads=threads),
        Bell(settings),
        threading.Event(),
    )
    bell.make()

    def listen() -> None:
        while bell.heard(stop):
            crew.wake()

    ear = threading.Thread(target=listen)
    ear.start()
    crew.start()
    ringer = Bell(settings)
    yield ringer
    stop.set()
    ear.join()
    crew.stop(BOUND_S)
    ringer.close()
    bell.close()


def owe(db: Connection, kind: str, key: str) -> None:
    """Owe one, in a transaction of its own."""
    with database.immediate(db):
        jobs.owe(db, jobs.Wanted(kind, key), now=datetime.now(UTC))


def bare_per_s(db: Connection) -> float:
    """Rows a second when each is written in a transaction of its own, and nothing else is done."""
    began_s = time.monotonic()
    for number in range(MANY):
        with database.immediate(db):
            _row(db, f"bare {number}")
    return MANY / (time.monotonic() - began_s)


def per_s(threads: int, redis: str) -> tuple[float, float]:
    """Jobs a second out of a thousand that are owed together, and bare rows a second before them."""
    with box(redis) as (settings, db):
        bare = bare_per_s(db)
        with database.immediate(db):
            for number in range(MANY):
                jobs.owe(db, jobs.Wanted("bench", f"k{number}"), now=datetime.now(UTC))
        started = Started({}, threading.Condition())
        began_s = time.monotonic()
        with worker(settings, started, threads):
            _drained(settings)
            took_s = time.monotonic() - began_s
    return MANY / took_s, bare


def _drained(settings: Settings) -> None:
    """Wait until all are done."""
    db, pause = database.connect_readonly(settings.database), threading.Event()
    while len(jobs.page(db, jobs.OPEN, limit=1)):
        pause.wait(0.005)
    db.close()


@dataclass(frozen=True)
class Delays:
    """How long until each job began, in ms, the quickest first.

    `owed` is from before the transaction that owes it, with the wait for the database and the disk; `rung` is
    from the ring, which follows the commit.
    """

    owed: list[float]
    rung: list[float]

    def line(self, name: str) -> str:
        """One row of the table."""
        return f"| {name} | {_shown(self.owed)} | {_shown(self.rung)} |"


def delays(kind: str, redis: str, *, load: bool) -> Delays:
    """How soon jobs begin that are owed one by one; under load with a thousand before each."""
    with box(redis) as (settings, db):
        started = Started({}, threading.Condition())
        found, pause, filling = Delays([], []), threading.Event(), threading.Event()

        def fill() -> None:
            own, number = database.connect(settings.database), 0
            while not filling.is_set():
                if job_leases.due(own, ["bench"], job_leases.Moment.now()) is None:
                    with database.immediate(own):
                        for _ in range(MANY):
                            number += 1
                            jobs.owe(own, jobs.Wanted("bench", f"load {number}"), now=datetime.now(UTC))
                pause.wait(0.01)
            own.close()

        filler = threading.Thread(target=fill)
        if load:
            filler.start()
        with worker(settings, started, 2) as bell:
            for number in range(SINGLE):
                pause.wait(PAUSES.uniform(0.01, 0.06))
                owing_s = time.monotonic()
                owe(db, kind, f"single {number}")
                ringing_s = time.monotonic()
                bell.ring()
                began_s = started.wait_for(f"single {number}")
                found.owed.append((began_s - owing_s) * 1000)
                found.rung.append((began_s - ringing_s) * 1000)
            filling.set()
        if load:
            filler.join()
    return Delays(sorted(found.owed), sorted(found.rung))


def questions_ms(rows: int) -> dict[str, float]:
    """What a page asks, with so many jobs in all states: the median of some rounds."""
    with box("") as (_, db):
        now = datetime.now(UTC)
        with database.immediate(db):
            for number in range(rows):
                at = None if number % 3 else now + timedelta(seconds=number - rows / 2)
                job_id = jobs.owe(db, jobs.Wanted(f"k{number % 8}", f"k{number}", {}, at), now=now)
                if number % 2:
                    jobs.drop(db, job_id, now=now - timedelta(seconds=number))
        asked: dict[str, Callable[[], object]] = {
            "counts": lambda: job_counts.counts(db, now),
            "a page of all": lambda: jobs.page(db),
            "a page of one kind": lambda: jobs.page(db, [jobs.State.QUEUED], kind="k3"),
            "what is due": lambda: job_leases.due(db, [f"k{n}" for n in range(8)], job_leases.Moment.now()),
        }
        return {name: statistics.median(_timed(ask) for _ in range(15)) for name, ask in asked.items()}


def _timed(ask: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    ask()
    return (time.perf_counter() - began_s) * 1000


def _shown(found: list[float]) -> str:
    return f"{statistics.median(found):.0f} / {found[len(found) * 99 // 100]:.0f} / {found[-1]:.0f}"


@click.command()
@click.option(
    "--redis", default="", help="A Redis whose bell is measured, too, such as redis://127.0.0.1:6379/0."
)
def main(redis: str) -> None:
    """Measure, and print tables."""
    click.echo("| threads | jobs a second | bare rows a second | ratio |\n| --- | --- | --- | --- |")
    for threads in (1, 2, 4):
        rate, bare = per_s(threads, "")
        click.echo(f"| {threads} | {rate:.0f} | {bare:.0f} | {rate / bare:.2f} |")
    click.echo("\n| until it begins, p50 / p99 / most, ms | from before it is owed | from the ring |")
    click.echo("| --- | --- | --- |")
    for name, url in (("file", ""), ("Redis", redis)):
        if name == "file" or url:
            click.echo(delays("bench", url, load=False).line(f"{name}, idle"))
            click.echo(delays("urgent", url, load=True).line(f"{name}, urgent, 1,000 before it, two threads"))
    click.echo("\n| jobs in the table | question | ms |\n| --- | --- | --- |")
    for rows in (1_000, 100_000):
        for question, ms in questions_ms(rows).items():
            click.echo(f"| {rows:,} | {question} | {ms:.1f} |")


if __name__ == "__main__":
    main()
