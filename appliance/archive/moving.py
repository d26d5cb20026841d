"""Recordings on their way: to the bucket, back from it, and gone from it; each is held against its checksum.

May import: the standard library, appliance.core, appliance.store, appliance.archive.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from appliance.archive.bucket import Bucket, BucketFailed, NotThere, Where
from appliance.core import files
from appliance.core.settings import Settings
from appliance.store import recordings_away
from appliance.store.database import Connection
from appliance.store.recordings_away import Away

BATCH = 50
READ_MOST = 200_000_000
"""More than any message comes to: nothing larger is held in memory."""
T = TypeVar("T")
Check = Callable[[], None]


class Desk(Protocol):
    """The database, as this needs it."""

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read that sees one state of the database."""

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change in a transaction of its own."""


class Spoilt(BucketFailed):
    """What lies in the bucket is not what was sent."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What one run came to: sent, and removed here since both had it."""

    sent: int = 0
    removed: int = 0


def move(desk: Desk, settings: Settings, folder: Path, check: Check, now: datetime | None = None) -> Moved:
    """Send what may be sent, and remove here what has been there for long enough. Raises BucketFailed.

    One that is spoilt there keeps the others from nothing.
    """
    bucket, sent, last, spoilt = Bucket(settings), 0, 0, None
    while found := desk.read(partial(recordings_away.to_move, after=last, limit=BATCH)):
        for _, name in found:
            try:
                sent += _sent(desk, bucket, folder, name, check)
            except Spoilt as exc:
                spoilt = exc
        last = found[-1][0]
    now = now or datetime.now(UTC)
    before = now - timedelta(days=settings.recordings.here_days)
    removed = [
        name
        for name in desk.read(lambda db: recordings_away.both(db, before, now=now))
        if _removed(desk, bucket, folder, name, check)
    ]
    if removed:
        files.sync_folder(folder)
    if spoilt is not None:
        raise spoilt
    return Moved(sent, len(removed))


def _sent(desk: Desk, bucket: Bucket, folder: Path, name: str, check: Check) -> bool:
    """Send one, read it back, and note that it is there; False where there is no such file here."""
    path = folder / name
    if path.name != name or not path.is_file():
        return False
    away = Away(
        name, bucket.where.place, bucket.where.key(name), path.stat().st_size, _sum(path, check), None
    )
    # Its row comes first: whatever happens from here on, somebody knows that something may lie there.
    desk.write(lambda db: recordings_away.begin(db, away, now=datetime.now(UTC)))
    bucket.put(away.key, path, check)
    _see(bucket, away, check, lambda _: None)
    if not desk.write(lambda db: recordings_away.there(db, name, now=datetime.now(UTC))):
        # It was deleted meanwhile, and there before it had arrived.
        bucket.delete(away.key)
    return True


def _removed(desk: Desk, bucket: Bucket, folder: Path, name: str, check: Check) -> bool:
    """Remove a file here that is there, too; False where there is none, or it is another by now.

    Of one that lies in a bucket of former settings nobody knows whether it could be fetched.
    """
    path = folder / name
    away = desk.read(lambda db: recordings_away.of(db, [name])).get(name)
    if away is None or away.place != bucket.where.place:
        return False
    if not path.is_file() or _sum(path, check) != away.sha256:
        return False
    path.unlink(missing_ok=True)
    return True


def bring_back(settings: Settings, away: Away, path: Path, check: Check = lambda: None) -> None:
    """Have the file of a recording here again, on disk when this returns. Raises BucketFailed, OSError."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            os.fchmod(file.fileno(), files.private_in(path.parent))
            _see(Bucket(settings), away, check, file.write)
            file.flush()
            os.fsync(file.fileno())
        files.settle(part, path)
    finally:
        part.unlink(missing_ok=True)


def content(settings: Settings, away: Away) -> bytes:
    """What a recording is, as it was sent. Raises BucketFailed."""
    found: list[bytes] = []
    _see(Bucket(settings), away, lambda: None, found.append)
    return b"".join(found)


def sweep(desk: Desk, settings: Settings) -> str:
    """Delete in the bucket what no message speaks of any more; why something is left, or nothing."""
    doomed = desk.read(recordings_away.doomed)
    if not doomed:
        return ""
    bucket, left, problem = Bucket(settings), 0, ""
    reached = [each for each in doomed if each.place == bucket.where.place]
    for each in reached:
        try:
            bucket.delete(each.key)
        except BucketFailed as exc:
            left, problem = left + 1, str(exc)
            continue
        desk.write(partial(recordings_away.gone, name=each.name))
    told = f"{left} recordings could not be deleted in the bucket: {problem}." if left else ""
    return " ".join(filter(None, (told, _beyond(settings, doomed))))


def _beyond(settings: Settings, doomed: list[Away]) -> str:
    """What is said of those that lie where the settings do not lead, or not any more."""
    here = Where.of(settings.recordings.s3_url).place if settings.recordings.s3_url else ""
    places = [each.place for each in doomed if each.place != here]
    if not places:
        return ""
    why = f"names {here}" if here else "is not set"
    at = ", ".join(sorted({*places}))
    return f"{len(places)} recordings are to be deleted at {at}, and [recordings] s3_url {why}."


def _see(bucket: Bucket, away: Away, check: Check, take: Callable[[bytes], object]) -> None:
    """Read it, and see that it is what was sent. Raises BucketFailed, Spoilt."""
    if away.place != bucket.where.place:
        raise BucketFailed(
            f"{away.name} is kept at {away.place}, and [recordings] s3_url does not name that", again=False
        )
    if away.bytes > READ_MOST:
        raise BucketFailed(f"{away.name} is too large to be read back", again=False)
    digest, size = hashlib.sha256(), 0
    try:
        for piece in bucket.pieces(away.key):
            check()
            digest.update(piece)
            size += len(piece)
            if size > away.bytes:
                break
            take(piece)
    except NotThere as exc:
        raise Spoilt(f"{away.name} is not in the bucket any more", again=False) from exc
    if size != away.bytes or digest.hexdigest() != away.sha256:
        raise Spoilt(f"{away.name} is another in the bucket than it was here")


def _sum(path: Path, check: Check) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            check()
            digest.update(piece)
    return digest.hexdigest()
