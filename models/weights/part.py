"""The beginning of a file that is still coming: NAME.part, and beside it what it is the beginning of.

It outlives the process, so a fetch goes on where the last one ended.
May import: the standard library, orjson, appliance.core, models.weights.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from appliance.core.files import settle
from models.weights import notes
from models.weights.checksum import Checksum


class Part:
    """What there is of one file; only whole and checked does it get the file's name."""

    def __init__(self, path: Path, checksum: Checksum) -> None:
        """Take up what is there, if it is the beginning of the file that has this checksum."""
        self._whole = path
        self._path = path.with_name(f"{path.name}.part")
        self._origin = path.with_name(f"{path.name}.part.json")
        self._checksum = checksum
        self.tag = ""
        """The tag under which these bytes came."""
        try:
            noted = orjson.loads(self._origin.read_bytes())
            known = noted["checksum"] == checksum.value
            self.tag = str(noted["tag"]) if known else ""
        except (OSError, ValueError, KeyError, TypeError):
            known = False
        if not known:
            self.discard()

    @property
    def have(self) -> int:
        """How many bytes there are."""
        return self._path.stat().st_size if self._path.is_file() else 0

    def begin(self, at: int, tag: str) -> None:
        """Keep the first `at` bytes; what is added to them comes under this tag."""
        with self._path.open("ab") as file:
            file.truncate(at)
        self.tag = tag
        notes.write(self._origin, {"checksum": self._checksum.value, "tag": tag})

    @contextmanager
    def growing(self) -> Iterator[BinaryIO]:
        """The file to add to; on disk when this is left, however it is left."""
        with self._path.open("ab") as file:
            try:
                yield file
            finally:
                file.flush()
                os.fsync(file.fileno())

    def right(self) -> bool:
        """Whether its bytes are those of the file."""
        return self._checksum.fits(self._path)

    def finish(self) -> None:
        """Give it the file's name, on disk when this returns."""
        self._path.chmod(0o644)
        settle(self._path, self._whole)
        self._origin.unlink(missing_ok=True)

    def discard(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)
        self._origin.unlink(missing_ok=True)
        self.tag = ""
