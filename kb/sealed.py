"""A file that is made beside its name, sealed with a checksum, and put in place in one step.

May import: the standard library, appliance.core, appliance.store.
"""

import errno
import fcntl
import os
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from appliance.core.errors import AttendantError
from appliance.core.files import sync_folder
from appliance.store import database
from appliance.store.errors import DatabaseReadOnly, DiskFailed, DiskFull

SEAL, MARK = struct.Struct("<8sQI"), b"kbindex\n"
"""Behind the engine's pages, which it does not look beyond: a mark, their length and their checksum."""
READ_AT_ONCE = 1 << 20
BUSY_S = 120.0
LOOKED_EVERY_S = 0.1


class IndexBusy(AttendantError):
    """Another process is making the index, and did not end in time. Trying again can help."""


class SealBroken(ValueError):
    """The file is not what was made."""


@contextmanager
def made_beside(path: Path, busy_s: float = BUSY_S) -> Iterator[Path]:
    """A name beside this one for a new file, which takes its place if all goes well, else it is thrown away.

    One process makes it at a time. Until the last step what stood under the name stays; a power cut leaves
    that or the new one. Raises StoreError (DiskFull and the like), and IndexBusy.
    """
    beside = path.with_name(f"{path.name}.building")
    with _translated(path), _alone(path, busy_s):
        beside.unlink(missing_ok=True)
        try:
            yield beside
            _seal(beside)
            beside.replace(path)
            sync_folder(path.parent)
        finally:
            beside.unlink(missing_ok=True)


def check(path: Path) -> None:
    """Read all of a sealed file. Raises SealBroken unless it is, byte for byte, what was made; OSError."""
    with path.open("rb") as file:
        end = max(0, file.seek(0, os.SEEK_END) - SEAL.size)
        file.seek(0)
        told = _summed(file, end)
        seal = file.read()
    if seal != SEAL.pack(MARK, *told):
        raise SealBroken("Its checksum is wrong.")


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        length, checksum = _summed(file)
        file.write(SEAL.pack(MARK, length, checksum))
        file.flush()
        os.fsync(file.fileno())


def _summed(file: IO[bytes], most: int | None = None) -> tuple[int, int]:
    """How long a file is from here on, at most so many bytes, and their checksum."""
    length = checksum = 0
    while part := file.read(READ_AT_ONCE if most is None else min(READ_AT_ONCE, most - length)):
        length, checksum = length + len(part), zlib.crc32(part, checksum)
    return length, checksum


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with database.translated(path):
            yield
    except OSError as exc:
        full = exc.errno in (errno.ENOSPC, errno.EDQUOT)
        kind = (
            DiskFull if full else DatabaseReadOnly if exc.errno in (errno.EROFS, errno.EACCES) else DiskFailed
        )
        raise kind(f"The index {path} cannot be made: {exc.strerror}.") from exc


@contextmanager
def _alone(path: Path, busy_s: float) -> Iterator[None]:
    """Hold the right to build, which a killed process loses by itself."""
    until = time.monotonic() + busy_s
    with path.with_name(f"{path.name}.lock").open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                if time.monotonic() > until:
                    raise IndexBusy(f"Another process has been making {path} for {busy_s:.0f} s.") from exc
                time.sleep(LOOKED_EVERY_S)
            else:
                yield
                return
