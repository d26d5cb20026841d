"""A model of a power cut: what reached the disk between two syncs is kept, lost or torn, file by file.

APSW's VFS records every write, truncation, deletion and sync of a database while it is written to. An image
is what a disk could hold if the power went after so many of these: everything up to the last sync of each
file, and of what came later any part, in sectors of 512 bytes. A disk that lies about syncs is not modelled.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from appliance.store import database
from appliance.store.database import Connection

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to a file: `write` at an offset, `truncate` to it, `sync` or `delete`."""

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""


class _File(apsw.VFSFile):
    def __init__(self, steps: list[Step], name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._steps = steps
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(text or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._steps.append(Step("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._steps.append(Step("truncate", self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._steps.append(Step("sync", self._name))
        super().xSync(flags)


class Recorder(apsw.VFS):
    """A file system that notes what is done to it."""

    def __init__(self, name: str) -> None:
        self.steps: list[Step] = []
        self._name = name
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self.steps, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.steps.append(Step("delete", Path(filename).name))
        super().xDelete(filename, syncdir)


class Row(tuple[Any, ...]):
    """A row that can be read by position and by name, as the store's own can."""

    names: tuple[str, ...]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


def _row(cursor: apsw.Cursor, values: tuple[Any, ...]) -> Row:
    row = Row(values)
    row.names = tuple(name for name, *_ in cursor.get_description())
    return row


class Recorded:
    """An APSW connection in the shape that the store's functions take."""

    def __init__(self, path: Path, recorder: str) -> None:
        self.apsw = apsw.Connection(str(path), vfs=recorder)
        self.apsw.row_trace = _row

    @property
    def in_transaction(self) -> bool:
        return bool(self.apsw.in_transaction)

    def execute(self, sql: str, parameters: database.Parameters = (), /) -> apsw.Cursor:
        return self.apsw.execute(sql, parameters)

    def close(self) -> None:
        self.apsw.close()


@dataclass(frozen=True, slots=True)
class Recording:
    """What was done to a database that held `base`, and after how many steps what was promised."""

    file: str
    base: bytes
    steps: Sequence[Step]
    promised: Sequence[tuple[int, str]]

    def promised_by(self, cut: int) -> set[str]:
        """What was promised before so many steps."""
        return {name for at, name in self.promised if at <= cut}


def record(
    path: Path, jobs: Iterator[tuple[str, Callable[[Connection], object]]], *pragmas: str
) -> Recording:
    """Run jobs on a database that nobody else has open; each is promised when it returns."""
    base = path.read_bytes()
    recorder = Recorder(f"recorder of {path}")
    db = Recorded(path, f"recorder of {path}")
    # The store's own settings; a small log brings many checkpoints into the recording.
    database.prepare(db)
    for pragma in ("PRAGMA wal_autocheckpoint = 40", *pragmas):
        db.execute(pragma)
    promised = []
    for name, job in jobs:
        job(db)
        promised.append((len(recorder.steps), name))
    steps = tuple(recorder.steps)
    db.close()
    recorder.unregister()
    return Recording(path.name, base, steps, promised)


def images(recording: Recording, cuts: Sequence[int], chance: random.Random, folder: Path) -> Iterator[int]:
    """Put the disk after each cut into the folder, one at a time; the cuts must rise."""
    synced = {recording.file: bytearray(recording.base)}
    waiting: dict[str, list[Step]] = {}
    done = 0
    for cut in cuts:
        for step in recording.steps[done:cut]:
            _advance(synced, waiting, step)
        done = cut
        disk = {name: bytearray(content) for name, content in synced.items()}
        keep = chance.choice([0.0, 1.0, 0.5, 0.5])
        for step in (step for steps in waiting.values() for step in steps):
            if chance.random() < keep:
                _half_do(disk, step, chance)
        for old in folder.iterdir():
            old.unlink()
        for name, content in disk.items():
            if not name.endswith("-shm"):
                (folder / name).write_bytes(content)
        yield cut


def _advance(synced: dict[str, bytearray], waiting: dict[str, list[Step]], step: Step) -> None:
    if step.kind == "delete":
        synced.pop(step.file, None)
        waiting.pop(step.file, None)
    elif step.kind == "sync":
        for each in waiting.pop(step.file, []):
            _do(synced, each)
    else:
        waiting.setdefault(step.file, []).append(step)


def _do(disk: dict[str, bytearray], step: Step) -> None:
    content = disk.setdefault(step.file, bytearray())
    if step.kind == "truncate":
        del content[step.offset :]
        return
    end = step.offset + len(step.data)
    content.extend(bytes(max(0, end - len(content))))
    content[step.offset : end] = step.data


def _half_do(disk: dict[str, bytearray], step: Step, chance: random.Random) -> None:
    if step.kind == "truncate" or chance.random() < 0.7:
        _do(disk, step)
        return
    for at in range(0, len(step.data), SECTOR):
        if chance.random() < 0.5:
            _do(disk, Step("write", step.file, step.offset + at, step.data[at : at + SECTOR]))
