"""Checksums of files, as our table and as the hub state them.

May import: the standard library.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file's bytes must add up to: sha256, or the name that git gives small files."""

    kind: Literal["sha256", "git"]
    value: str

    def fits(self, path: Path) -> bool:
        """Whether the file's bytes add up to it."""
        return (sha256_of(path) if self.kind == "sha256" else git_blob_of(path)) == self.value


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob_of(path: Path) -> str:
    """The name that git gives a file with these bytes."""
    made = hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            made.update(block)
    return made.hexdigest()
