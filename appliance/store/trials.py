"""Folders in which a version is tried over a copy of the books: locked by who tries, and gone with them.

May import: the standard library.
"""

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)
PREFIX = ".trial-"


@contextmanager
def folder(data: Path) -> Iterator[Path]:
    """A new one, for as long as it is tried. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=data) as made:
        handle = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Path(made)
        finally:
            os.close(handle)


def sweep(data: Path) -> int:
    """Remove those of tries that were killed; how many that were. One that goes on keeps its own."""
    return sum(_removed(path) for path in data.glob(f"{PREFIX}*"))


def _removed(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
        finally:
            os.close(handle)
    except BlockingIOError:
        return False
    except OSError as exc:
        log.error("a copy of a trial cannot be removed", extra={"path": str(path), "problem": str(exc)})
        return False
    return True
