"""Files that staff gave and nobody has read yet: kept in a folder, on disk before it is said that they are.

May import: the standard library, appliance.core, kb.documents.
"""

import os
import secrets
import shutil
import stat
import time
from collections.abc import Set
from contextlib import suppress
from pathlib import Path
from typing import IO

from appliance.core.files import settle
from kb.documents import kinds
from kb.documents.blocks import DocumentRefused

FOLDER = "uploads"
PART = ".part"
YOUNG_S = 3600.0
"""A file that nobody knows of is kept for so long: its row may be about to be written."""


class Uploads:
    """Those files, each by a name of its own, which ends like the file's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self._folder / name

    def keep(self, file: Path) -> str:
        """Copy a file, and return its name here; it is on disk then. Raises DocumentRefused, OSError."""
        with file.open("rb") as given:
            state = os.fstat(given.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise DocumentRefused(f"{file} is no file.")
            if state.st_size > kinds.LARGEST:
                raise DocumentRefused(kinds.too_large(state.st_size))
            return self.take(given, file.name)

    def take(self, given: IO[bytes], file_name: str) -> str:
        """Copy what can be read from there; return its name here. Raises DocumentRefused, OSError."""
        name = secrets.token_hex(8) + Path(file_name).suffix.lower()[:12]
        self._make_folder()
        part = self.path(name + PART)
        try:
            with part.open("xb") as kept:
                shutil.copyfileobj(given, kept)
                if kept.tell() > kinds.LARGEST:
                    raise DocumentRefused(kinds.too_large(kept.tell()))
                kept.flush()
                self._own(kept.fileno())
                os.fsync(kept.fileno())
            settle(part, self.path(name))
        finally:
            part.unlink(missing_ok=True)
        return name

    def write(self, data: bytes) -> Path:
        """A file of what was fetched; whoever asks for it deletes it, and `tidy` does otherwise."""
        self._make_folder()
        file = self.path(f"{secrets.token_hex(8)}{PART}")
        file.write_bytes(data)
        return file

    def tidy(self, wanted: Set[str]) -> int:
        """Delete what nobody waits for; return how much that was."""
        old_s = time.time() - YOUNG_S
        gone = 0
        for file in self._folder.iterdir() if self._folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if file.name not in wanted and file.stat().st_mtime < old_s:
                    file.unlink()
                    gone += 1
        return gone

    def _make_folder(self) -> None:
        for folder in (self._folder.parent, self._folder):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                handle = os.open(folder, os.O_DIRECTORY)
                try:
                    self._own(handle)
                finally:
                    os.close(handle)

    def _own(self, handle: int) -> None:
        """Have it belong to whom the box belongs to, when root gives it."""
        if os.geteuid() == 0:
            box = self._folder.parent.parent.stat()
            os.fchown(handle, box.st_uid, box.st_gid)
            os.fchmod(handle, os.fstat(handle).st_mode & 0o700)
