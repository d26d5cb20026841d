"""A box that stands ready: the last backup of another one, fetched, judged and kept until it is wanted.

Of a new backup only what is new is fetched: recordings stay as they are. A copy is whole or not there.
May import: the standard library, pydantic, appliance.core, appliance.backup.
"""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from appliance.backup import manifest, stage
from appliance.backup.making import fetched
from appliance.backup.restic import BackupFailed, Check, Damaged, NoRepository, Restic
from appliance.core import files, in_service
from appliance.core.settings import Settings
from appliance.store.backups import Snapshot

FOLDER, STATE = ".standby", "followed.json"
"""In the data folder: whoever may read that may read this."""


class NotStanding(BackupFailed):
    """The box does not stand ready for another."""


class Ready(BaseModel):
    """The copy that is ready."""

    model_config = ConfigDict(frozen=True)

    snapshot: str
    of: AwareDatetime
    """When the backup was made."""
    host: str
    looked_at: AwareDatetime
    """When it was last seen that there is nothing newer."""
    files: int
    bytes: int

    def age_s(self, now: datetime) -> float:
        """How much would be lost, should the other box die now and its backups with it."""
        return (now - self.of).total_seconds()


def ready(data: Path) -> Ready | None:
    """The copy that is ready; None when there is none."""
    try:
        found = Ready.model_validate_json((data / FOLDER / STATE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return found if (folder(data, found) / manifest.FILE).is_file() else None


def folder(data: Path, copy: Ready) -> Path:
    """Where it lies."""
    return data / FOLDER / copy.snapshot[:16]


def begun(settings: Settings) -> str:
    """The name of the box that is followed, and this one stands down. Raises NotStanding, BackupFailed."""
    name, data = settings.standby.follows, settings.box.data_dir
    if not name:
        raise NotStanding("This box follows none: [standby] follows names one (docs/boxes.md).", again=False)
    if in_service.why_not(data):
        return name
    if settings.database.exists():
        raise NotStanding(
            f"There is a box in {data}, which answers: `attendant standby stand-down` first, if it is to"
            f" follow {name}.",
            again=False,
        )
    stand_ready(data, name)
    return name


def stand_ready(data: Path, name: str) -> None:
    """Answer nothing, and be ready to take over from the box of this name. Raises BackupFailed."""
    try:
        in_service.stand_down(data, f"This box stands ready for {name}, and answers when it takes over.")
    except OSError as exc:
        raise BackupFailed(f"{data} cannot be written to: {exc.strerror}.") from exc


def follow(restic: Restic, data: Path, name: str, check: Check = lambda: None) -> Ready:
    """Have the last backup of a box ready. Raises BackupFailed, StoreError, what check raises."""
    with stage.held(data):
        found = [each for each in restic.snapshots() if each.host == name]
        if not found:
            raise NoRepository(f"There is no backup of {name} yet: `attendant backup list` on that box.")
        try:
            return _brought(restic, data, found[-1], check)
        except OSError as exc:
            raise BackupFailed(f"The copy cannot be kept in {data / FOLDER}: {exc}.") from exc


def _brought(restic: Restic, data: Path, newest: Snapshot, check: Check) -> Ready:
    work, had = data / FOLDER, ready(data)
    work.mkdir(mode=0o700, exist_ok=True)
    if had is not None and had.snapshot == newest.id:
        return _kept(work, had.model_copy(update={"looked_at": datetime.now(UTC)}))
    into = work / newest.id[:16]
    try:
        kept = fetched(restic, newest.id, into, None if had is None else folder(data, had))
        manifest.judge(into, kept, check)
    except Damaged:
        if had is None:
            raise
        # It may be our own copy that is damaged: nothing of it is taken.
        kept = fetched(restic, newest.id, into)
        manifest.judge(into, kept, check)
    new = Ready(
        snapshot=newest.id,
        of=newest.at,
        host=newest.host,
        looked_at=datetime.now(UTC),
        files=len(kept.files),
        bytes=kept.bytes,
    )
    os.sync()
    _kept(work, new)
    for path in work.iterdir():
        if path.is_dir() and path != into:
            shutil.rmtree(path, ignore_errors=True)
    return new


def _kept(work: Path, copy: Ready) -> Ready:
    files.replace(work / STATE, copy.model_dump_json().encode(), mode=0o600)
    return copy
