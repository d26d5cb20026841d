"""Sentences rendered ahead: files on disk and, for those that are used at once, in memory.

A file is one sentence of one voice in one coding, named by the digest of all three, so that an edited
sentence or another voice is another file and nothing in use is ever changed. It opens with the digest of
its sound: what a power cut or a bad disk left is taken for missing. Nothing that a caller says or is told
personally is kept here. Reading and writing block: not for the event loop.
May import: the standard library, appliance.core.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from appliance.core.errors import AttendantError

FOLDER = "prompts"
"""The name of its folder in the box's data folder."""
SUFFIX = ".sound"
DIGEST_BYTES = 32
DISK_MOST = 64 * 1024 * 1024
MEMORY_MOST = 24 * 1024 * 1024
MADE = "2"
"""How sounds are made: another number here, and every sentence is made anew."""


class PromptNotKept(AttendantError):
    """A sentence could not be written to the cache."""


def key_of(voice: str, rate: int, text: str) -> str:
    """The name of an entry: what is said by which voice, for a line of which rate."""
    return hashlib.sha256("\0".join((MADE, voice, str(rate), text)).encode("utf-8", "replace")).hexdigest()


class PromptCache:
    """The rendered sentences of a box. Safe to use from several threads."""

    def __init__(self, folder: Path, *, disk_most: int = DISK_MOST, memory_most: int = MEMORY_MOST) -> None:
        self.folder = folder
        self._disk_most = disk_most
        self._memory_most = memory_most
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._held_bytes = 0
        self._room = 0
        """So many bytes more are written before the folder is looked at again: others write to it too."""
        self._lock = Lock()

    def held(self, key: str) -> bytes | None:
        """The sound if it is in memory. Returns at once."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def read(self, key: str) -> bytes | None:
        """The sound from memory or disk; None when it is not there or broken."""
        sound = self.held(key)
        if sound is not None:
            return sound
        try:
            content = self._file(key).read_bytes()
        except OSError:
            return None
        sound = content[DIGEST_BYTES:]
        if not sound or content[:DIGEST_BYTES] != hashlib.sha256(sound).digest():
            return None
        self._hold(key, sound)
        return sound

    def preload(self, keys: Iterable[str]) -> int:
        """Take these into memory; how many of them are there."""
        return sum(self.read(key) is not None for key in keys)

    def write(self, key: str, sound: bytes) -> None:
        """Keep a sound, whole or not at all. Raises PromptNotKept."""
        path = self._file(key)
        part = path.with_name(f".{key}.{secrets.token_hex(4)}.part")
        try:
            self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._make_room(DIGEST_BYTES + len(sound))
            try:
                # Nothing waits for the disk: what a power cut left is told by its digest, and made anew.
                with part.open("xb") as file:
                    file.write(hashlib.sha256(sound).digest() + sound)
                part.rename(path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as exc:
            raise PromptNotKept(f"A sentence cannot be kept in {self.folder}: {exc.strerror}.") from exc

    def sweep(self, keep: set[str]) -> int:
        """Remove what is not to be kept, and what an interrupted write left; how many sounds that were."""
        stale = [path for path in self._files() if path.name.removesuffix(SUFFIX) not in keep]
        for path in [*stale, *self.folder.glob(".*.part")]:
            path.unlink(missing_ok=True)
        return len(stale)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def _files(self) -> list[Path]:
        return list(self.folder.glob(f"*{SUFFIX}"))

    def _make_room(self, size: int) -> None:
        """Remove the oldest until this fits. Raises PromptNotKept when it never will."""
        if size > self._disk_most:
            raise PromptNotKept("A sentence is too long to be kept.")
        with self._lock:
            self._room -= size
            if self._room >= 0:
                return
            self._room = self._cleared(size) // 2

    def _cleared(self, size: int) -> int:
        """How much fits besides this, once the oldest had to go where it did not."""
        found = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in self._files())
        over = sum(length for _, length, _ in found) + size - self._disk_most
        for _, length, path in found:
            if over <= 0:
                break
            path.unlink(missing_ok=True)
            over -= length
        return -over

    def _hold(self, key: str, sound: bytes) -> None:
        with self._lock:
            if key in self._held or len(sound) > self._memory_most:
                return
            self._held[key] = sound
            self._held_bytes += len(sound)
            while self._held_bytes > self._memory_most:
                self._held_bytes -= len(self._held.popitem(last=False)[1])
