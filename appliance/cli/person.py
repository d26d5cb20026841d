"""One person at the command line: everything about a number given out, or erased.

May import: click, orjson, appliance.archive, appliance.backup, appliance.cli, appliance.core, appliance.jobs,
appliance.store.
"""

import os
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from appliance.archive import moving
from appliance.backup.restoring import whole_boxes_beside
from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.cli.desk import by_hand
from appliance.core import files
from appliance.core.errors import AttendantError, SettingsError
from appliance.core.settings import Settings
from appliance.jobs.retention import Deleting
from appliance.store import holds, left_building, person, recordings_away, remains, retention, times
from appliance.store.database import Connection
from appliance.store.person import Stays
from appliance.store.recordings_away import Away

WITHIN_S = 600.0


class NotDone(AttendantError):
    """It was not done, or not wholly. The text says why."""


@click.command()
@click.argument("number")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.zip",
    help="The file to be made.",
)
@with_settings
def export(settings: Settings, number: str, target: Path) -> None:
    """Write everything about a telephone NUMBER into a file: rows as JSON, and recordings."""
    whole, now = _whole(settings, number), datetime.now(UTC)
    recordings = settings.box.data_dir / "recordings"

    def query(db: Connection) -> tuple[dict[str, object], list[str], dict[str, Away]]:
        left = {
            call: [
                {"to": each.to, "what": each.what, "certain": each.certain}
                for each in left_building.of_call(db, call)
            ]
            for call in person.calls_of(db, whole)
        }
        told = {"number": whole, "made_at": times.written(now), "left the building": left}
        names = [each.name for each in person.recordings(db, whole)]
        return {**told, **person.about(db, whole)}, names, recordings_away.of(db, names)

    tree, names, away = rows.read(settings, query)
    found = [path for name in names for path in sorted(recordings.glob(f"{Path(name).stem}.*"))]
    here = {path.name for path in found}
    fetched = {name: moving.content(settings, each) for name, each in away.items() if name not in here}
    _write(target, orjson.dumps(tree, option=orjson.OPT_INDENT_2), found, fetched)
    rows_told = sum(len(part) for part in tree.values() if isinstance(part, list))
    count = len(found) + len(fetched)
    show.line(
        f"{target}: {rows_told} rows and {count} recordings about {whole}. It can be read by you alone."
    )


def _write(target: Path, told: bytes, recordings: list[Path], fetched: Mapping[str, bytes]) -> None:
    """Make the file, whole and on disk, readable by its owner alone. Raises NotDone."""
    half = target.with_name(f".{target.name}.half")
    try:
        if target.exists():
            raise NotDone(f"{target} is there already: choose another name.")
        half.unlink(missing_ok=True)
        handle = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr("about.json", told)
                for path in recordings:
                    packed.write(path, f"recordings/{path.name}")
                for name, sound in fetched.items():
                    packed.writestr(f"recordings/{name}", sound)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
        files.sync_folder(target.absolute().parent)
    except OSError as exc:
        half.unlink(missing_ok=True)
        raise NotDone(f"{target} was not written: {exc.strerror}.") from exc


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_settings
def erase(settings: Settings, number: str, *, yes: bool) -> None:
    """Delete everything about a telephone NUMBER, which cannot be undone."""
    whole, now = _whole(settings, number), datetime.now(UTC)

    def query(db: Connection) -> tuple[dict[str, list[dict[str, object]]], Stays, list[holds.Hold]]:
        return person.about(db, whole), person.stays(db, whole, now), holds.of_number(db, whole)

    told, stays, held = rows.read(settings, query)
    if held:
        raise NotDone(f"{whole} is under legal hold {held[0].id} ({held[0].reason}): release it first.")
    show.table(("About this number", "Rows"), [(name, str(len(part))) for name, part in told.items() if part])
    for line in _staying(stays):
        show.line(line)
    if not yes:
        click.confirm(f"Delete all of it for {whole}?", abort=True)
    _erase(settings, whole, now)


def _erase(settings: Settings, number: str, now: datetime) -> None:
    """Delete files, then rows, then see that nothing is left. Raises NotDone."""
    key = f"erase {times.written(now)}"
    with by_hand(settings, WITHIN_S) as desk:
        desk.write(lambda db: retention.begin(db, key, "erase", by=rows.who(), now=now))
        work = Deleting(desk, settings, key, now)
        for recording in desk.read(lambda db: person.recordings(db, number)):
            work.recording(recording)
        desk.write(lambda db: _erased(db, number, key, now))
        work.copies(now)
        problem = work.verify()
        desk.write(lambda db: retention.ended(db, key, {}, problem))
        done = next(each for each in desk.read(retention.runs) if each.key == key)
        whole = remains.Witness.of(number)
        copied = desk.apart(lambda db: remains.found(db, settings.database, [whole])) if not problem else 0
        left = desk.read(lambda db: person.left(db, number, now))
    numbers = ", ".join(f"{count} {name}" for name, count in done.gone.items())
    show.line(f"Deleted: {numbers or 'nothing'}.")
    for path in whole_boxes_beside(settings.box.data_dir):
        show.line(f"A whole box lies in {path} still, with what it knew of the number: delete it.")
    failed = []
    if problem or copied:
        failed.append(f"{problem or 'The number is in the file still.'} It is tried again in the night.")
    if left:
        where = ", ".join(f"{count} of {table}" for table, count in left.items())
        failed.append(f"Rows that are not of this number alone hold it still: {where}.")
    if failed:
        raise NotDone(" ".join(failed))


def _erased(db: Connection, number: str, key: str, now: datetime) -> None:
    # Asked again under the lock: somebody may have held it meanwhile.
    if held := holds.of_number(db, number):
        raise NotDone(f"{number} is under legal hold {held[0].id} ({held[0].reason}): release it first.")
    person.erase(db, number, key, now=now)


def _staying(stays: Stays) -> list[str]:
    said = [
        (stays.live, f"Calls that go on and stay: {stays.live}. Begin again when they are over."),
        (
            stays.ahead,
            f"Appointments to come, which stay: {stays.ahead}. Cancel them first, if they are to go.",
        ),
        (stays.texts, f"Texts on their way, which stay: {stays.texts}."),
        (stays.wants_no_texts, "That the number wants no texts stays: else it would get some again."),
        (
            stays.mentioned,
            f"Calls of other numbers in which this one is written: {stays.mentioned}. They stay.",
        ),
        (stays.was_held, f"That it was under legal hold and is no more, which stays: {stays.was_held}."),
    ]
    return [line for count, line in said if count]


def _whole(settings: Settings, number: str) -> str:
    whole = rows.number(settings, number)
    if not whole:
        raise SettingsError([f"A number is written such as +14155550100, and this is none: {number}"])
    return whole
