"""A disk that is really small, so that it can be really full: a tmpfs. Needs root.

May import: the standard library, pytest.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PIECE = 4096


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Have a disk of this size, such as `2m`, at a folder; without root the test is skipped."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def free(folder: Path) -> int:
    """How many bytes are free."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def filled(folder: Path, leave: int = 0) -> Path:
    """Fill the disk but for so many bytes; the file that does."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        while free(folder) > leave:
            file.write(b"x" * min(PIECE, free(folder) - leave))
    return filler
