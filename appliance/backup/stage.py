"""The stage: everything that belongs to the box, laid ready as it was at one moment.

Recordings and the like are written once and then stay, so that a second name for each holds what was there,
whatever is deleted meanwhile; what others write in place is copied. Files are looked for before the database
is copied and once more after it: what its rows speak of is all there. What can be made or fetched again is
left out: weights, the index, rendered sentences.
May import: the standard library, appliance.core, appliance.store.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.backup.restic import BackupFailed, Check
from appliance.core import changed_settings, files
from appliance.core.settings import Settings
from appliance.store import copying

WORK = ".backup"
"""The folder in the data folder in which all of it is done."""
LOCK = "lock"
NAME = "backup_name"
"""The file in the data folder with the name under which the box's copies are known in the repository."""
DATABASE = "attendant.db"
DATA, PBX, SECRETS, LANGUAGES = "data", "pbx", "secrets", "languages"
SETTINGS = "attendant.toml"
FOLDERS = ("recordings", "greetings", "knowledge/uploads")
"""What of the data folder is kept: all messages, what staff spoke, documents that wait to be read."""
PBX_FOLDERS = ("spool", "music")
"""What of the PBX's: messages that are not filed yet, the clinic's own music; the rest is rendered."""
NOT_KEPT = ("admin_session_key",)
"""A secret that no other user reads, and that is made again: staff sign in anew."""
SPARE_BYTES = 100_000_000
"""So much is to be left on the disk beside what is copied: calls need it."""
OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors that lie with where a copy is written to, or with us, and not with the file that is read."""
Missing = dict[str, str]
"""Files that could not be read, as they would be called in the stage, and why."""


class UnderWay(BackupFailed):
    """Another one goes on: this one was not begun, and has not failed."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the parts of the box lie."""

    database: Path
    data: Path
    pbx: Path
    secrets: Path
    languages: Path
    settings: Path | None
    """The settings file, where it is known and may be read."""

    @classmethod
    def of(cls, settings: Settings, file: Path | None) -> "Sources":
        """As the settings have it."""
        return cls(
            settings.database,
            settings.box.data_dir,
            settings.asterisk_dir,
            settings.secrets_dir,
            settings.languages_dir,
            file,
        )


@contextmanager
def held(data: Path) -> Iterator[Path]:
    """The folder to work in, for one backup or verification at a time. Raises BackupFailed, UnderWay."""
    work = data / WORK
    try:
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = files.opened(work / LOCK, 0o600)
    except OSError as exc:
        raise BackupFailed(f"{work} cannot be written to: {exc.strerror}.") from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(handle)
        raise UnderWay("A backup or a verification is under way already.") from exc
    try:
        _empty(work)
        yield work
    finally:
        # What retention deletes is to be gone: no second name and no copy of it stays.
        _empty(work)
        os.close(handle)


def sweep(data: Path) -> int:
    """Remove what a backup left that was killed; how many folders that were. One that goes on is let be."""
    work = data / WORK
    left = sum(path.is_dir() for path in work.iterdir()) if work.is_dir() else 0
    if not left:
        return 0
    try:
        with held(data):
            return left
    except BackupFailed:
        return 0


def _empty(work: Path) -> None:
    """Remove what was made there, also by one that was killed."""
    for path in work.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def lay(sources: Sources, stage: Path, check: Check) -> Missing:
    """Lay all of it ready in a new folder; what could not be read, which does not keep the rest from that.

    Raises BackupFailed, StoreError, OSError, what check raises.
    """
    see_room(stage.parent, _size(sources.database))
    stage.mkdir(mode=0o700)
    _name_all(sources, stage, check)
    check()
    copying.copy(sources.database, stage / DATABASE)
    missing = _name_all(sources, stage, check)
    for path, name in (
        (sources.data / changed_settings.FILE, f"{DATA}/{changed_settings.FILE}"),
        (sources.settings, SETTINGS),
    ):
        if path is not None and path.is_file():
            _had(path, stage, name, missing, copied=True)
    return missing


def see_room(folder: Path, needed: int) -> None:
    """See that there is room for so many bytes more. Raises BackupFailed."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise BackupFailed(
            f"The disk is too full: {(needed + SPARE_BYTES) // 1_000_000} MB are needed in {folder},"
            f" {free // 1_000_000} MB are free."
        )


def _name_all(sources: Sources, stage: Path, check: Check) -> Missing:
    """Have every file that is there in the stage; those that cannot be read."""
    missing: Missing = {}
    wanted = [
        *((sources.data / name, f"{DATA}/{name}", False) for name in FOLDERS),
        *((sources.pbx / name, f"{PBX}/{name}", True) for name in PBX_FOLDERS),
        (sources.secrets, SECRETS, False),
        (sources.languages, LANGUAGES, True),
    ]
    for folder, name, copied in wanted:
        unread: list[OSError] = []
        for path in _files(folder, unread):
            check()
            if path.name not in NOT_KEPT:
                _had(path, stage, f"{name}/{path.relative_to(folder)}", missing, copied=copied)
        for exc in unread:
            missing[f"{name}/{Path(exc.filename).relative_to(folder)}"] = why(exc)
    return missing


def why(exc: OSError) -> str:
    """Why a file cannot be read; what does not lie with the file is raised again."""
    if exc.errno in OURS:
        raise exc
    return exc.strerror or type(exc).__name__


def _had(path: Path, stage: Path, name: str, missing: Missing, *, copied: bool) -> None:
    """Have a file in the stage, or among what is missing."""
    try:
        _given(path, stage / name, copied=copied)
    except OSError as exc:
        (stage / name).unlink(missing_ok=True)
        missing[name] = why(exc)


def _files(folder: Path, unread: list[OSError]) -> Iterator[Path]:
    """The files in a folder; links are not followed, and what is half written is left out.

    To `unread` comes what cannot be looked at.
    """

    def untold(exc: OSError) -> None:
        if not isinstance(exc, FileNotFoundError):
            unread.append(exc)

    for place, folders, names in os.walk(folder, onerror=untold):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in names:
            path = Path(place, name)
            if name.endswith((".new", ".part")):
                continue
            try:
                plain = path.is_file() and not path.is_symlink()
            except OSError as exc:
                unread.append(exc)
                continue
            if plain:
                yield path


def _given(path: Path, name: Path, *, copied: bool = False) -> None:
    """Have a file under another name, too; a copy where that cannot be had, as from another disk."""
    name.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if name.exists():
        return
    try:
        if copied:
            shutil.copy2(path, name)
        else:
            os.link(path, name)
    except FileNotFoundError:
        return  # It was deleted in this moment: nothing speaks of it any more.
    except OSError:
        if copied:
            raise
        _given(path, name, copied=True)


def _size(path: Path) -> int:
    """What a copy of a database can come to."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(each.stat().st_size for each in files if each.exists())
