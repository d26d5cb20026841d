"""One backup from beginning to end, and the verification of the last one by restoring it.

May import: the standard library, appliance, appliance.core, appliance.store, appliance.backup.
"""

import os
import shutil
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from appliance import VERSION
from appliance.backup import claims, manifest, place, stage
from appliance.backup.restic import BackupFailed, Check, InUse, Restic
from appliance.core import files
from appliance.core.settings import Settings
from appliance.store import times
from appliance.store.backups import Result

STAGE, SCRATCH = "stage", "verify"
ONE_BY_ONE = 1000
"""So many files are asked for by their names; what is more is fetched with all the rest."""


def back_up(settings: Settings, file: Path | None, check: Check = lambda: None) -> Result:
    """Keep the box as it is now, and forget what is not to be kept any more.

    `file` is the settings file. Raises BackupFailed, SettingsError, StoreError, and what check raises.
    """
    with stage.held(settings.box.data_dir) as work:
        restic = place.restic(settings, check)
        # First: whoever has the wrong disk or password is not to wait for it.
        restic.free()
        sources, laid = stage.Sources.of(settings, file), work / STAGE
        host = name_of(settings)
        claims.see(restic, settings.box.data_dir, host)
        try:
            missing = stage.lay(sources, laid, check)
            at = times.written(datetime.now(UTC))
            made = manifest.make(sources, laid, missing, at=at, host=host, check=check)
            added = restic.backup(laid, host, (f"version={VERSION}",))
        except OSError as exc:
            raise BackupFailed(f"The box cannot be laid ready for a backup: {exc}.") from exc
        # A box that stands ready may read just now: then it is forgotten next time.
        with suppress(InUse):
            restic.forget(place.keep(settings), host)
        held = tuple(restic.snapshots())
    return Result(added.snapshot, added.files, added.bytes, added.added, held=held, missing=made.lacks)


def verify(settings: Settings, check: Check = lambda: None) -> Result:
    """Restore the last backup into a scratch place, hold it against its manifest, look the repository over.

    What was forgotten gives up its room, too. Raises as back_up does.
    """
    with stage.held(settings.box.data_dir) as work:
        restic = place.restic(settings, check)
        restic.free()
        name = name_of(settings)
        held = tuple(restic.snapshots())
        found = [each for each in held if each.host == name]
        if not found:
            raise BackupFailed("There is no backup to verify yet: `attendant backup now` makes one.")
        scratch = work / SCRATCH
        try:
            kept = fetched(restic, found[-1].id, scratch)
            manifest.judge(scratch, kept, check)
        except OSError as exc:
            raise BackupFailed(f"The backup cannot be restored into {scratch}: {exc}.") from exc
        restic.prune()
        restic.examine()
    return Result(found[-1].id, len(kept.files), kept.bytes, held=held)


def name_of(settings: Settings) -> str:
    """Under what its copies are known among those of others: chosen once, and taken along by a restore.

    Never that of a box which this one follows and has not been: what is backed up under it is that one's.
    Raises BackupFailed.
    """
    path = settings.box.data_dir / stage.NAME
    try:
        if path.exists() and (kept := path.read_text("utf-8").strip()):
            return kept
        name = settings.front.name or socket.gethostname()
        if name == settings.standby.follows:
            raise BackupFailed(
                f"This box follows {name} and was never it: nothing of it is kept under that name."
                " `attendant standby stand-down` has it stand ready.",
                again=False,
            )
        files.replace(path, f"{name}\n".encode(), mode=0o600)
    except OSError as exc:
        raise BackupFailed(
            f"The name of the box's backups cannot be had from {path}: {exc.strerror}."
        ) from exc
    return name


def fetched(restic: Restic, snapshot: str, into: Path, had: Path | None = None) -> manifest.Manifest:
    """Restore a snapshot into a folder that is made anew; its manifest. Raises BackupFailed, OSError.

    What lies in a copy of another snapshot, `had`, and is the same, is not fetched again.
    """
    shutil.rmtree(into, ignore_errors=True)
    kept = manifest.read(restic.read(snapshot, manifest.FILE))
    into.mkdir(mode=0o700)
    same: set[str] = set() if had is None else _linked(kept, into, had)
    wanted = [name for name in kept.files if name not in same]
    stage.see_room(into.parent, sum(kept.files[name].bytes for name in wanted))
    only = [manifest.FILE, *wanted] if same and len(wanted) < ONE_BY_ONE else []
    if same and not only:
        # So many names would be too long a command: all of it is fetched.
        shutil.rmtree(into)
        into.mkdir(mode=0o700)
    restic.restore(snapshot, into, only)
    return kept


def _linked(kept: manifest.Manifest, into: Path, had: Path) -> set[str]:
    """Give what is the same in another copy, and there, a second name; those files."""
    before = manifest.read((had / manifest.FILE).read_bytes())
    known = {name for name, each in kept.files.items() if before.files.get(name) == each}
    same = {name for name in known if (had / name).is_file()}
    for name in same:
        (into / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.link(had / name, into / name)
    return same
