"""Brings a box back from its repository: beside what is there, judged, brought up to date, then switched to.

May import: the standard library, appliance, appliance.core, appliance.store, appliance.backup.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from appliance import VERSION
from appliance.backup import claims, following, manifest
from appliance.backup.making import fetched
from appliance.backup.manifest import Manifest
from appliance.backup.restic import BackupFailed, Check, NoRepository, Restic
from appliance.backup.stage import (
    DATA,
    DATABASE,
    LANGUAGES,
    NAME,
    NOT_KEPT,
    PBX,
    PBX_FOLDERS,
    SECRETS,
    SETTINGS,
)
from appliance.core import files, in_service
from appliance.store import audit, database, times
from appliance.store.audit import Actor, Deed
from appliance.store.backups import Snapshot
from appliance.store.migrations import migrate

BESIDE, BEFORE = "restoring", "before"
WORKER_LOCK = "worker.lock"
STAYS = ("models", claims.MACHINE, in_service.FILE)
"""What of the folder that gives way is in no backup: weights, which are large, and what is the machine's."""
Tell = Callable[[str], None]


class NotEmpty(BackupFailed):
    """There is a box in that place already."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a box comes to lie; `apart` when that is a folder to look into."""

    data: Path
    pbx: Path
    languages: Path
    settings: Path
    apart: bool = False


def chosen(known: Sequence[Snapshot], wanted: str) -> Snapshot:
    """The snapshot whose id begins so, or the newest. Raises NoRepository."""
    found = [each for each in known if each.id.startswith(wanted)]
    if not found:
        named = f" {wanted}" if wanted else ""
        raise NoRepository(f"There is no backup{named} in the repository: `attendant backup list`.")
    return found[-1]


def original(kept: Manifest, settings: Path) -> Places:
    """Where all of it lay on the box that was backed up."""
    return Places(kept.data_dir, kept.pbx_dir, kept.languages_dir, settings)


def within(folder: Path) -> Places:
    """All of it in one folder, to look into."""
    return Places(folder, folder / "asterisk", folder / "languages", folder / SETTINGS, apart=True)


def see_room_for_it(places: Places, *, replace: bool) -> None:
    """See that nothing gives way that somebody wants. Raises NotEmpty."""
    if places.apart:
        if places.data.exists() and any(places.data.iterdir()):
            raise NotEmpty(f"{places.data} is not empty: name a new folder.", again=False)
    elif (places.data / DATABASE).exists() and not replace:
        raise NotEmpty(
            f"There is a box in {places.data} already. With --replace it is set aside, and kept.", again=False
        )


def restore(
    restic: Restic, snapshot: Snapshot, places: Places, tell: Tell, check: Check = lambda: None
) -> None:
    """Bring a box back; what lay in its place is set aside. Raises BackupFailed, StoreError.

    Until the switch nothing of what is there is touched; killed before it, this is begun again.
    """
    with _beside(places) as beside:
        beside.parent.mkdir(parents=True, exist_ok=True)
        kept = fetched(restic, snapshot.id, beside)
        tell(f"Restored {len(kept.files)} files, {kept.bytes / 1e6:.1f} MB, of {kept.made_at}.")
        manifest.judge(beside, kept, check)
        _put_in_place(beside, kept, snapshot, places, tell)


def take(copy: Path, snapshot: Snapshot, places: Places, tell: Tell, check: Check = lambda: None) -> None:
    """The same with a copy of a snapshot that lies ready in the folder of the box, and goes with that.

    Raises BackupFailed, StoreError. Killed before the switch, the copy is there again.
    """
    with _beside(places) as beside:
        shutil.rmtree(beside, ignore_errors=True)
        # Second names: the copy stays whole until the box is in its place.
        shutil.copytree(copy, beside, copy_function=os.link)
        # The database is changed by what follows.
        (beside / DATABASE).unlink()
        shutil.copy2(copy / DATABASE, beside / DATABASE)
        kept = manifest.read((copy / manifest.FILE).read_bytes())
        manifest.judge(beside, kept, check)
        _put_in_place(beside, kept, snapshot, places, tell)


@contextmanager
def _beside(places: Places) -> Iterator[Path]:
    """Where a box is laid until it is one; nothing of that stays. Raises BackupFailed."""
    beside = places.data.with_name(f"{places.data.name}.{BESIDE}")
    try:
        yield beside
    except OSError as exc:
        raise BackupFailed(f"The box cannot be brought back: {exc}.") from exc
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _put_in_place(beside: Path, kept: Manifest, snapshot: Snapshot, places: Places, tell: Tell) -> None:
    """What was judged becomes the box. Raises StoreError, OSError."""
    tell("Every file and every row is as it was kept.")
    if kept.lacks:
        tell(f"It was kept without some things: {kept.lacks}.")
    if kept.version != VERSION:
        tell(f"It was made by version {kept.version}; this is {VERSION}.")
    box = _arranged(beside, snapshot)
    _own(box, places.data)
    _switch(box, places.data, tell)
    put_the_rest(beside, places, tell)


def _arranged(beside: Path, snapshot: Snapshot) -> Path:
    """Make the data folder of what was restored, and bring its database up to date. Raises StoreError."""
    box = beside / DATA
    box.mkdir(mode=0o700, exist_ok=True)
    (beside / DATABASE).replace(box / DATABASE)
    if (beside / SECRETS).exists():
        (beside / SECRETS).replace(box / SECRETS)
    # The box goes on under its name: else its former copies would never be forgotten.
    files.replace(box / NAME, f"{snapshot.host}\n".encode(), mode=0o600)
    migrate(box / DATABASE)
    db = database.connect(box / DATABASE)
    try:
        with database.immediate(db):
            audit.add(
                db,
                Actor(audit.CONSOLE),
                Deed.BOX_RESTORED,
                at=times.utc_now(),
                target=f"{snapshot.id[:8]}, {snapshot.at:%Y-%m-%d %H:%M} UTC",
            )
    finally:
        db.close()
    return box


def given_all(box: Path, place: Path) -> None:
    """Give all that is in a folder, and the folder, to whose place it is. Raises OSError."""
    if os.geteuid() != 0:
        return
    was = place.stat()
    for folder, _, names in os.walk(box):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            os.chown(path, was.st_uid, was.st_gid, follow_symlinks=False)


def give_back(repository: str) -> None:
    """Give what root made in a repository in a folder to whose that is: the box writes there as its own user.

    Where that cannot be done, as on some disks of others, the next backup says what it may not write to.
    """
    if repository.startswith("/"):
        with suppress(OSError):
            given_all(Path(repository), Path(repository))


def _own(box: Path, place: Path) -> None:
    """Give all of it to whose place it is: on a new machine the same user has another number."""
    if not place.exists():
        return
    shared = files.umask_in(place) == 0o007
    os.chmod(box, place.stat().st_mode & 0o7777)
    given_all(box, place)
    if shared:
        for folder, _, _ in os.walk(box):
            Path(folder).chmod(0o2730 if Path(folder) == box / SECRETS else 0o2770)
    (box / DATABASE).chmod(files.private_in(box))


def _switch(box: Path, place: Path, tell: Tell) -> None:
    """Have it in its place, and what was there beside it."""
    aside = place.with_name(f"{place.name}.{BEFORE}-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    if place.exists():
        place.rename(aside)
    box.rename(place)
    files.sync_folder(place.parent)
    if not aside.exists():
        return
    # What a box that stood ready had of another is in its place by now.
    shutil.rmtree(aside / following.FOLDER, ignore_errors=True)
    keys = [path.relative_to(aside) for path in (aside / SECRETS).glob("*") if path.name not in NOT_KEPT]
    for name in (*map(Path, STAYS), *keys):
        if (aside / name).exists() and (place / name).parent.exists() and not (place / name).exists():
            (aside / name).rename(place / name)
    if any(path.name != WORKER_LOCK for path in aside.rglob("*") if path.is_file()):
        tell(f"What was there is in {aside}: delete it when nobody wants it any more.")
    else:
        shutil.rmtree(aside)


def put_the_rest(beside: Path, places: Places, tell: Tell) -> None:
    """The PBX's folders, languages and settings, none of which is written over."""
    for name in PBX_FOLDERS:
        _merge(beside / PBX / name, places.pbx / name)
    _merge(beside / LANGUAGES, places.languages)
    written = beside / SETTINGS
    if not written.exists():
        tell("The settings file was not kept: write one (docs/settings.md).")
        return
    path = places.settings
    restored_beside(path).unlink(missing_ok=True)
    if path.exists() and path.read_bytes() != written.read_bytes():
        path = restored_beside(path)
        tell(f"{places.settings} stays as it is; that of the backup is {path}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    files.replace(path, written.read_bytes(), mode=0o644)


def whole_boxes_beside(data: Path) -> list[Path]:
    """What restores set aside, or left when killed: nothing that is deleted here is deleted there."""
    named = (f"{BEFORE}-*", BESIDE)
    return sorted(path for name in named for path in data.parent.glob(f"{escape(data.name)}.{name}"))


def restored_beside(settings: Path) -> Path:
    """Where the settings file of a backup comes to lie beside one that is there."""
    return settings.with_name(f"{settings.name}.restored")


def _merge(source: Path, into: Path) -> None:
    """Have the files of a folder in another one, but for those that it has."""
    if not source.exists():
        return
    for path in sorted(source.rglob("*")):
        target = into / path.relative_to(source)
        if path.is_file() and not target.exists():
            _made_like_its_parent(target.parent)
            shutil.copy2(path, target)
            _given(target)


def _made_like_its_parent(folder: Path) -> None:
    """Make a folder where there is none, for whoever may use the one that it is in, and for nobody else."""
    if folder.exists():
        return
    _made_like_its_parent(folder.parent)
    folder.mkdir(mode=0o700)
    _given(folder)
    folder.chmod(folder.parent.stat().st_mode & 0o2770)


def _given(path: Path) -> None:
    """What root makes is whose the folder is."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
