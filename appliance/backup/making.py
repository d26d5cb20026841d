"""One backup from beginning to end, and the verification of the last one by restoring it.

May import: the standard library, appliance, appliance.core, appliance.store, appliance.backup.
"""

import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

from appliance import VERSION
from appliance.backup import manifest, place, stage
from appliance.backup.restic import BackupFailed, Check, Restic
from appliance.core import files
from appliance.core.settings import Settings
from appliance.store import times
from appliance.store.backups import Result

STAGE, SCRATCH = "stage", "verify"


def back_up(settings: Settings, file: Path | None, check: Check = lambda: None) -> Result:
    """Keep the box as it is now, and forget what is not to be kept any more.

    `file` is the settings file. Raises BackupFailed, SettingsError, StoreError, and what check raises.
    """
    with stage.held(settings.box.data_dir) as work:
        restic = place.restic(settings, check)
        # First: whoever has the wrong disk or password is not to wait for it.
        restic.free()
        sources, laid = stage.Sources.of(settings, file), work / STAGE
        host = _name(settings)
        try:
            stage.lay(sources, laid, check)
            manifest.make(sources, laid, at=times.written(datetime.now(UTC)), host=host, check=check)
            added = restic.backup(laid, host, (f"version={VERSION}",))
        except OSError as exc:
            raise BackupFailed(f"The box cannot be laid ready for a backup: {exc}.") from exc
        restic.forget(place.keep(settings), host)
        held = tuple(restic.snapshots())
    return Result(added.snapshot, added.files, added.bytes, added.added, held=held)


def verify(settings: Settings, check: Check = lambda: None) -> Result:
    """Restore the last backup into a scratch place, hold it against its manifest, look the repository over.

    What was forgotten gives up its room, too. Raises as back_up does.
    """
    with stage.held(settings.box.data_dir) as work:
        restic = place.restic(settings, check)
        restic.free()
        name = _name(settings)
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


def _name(settings: Settings) -> str:
    """Under what its copies are known among those of others: chosen once, and taken along by a restore.

    Raises BackupFailed.
    """
    path = settings.box.data_dir / stage.NAME
    try:
        if path.exists() and (kept := path.read_text("utf-8").strip()):
            return kept
        name = settings.front.name or socket.gethostname()
        files.replace(path, f"{name}\n".encode(), mode=0o600)
    except OSError as exc:
        raise BackupFailed(
            f"The name of the box's backups cannot be had from {path}: {exc.strerror}."
        ) from exc
    return name


def fetched(restic: Restic, snapshot: str, into: Path) -> manifest.Manifest:
    """Restore a snapshot into a folder that is made anew; its manifest. Raises BackupFailed, OSError."""
    shutil.rmtree(into, ignore_errors=True)
    kept = manifest.read(restic.read(snapshot, manifest.FILE))
    stage.see_room(into.parent, kept.bytes)
    into.mkdir(mode=0o700)
    restic.restore(snapshot, into)
    return kept
