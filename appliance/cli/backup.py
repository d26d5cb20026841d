"""Backups at the command line: a repository, a backup now, whether the last can be restored, all there are.

May import: the standard library, click, appliance.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from appliance.backup import making, place, standing
from appliance.backup.restic import BackupFailed
from appliance.backup.stage import UnderWay
from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.files import umask_in
from appliance.core.settings import Settings
from appliance.jobs import backup as job
from appliance.service.process import become_owner
from appliance.store import backups
from appliance.store.backups import Result, What

PARTLY = 3
"""The exit status of a backup that lacks something."""


@click.group()
def backup() -> None:
    """Copies of the whole box elsewhere, encrypted: docs/backup.md."""


@backup.command()
@with_settings
def init(settings: Settings) -> None:
    """Make the repository that the settings name, and its password where there is none."""
    as_owner(settings)
    repository = settings.backup.repository
    place.see_where_it_goes(repository)
    if repository:
        place.password_made(settings)
    place.to_be_made(settings).make()
    show.line(f"A repository was made at {repository}.")
    # Also one that was there: it may have been made by a try that came no further, and shown to nobody.
    show.line(f"Its password is  {settings.secret(settings.backup.password_file)}")
    show.line("Keep the password on paper, outside this box: without it no copy can ever be read.")
    show.line("`attendant backup now` makes the first backup; the worker makes one each night.")


@backup.command()
@with_settings
@click.pass_obj
def now(file: Path, settings: Settings) -> None:
    """Back the box up now, and not tonight."""
    done = _kept(settings, What.BACKUP, lambda: making.back_up(settings, file))
    show.line(f"Kept {done.files} files, {_mb(done.bytes)}, of which {_mb(done.added)} were new.")
    if done.missing:
        show.line(f"Partly: {done.missing}.")
        sys.exit(PARTLY)


@backup.command()
@with_settings
def verify(settings: Settings) -> None:
    """Restore the last backup into a scratch place, and compare every file and every table."""
    done = _kept(settings, What.VERIFICATION, lambda: making.verify(settings))
    show.line(
        f"The backup {done.snapshot[:8]} was restored: {done.files} files, {_mb(done.bytes)}, all as kept."
    )


@backup.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Print the backups in the repository, and how backups stand."""
    as_owner(settings)
    found = place.restic(settings).snapshots()
    zone = ZoneInfo(rows.office(settings).staff.time_zone)
    show.table(
        ("Backup", "When", "Box", "Version"),
        [
            (each.id[:8], f"{each.at.astimezone(zone):%a %Y-%m-%d %H:%M}", each.host, each.version)
            for each in found
        ],
    )
    show.line()
    judged = standing.judged(settings.backup, rows.read(settings, backups.standing), datetime.now(UTC))
    show.line(f"Backups: {judged.state}; {judged.told}")


def _kept(settings: Settings, what: What, do: Callable[[], Result]) -> Result:
    """Do it, and keep what became of it. Raises AttendantError."""
    place.see_that_one_is_set(settings)
    as_owner(settings)
    began, began_s = datetime.now(UTC), time.monotonic()
    problem: AttendantError | None = None
    try:
        result = do()
    except UnderWay:
        raise
    except AttendantError as exc:
        problem, result = exc, Result(problem=str(exc))
    took_s = time.monotonic() - began_s
    rows.write(settings, lambda db: job.kept(db, what, began, took_s, result))
    if problem is not None:
        raise problem
    return result


def as_owner(settings: Settings) -> None:
    """What root makes here, in the repository too, has to be the box's own."""
    folder = settings.box.data_dir
    if not folder.exists():
        raise BackupFailed(f"There is no {folder} yet: start the bridge once, or `attendant restore`.")
    become_owner(folder)
    os.umask(umask_in(folder))


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
