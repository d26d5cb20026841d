"""Retention: what is too old goes at night, rows and files, and is seen to be gone before that is said.

A run that is killed goes on where it was: a file goes before its row says so, and each batch is counted in
the transaction that deletes it. May import: the standard library, appliance.core, appliance.store,
appliance.archive, appliance.backup, appliance.jobs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from glob import escape
from pathlib import Path
from typing import Protocol, TypeVar

from appliance.archive import moving
from appliance.backup import stage
from appliance.core.files import sync_folder
from appliance.core.keeping import KeepDays
from appliance.core.recording_names import without_ending
from appliance.core.settings import Settings
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing
from appliance.jobs.timetable import Daily, Schedule
from appliance.store import calls, migrations, office, remains, retention, trials
from appliance.store.database import Connection
from appliance.store.retention import RecordedBefore

T = TypeVar("T")
NAME = "retention"
NIGHTLY = Schedule(NAME, NAME, Daily(time(3, 10)))
BATCH, CANDIDATES = 50, 2000
PAUSE_S, QUIET_LOOK_S = 0.05, 5.0
DEADLINE_S = 3600.0
LAST_S = 60.0
"""With less time left than this it is not waited for a pause of calls any more."""
COPIES_DAYS = 30
"""How long a copy of the database is kept that was made before its schema changed: what goes is in it."""
UNKNOWN_DAYS = 90
"""How old a file among the recordings must be that no row knows, where recordings are kept for ever."""
CALLS_GO_ON = "Calls were going on all the time, so that the file could not be written anew."
READ = "Another process read the database all the time, so that the file could not be written anew."


class Desk(Protocol):
    """The database as this needs it: what an errand has, and the command line as well."""

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read that sees one state of the database."""

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change in a transaction of its own."""

    def apart(self, use: Callable[[Connection], T]) -> T:
        """What a use of the database returns that is no transaction."""

    def rest(self, seconds: float) -> None:
        """Let others have the database; raises when there is no more time."""

    @property
    def left_s(self) -> float:
        """How much time is left."""


@dataclass(frozen=True, slots=True)
class Deleting:
    """One run, or what is left of one that was killed."""

    desk: Desk
    settings: Settings
    key: str
    now: datetime

    @property
    def folder(self) -> Path:
        """Where recordings lie."""
        return self.settings.box.data_dir / "recordings"

    def too_old(self, keep: KeepDays) -> None:
        """Delete all that is too old."""
        while due := self.desk.read(lambda db: self._recordings(db, keep, limit=BATCH)):
            for recording in due:
                self.recording(recording)
            self.desk.rest(PAUSE_S)
        for name, rule in self.desk.read(retention.rules).items():
            before = keep.before(rule.keep, self.now)
            if before is not None:
                self._rows(name, before)
        self.strays(keep.before("recordings", self.now) or self.now - timedelta(days=UNKNOWN_DAYS))
        self.copies(self.now - timedelta(days=COPIES_DAYS))

    def _recordings(self, db: Connection, keep: KeepDays, *, limit: int) -> list[retention.Recording]:
        return retention.recordings(db, _recorded_before(keep, self.now), limit=limit)

    def recording(self, recording: retention.Recording) -> None:
        """Delete the files of a recording, in whatever form it is kept, and then say so."""
        self._unlink(recording.name)
        delete = self.settings.voicemail.delete_at_carrier
        self.desk.write(lambda db: retention.recording_gone(db, recording, self.key, self.now, delete=delete))

    def _unlink(self, name: str) -> None:
        stem = without_ending(name)
        # Beside a file that is kept may lie the one that it was made of.
        stems = {stem, stem.removesuffix("-kept")} - {""}
        near = (path for each in stems for path in self.folder.glob(f"{escape(each)}.*"))
        found = [path for path in near if without_ending(path.name) in stems]
        for path in found:
            path.unlink(missing_ok=True)
        if self.folder.exists():
            # Also where a try that was killed removed them: nobody knows whether it came to this.
            sync_folder(self.folder)

    def _rows(self, name: str, before: datetime) -> None:
        while keys := self.desk.read(lambda db: retention.candidates(db, name, before, limit=CANDIDATES)):
            for place in range(0, len(keys), BATCH):
                self._batch(name, keys[place : place + BATCH], before)

    def _batch(self, name: str, keys: list[object], before: datetime) -> None:
        self.desk.write(lambda db: retention.delete(db, name, keys, before, self.key))
        self.desk.rest(PAUSE_S)

    def strays(self, before: datetime) -> None:
        """Delete files among the recordings that are older than that and that no row knows."""
        old = [path for path in _files(self.folder) if path.stat().st_mtime < before.timestamp()]
        known = self.desk.read(retention.known) if old else set()
        for path in old:
            if without_ending(path.name) not in known:
                self._removed(path, "files without a message")

    def copies(self, before: datetime) -> None:
        """Delete copies of the database that are older than that, and what a kill left of others."""
        for path in migrations.copies(self.settings.database):
            if path.stat().st_mtime < before.timestamp():
                self._removed(path, "copies of the database")
        data = self.settings.box.data_dir
        if left := trials.sweep(data) + stage.sweep(data):
            sync_folder(data)
            self.desk.write(lambda db: retention.counted(db, self.key, "copies of the database", left))

    def _removed(self, path: Path, what: str) -> None:
        path.unlink(missing_ok=True)
        # Else a power cut could bring it back after it was counted.
        sync_folder(path.parent)
        self.desk.write(lambda db: retention.counted(db, self.key, what, 1))

    def verify(self) -> str:
        """See that what was deleted is gone from the file and the bucket, and note that; why not, or nothing.

        Waits for a pause of calls. What a run before this one deleted, and a kill kept it from seeing, is
        looked for as well: its witnesses are in the store.
        """
        left = moving.sweep(self.desk, self.settings)
        unseen = self.desk.read(retention.unseen)
        if unseen.anything and (problem := self._gone(unseen)):
            return problem
        self.desk.write(lambda db: retention.seen(db, unseen, self.now))
        return left

    def _gone(self, unseen: retention.Unseen) -> str:
        """Have the file written anew, and look for what was deleted; why it is not gone, or nothing."""
        path = self.settings.database
        problem = self._when_quiet(lambda: self.desk.apart(lambda db: remains.rewritten(db, path)))
        if problem:
            return problem
        left = self.desk.apart(lambda db: remains.found(db, path, unseen.witnesses))
        return f"Of what was deleted {left} pieces are in the file still." if left else ""

    def _when_quiet(self, rewrite: Callable[[], bool]) -> str:
        while True:
            live = self.desk.read(calls.live)
            if not live and rewrite():
                return ""
            if self.desk.left_s < LAST_S:
                return CALLS_GO_ON if live else READ
            self.desk.rest(min(QUIET_LOOK_S, LAST_S / 2))


def retaining(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Kind[Nothing]:
    """The kind that deletes what is too old, every night."""

    def run(errand: Errand, _: Nothing) -> Change:
        key, now = errand.job.key, clock()
        keep = errand.read(lambda db: office.staff(db).keep_days)
        errand.write(lambda db: retention.begin(db, key, NAME, by="", now=now))
        deleting = Deleting(errand, settings, key, now)
        deleting.too_old(keep)
        problem, staying = deleting.verify(), errand.read(lambda db: held(db, keep, now))
        if problem:
            errand.write(lambda db: retention.ended(db, key, staying, problem))
            raise JobFailed(problem, again=True)
        return lambda db: retention.ended(db, key, staying, "")

    return Kind(NAME, Nothing, run, DEADLINE_S)


def held(db: Connection, keep: KeepDays, now: datetime) -> dict[str, int]:
    """How much is too old and stays because it is held, by kind."""
    return {name: staying for name, (_, staying) in counts(db, keep, now).items() if staying}


def counts(db: Connection, keep: KeepDays, now: datetime) -> dict[str, tuple[int, int]]:
    """How much is too old, by kind: what goes, and what stays because it is held."""
    found = {}
    recorded = _recorded_before(keep, now)
    going, staying = (
        len(retention.recordings(db, recorded, held=stays, limit=1_000_000)) for stays in (False, True)
    )
    found["recordings"] = (going, staying)
    for name, rule in retention.rules(db).items():
        before = keep.before(rule.keep, now)
        found[name] = (0, 0) if before is None else retention.count(db, rule, before)
    return found


def _recorded_before(keep: KeepDays, now: datetime) -> RecordedBefore:
    """Before when a recording must have been left, or dealt with, to be too old.

    It does not outlive its message, nor keeps one when there is nothing to be heard.
    """
    messages = keep.before("messages", now)
    done = max(filter(None, (keep.before("recordings_done", now), messages)), default=None)
    return RecordedBefore(keep.before("recordings", now), done, unfetched=messages)


def _files(folder: Path) -> Iterator[Path]:
    if folder.exists():
        yield from (path for path in folder.iterdir() if path.is_file())
