"""Brings a box back from its backups, at the command line of a machine that may have nothing else yet.

May import: the standard library, click, appliance.cli, appliance.backup, appliance.core, appliance.service.
"""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from appliance.backup import claims, place, restoring
from appliance.backup.manifest import FILE
from appliance.backup.manifest import read as manifest
from appliance.backup.restic import BackupFailed, Restic
from appliance.backup.restoring import Places
from appliance.cli import show
from appliance.cli.config import DEFAULT, with_file
from appliance.core import in_service
from appliance.core import settings as boot
from appliance.core.backup_settings import Backups
from appliance.core.settings import Listen, Settings
from appliance.service.jobs.lock import LOCK, only_one

ASK_S = 0.5
UNITS = ("attendant-admin.socket", "attendant-admin", "attendant-worker", "attendant-bridge")
"""What is to be stopped, the socket first: it begins the admin again as soon as a page is opened."""
FIRST = f"`systemctl stop {' '.join(UNITS)}` first."
FRONTS = Path("/run/attendant-admin.sock")
"""That socket, which is there as long as systemd listens on it, for the box of the usual settings file."""


@click.command()
@click.option("--repository", help="Where the backups are; left out, what the settings file says.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the repository's password; left out, it is the box's own, or asked for.",
)
@click.option("--backup", "wanted", default="", metavar="ID", help="Which one; left out, the newest.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Only write it into this folder, to look into: nothing of this machine is touched.",
)
@click.option(
    "--with-settings", is_flag=True, help="Take the settings file of the backup in the place of the one here."
)
@click.option(
    "--replace", is_flag=True, help="Have it in the place of the box that is here, which is set aside."
)
@with_file
def restore(
    file: Path,
    *,
    repository: str | None,
    password_file: Path | None,
    wanted: str,
    into: Path | None,
    with_settings: bool,
    replace: bool,
) -> None:
    """Bring the box back from its backups: all calls, messages, recordings, documents, settings and secrets.

    On a new machine: install, then `attendant restore --repository PLACE`, and type the password.
    """
    known = boot.load(file) if file.exists() else Settings()
    here = known if file.exists() and not with_settings else None
    backups = _asked(known, repository)
    place.see_that_it_is_there(backups.repository)
    with _opened(backups, known.secrets_dir, password_file) as restic:
        there = restic.snapshots()
        snapshot = restoring.chosen(there, wanted)
        show.line(f"Backup {snapshot.id[:8]} of {snapshot.at:%Y-%m-%d %H:%M} UTC, of {snapshot.host}.")
        if others := {each.host for each in there} - {snapshot.host}:
            show.line(f"There are backups of {', '.join(sorted(others))} as well: `--backup ID` takes one.")
        places = _places(restic, snapshot.id, file, here, into)
        restoring.see_room_for_it(places, replace=replace)
        with nothing_runs(places.data, known.listen, file) if into is None else nullcontext():
            restoring.restore(restic, snapshot, places, show.line)
            if with_settings and into is None:
                _take_the_settings(file)
        stood_down = into is None and bool(in_service.why_not(places.data))
        if stood_down or (into is None and claims.all_of(restic, snapshot.host)):
            # One of two boxes: the other one stands down when it sees this.
            claims.take(restic, places.data, snapshot.host)
            in_service.stand_up(places.data)
    show.line(f"The box is back in {places.data}.")
    if into is None:
        show.line("What was owed at the time of the backup is owed again: a text may go out a second time.")
        show_how_it_begins(stood_down=stood_down)


def show_how_it_begins(*, stood_down: bool) -> None:
    """Say what to start; where the box had stood down, more was ended than a restore asks for."""
    show.line(f"Start it: `systemctl start {' '.join(reversed(UNITS))}`.")
    if stood_down:
        show.line("And `attendant-front`; and `attendant-asterisk`, where telephones register at this box.")


def _take_the_settings(file: Path) -> None:
    """Have the settings file of the backup in the place of the one here, where they differ."""
    restored = restoring.restored_beside(file)
    if restored.exists():
        aside = file.with_name(f"{file.name}.{restoring.BEFORE}")
        file.replace(aside)
        restored.replace(file)
        show.line(f"{file} is that of the backup now; the one that was here is {aside}.")


def _asked(known: Settings, repository: str | None) -> Backups:
    """What is known of the place of the backups. Raises NoBackups, SettingsError."""
    if repository:
        own = {**known.backup.model_dump(mode="json"), "repository": repository}
        return boot.checked({"backup": own}, "--repository").backup
    if not known.backup.repository:
        raise place.NoBackups("Where are the backups? Name their place with --repository.")
    return known.backup


def _places(restic: Restic, snapshot: str, file: Path, here: Settings | None, into: Path | None) -> Places:
    """Where it comes to lie: in a folder to look into, where the settings say, or where it lay before."""
    if into is not None:
        return restoring.within(into)
    if here is not None:
        return Places(here.box.data_dir, here.asterisk_dir, here.languages_dir, file)
    return restoring.original(manifest(restic.read(snapshot, FILE)), file)


@contextmanager
def _opened(backups: Backups, keys: Path, password_file: Path | None) -> Iterator[Restic]:
    """The repository, by the password that is given, of the box, or typed. Raises BackupFailed."""
    own = keys / backups.password_file
    with tempfile.TemporaryDirectory(prefix="attendant-restore-") as folder:
        if password_file is None and own.exists():
            password_file = own
        if password_file is None:
            password_file = Path(folder, "password")
            password_file.touch(mode=0o600)
            typed = click.prompt("Password of the repository", hide_input=True)
            password_file.write_text(typed, "utf-8")
        restic = place.opener(backups, keys, password_file.absolute(), Path(folder, "cache"))
        try:
            restic.see()
            yield restic
        finally:
            restoring.give_back(backups.repository)


@contextmanager
def nothing_runs(data: Path, listen: Listen, file: Path) -> Iterator[None]:
    """No program of the box runs meanwhile, as far as can be seen. Raises BackupFailed, SettingsError."""
    _see_that_none_answers(listen)
    if file == DEFAULT and FRONTS.exists():
        raise BackupFailed(f"The admin is begun by whoever opens a page ({FRONTS}): {FIRST}")
    lock = only_one(data / LOCK) if data.exists() else None
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _see_that_none_answers(listen: Listen) -> None:
    """See that bridge and admin are not there. Raises BackupFailed."""
    for name, host, port in (
        ("bridge", "127.0.0.1", listen.local_port),
        ("admin", listen.admin_host, listen.admin_port),
    ):
        if port and answers(host, port):
            raise BackupFailed(f"The {name} runs (port {port} answers): {FIRST}")


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), ASK_S).close()
    except OSError:
        return False
    return True
