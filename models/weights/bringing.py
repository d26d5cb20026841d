"""One file on its way from the hub to its place.

May import: the standard library, models.weights.
"""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.weights.answers import FetchFailed
from models.weights.checksum import Checksum, sha256_of
from models.weights.hub import Answer, Hub, Patience
from models.weights.notes import Pin
from models.weights.part import Part
from models.weights.table import File, Weights
from models.weights.tries import Tries

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Moved(Protocol):
    """Sees bytes come."""

    def moved(self, by: int) -> None:
        """So many bytes have come; fewer than none when a file begins anew."""

    def waits(self, failure: FetchFailed, pause_s: float) -> None:
        """The next try comes after a pause."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A file that is to come, and what it must be. `pins` says that nobody but the hub knows it."""

    weights: Weights
    file: File
    size: int
    checksum: Checksum
    pins: bool


class Bringing:
    """Brings one file; what an earlier fetch has brought of it counts."""

    def __init__(self, owed: Owed, folder: Path) -> None:
        self.owed = owed
        self._whole = folder / owed.file.local
        self._part = Part(self._whole, owed.checksum)
        self._commit = owed.weights.revision
        if self._part.have > owed.size:
            self._part.discard()
        self.have = self._part.have
        """The bytes from an earlier time."""

    async def bring(self, hub: Hub, patience: Patience, watcher: Moved) -> Pin:
        """Have the file in its place; what it is. Raises FetchFailed, and keeps what came."""
        try:
            if self._is_there():
                watcher.moved(self.owed.size - self.have)
                self._part.discard()
            else:
                await self._bring(hub, patience, watcher)
            return Pin(self.owed.size, sha256_of(self._whole), self._commit)
        except OSError as exc:
            if exc.errno in _FULL:
                raise FetchFailed(
                    f"The disk is full: {self._whole.parent} has no room for {self.owed.file.local}. "
                    "What came of it is kept."
                ) from exc
            raise FetchFailed(f"{self._whole} cannot be written: {exc.strerror}.") from exc

    def _is_there(self) -> bool:
        """Whether it was brought by other means and only its checksum was not known here."""
        path = self._whole
        return path.is_file() and path.stat().st_size == self.owed.size and self.owed.checksum.fits(path)

    async def _bring(self, hub: Hub, patience: Patience, watcher: Moved) -> None:
        for last in (False, True):
            await self._complete(hub, Tries(patience, watcher.waits), watcher)
            if self._part.right():
                self._part.finish()
                return
            watcher.moved(-self._part.have)
            self._part.discard()
            if last:
                raise FetchFailed(
                    f"{self.owed.file.path} of {self.owed.weights.source} came twice with other bytes than "
                    "it must have. What came was removed."
                )

    async def _complete(self, hub: Hub, tries: Tries, watcher: Moved) -> None:
        """Have all bytes, however often the connection breaks."""
        owed = self.owed
        while (have := self._part.have) < owed.size:
            try:
                async with hub.file(
                    owed.weights, owed.file.path, owed.size, have=have, tag=self._part.tag
                ) as answer:
                    await self._take(answer, have, watcher)
            except FetchFailed as exc:
                if self._part.have > have:
                    tries.progress()
                await tries.again_after(exc)

    async def _take(self, answer: Answer, have: int, watcher: Moved) -> None:
        """Add what comes to what is there."""
        owed = self.owed
        stated = answer.linked_sha256 or owed.checksum.value
        if owed.checksum.kind == "sha256" and stated != owed.checksum.value:
            raise FetchFailed(
                f"The hub has another {owed.file.path} of {owed.weights.source} than it must be: "
                "nothing was taken."
            )
        self._commit = answer.commit or self._commit
        if answer.begins_at != have:
            watcher.moved(answer.begins_at - have)
        self._part.begin(answer.begins_at, answer.tag)
        came = answer.begins_at
        with self._part.growing() as file:
            async for block in answer.body:
                file.write(block[: owed.size - came])
                watcher.moved(min(len(block), owed.size - came))
                came += len(block)
                if came > owed.size:
                    raise FetchFailed(f"The hub sends more of {owed.file.path} than it must have.")
        if came < owed.size:
            raise FetchFailed(f"The hub ended {owed.file.path} too early.", retry=True)
