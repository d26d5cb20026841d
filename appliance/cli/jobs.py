"""The worker's process, and what is owed, at the command line: lists, one job, another try, no more tries.

May import: everything; heavy parts inside the commands that need them.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.store import job_counts, times
from appliance.store import jobs as job_rows
from appliance.store.job_counts import Counts
from appliance.store.jobs import Job, State

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
ERROR_SHOWN = 60


@click.command()
@with_settings
@click.pass_obj
def worker(file: Path, settings: Settings) -> None:
    """Run the worker, which does what is owed after calls and by timetable."""
    from appliance.core import in_service
    from appliance.service.jobs import worker as process

    in_service.see(settings.box.data_dir)
    process.run(settings, file)


@click.group()
def jobs() -> None:
    """What is owed after calls and by timetable, and what became of it."""


@jobs.command("list")
@click.option(
    "--state",
    "states",
    type=click.Choice([str(state) for state in State]),
    multiple=True,
    help="Only those in this state; may be given several times.",
)
@click.option("--kind", help="Only those of this kind.")
@click.option("--before", type=int, metavar="ID", help="Only those older than this one: the next page.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="The most jobs.")
@AS_JSON
@with_settings
def list_(
    settings: Settings,
    states: tuple[str, ...],
    kind: str | None,
    before: int | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Print jobs, the newest first."""
    wanted = [State(state) for state in states] or list(State)
    found = rows.read(settings, lambda db: job_rows.page(db, wanted, kind=kind, before=before, limit=limit))
    if as_json:
        _print_json([_tree(job) for job in found])
    elif not found:
        show.line("There is no such job." if states or kind or before else "Nothing was owed yet.")
    else:
        zone = ZoneInfo(rows.office(settings).staff.time_zone)
        show.table(
            ("Job", "Kind", "State", "Owed", "Due", "Tries", "Took", "Error"),
            [_row(job, zone) for job in found],
        )


@jobs.command("show")
@click.argument("job_id", type=int, metavar="ID")
@AS_JSON
@with_settings
def show_(settings: Settings, job_id: int, *, as_json: bool) -> None:
    """Print one job with its payload, and what its last try failed of."""
    job = rows.read(settings, lambda db: job_rows.get(db, job_id))
    if as_json:
        _print_json(_tree(job))
        return
    zone = ZoneInfo(rows.office(settings).staff.time_zone)
    for name, value in (
        ("Job", f"{job.id}, {job.kind}"),
        ("Key", job.key),
        ("State", str(job.state)),
        ("Owed", _when(job.owed_at, zone)),
        ("Not before", _when(job.not_before, zone)),
        ("Tries", f"{job.attempts} of {job.tries}"),
        ("Last begun", _when(job.started_at, zone)),
        ("Ended", _when(job.ended_at, zone)),
        ("Took", _took(job)),
        ("Payload", orjson.dumps(dict(job.payload)).decode()),
        ("Error", job.error),
    ):
        if value:
            show.line(f"{name:<11} {value}")


@jobs.command()
@click.argument("job_ids", type=int, metavar="ID...", nargs=-1)
@click.option("--all-dead", is_flag=True, help="All that were given up, of every kind.")
@AS_JSON
@with_settings
def retry(settings: Settings, job_ids: tuple[int, ...], *, all_dead: bool, as_json: bool) -> None:
    """Have jobs begun again at once that were given up, or that wait for another try."""
    from appliance.jobs.bell import Bell

    def change(db: Any) -> list[Job]:
        ids = [job.id for job in job_rows.page(db, [State.DEAD], limit=10_000)] if all_dead else job_ids
        return [job_rows.retry(db, job_id) for job_id in ids]

    if not all_dead:
        _some(job_ids)
    _say(rows.write(settings, change), "is begun again at once", as_json=as_json)
    bell = Bell(settings)
    bell.ring()
    bell.close()


@jobs.command()
@click.argument("job_ids", type=int, metavar="ID...", nargs=-1)
@AS_JSON
@with_settings
def drop(settings: Settings, job_ids: tuple[int, ...], *, as_json: bool) -> None:
    """Give up for good jobs that do not run; they stay in the list for a while."""
    now = datetime.now(UTC)

    def change(db: Any) -> list[Job]:
        return [job_rows.drop(db, job_id, now=now) for job_id in job_ids]

    _some(job_ids)
    _say(rows.write(settings, change), "is dropped", as_json=as_json)


@jobs.command()
@AS_JSON
@with_settings
def counts(settings: Settings, *, as_json: bool) -> None:
    """Print how many jobs there are, how old, and how quick they are done."""
    found = rows.read(settings, lambda db: job_counts.counts(db, datetime.now(UTC)))
    if as_json:
        _print_json(asdict(found))
    else:
        _print_counts(found)


def _print_counts(found: Counts) -> None:
    if not found.by_kind:
        show.line("Nothing was owed yet.")
        return
    show.table(
        ("Kind", *(str(state).capitalize() for state in State)),
        [
            (kind, *(str(found.by_kind[kind].get(state, 0)) for state in State))
            for kind in sorted(found.by_kind)
        ],
    )
    show.line()
    show.line(f"Due now: {found.due}" + (f", since {_span(found.oldest_due_s)}" if found.due else ""))
    for name, passed in (("hour", found.last_hour), ("day", found.last_day)):
        quick = f", {passed.mean_ms:.0f} ms on average, {passed.longest_ms} ms at most" if passed.done else ""
        show.line(f"Last {name}: {passed.done} done{quick}; {passed.dead} given up")
    if dead := found.of(State.DEAD):
        show.line()
        show.line(f"{dead} were given up: `attendant jobs list --state dead`, then retry or drop them.")


def _some(job_ids: tuple[int, ...]) -> None:
    if not job_ids:
        raise click.UsageError("Which job? `attendant jobs list` prints their numbers.")


def _say(done: list[Job], told: str, *, as_json: bool) -> None:
    """Say what was done with jobs: with all of them, or it was not done."""
    if as_json:
        _print_json([_tree(job) for job in done])
        return
    for job in done:
        show.line(f"Job {job.id} ({job.kind}) {told}.")
    if not done:
        show.line("There is no such job.")


def _row(job: Job, zone: ZoneInfo) -> tuple[str, ...]:
    error = job.error if job.state in (State.WAITING, State.DEAD, State.QUEUED) else ""
    return (
        str(job.id),
        job.kind,
        str(job.state),
        _when(job.owed_at, zone),
        _when(job.not_before, zone) or "at once",
        f"{job.attempts} of {job.tries}",
        _took(job),
        error if len(error) <= ERROR_SHOWN else f"{error[: ERROR_SHOWN - 1]}…",
    )


def _when(at: str | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{times.read(at).astimezone(zone):%a %Y-%m-%d %H:%M:%S}"


def _took(job: Job) -> str:
    return "" if job.took_ms is None else f"{job.took_ms / 1000:.1f} s"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _tree(job: Job) -> dict[str, Any]:
    return asdict(job)


def _print_json(tree: object) -> None:
    click.echo(orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
