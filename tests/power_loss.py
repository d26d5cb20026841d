"""A real file system whose power can be cut: ext4 in a file, and what of it had reached that file by then.

A process makes promises one after the other on it, and is stopped behind each call that could have changed
a file. A copy of that one file is what a box finds when the power is back: what the kernel still holds is not
in it. A disk that lies about syncs is not modelled. Needs root and loop devices. May import: the standard
library.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

MB = 1024 * 1024
CHANGES = frozenset(
    {"open", "write", "close", "flush", "fsync", "sync", "replace", "rename", "unlink", "mkdir", "truncate",
     "sendfile", "copy_file_range", "__exit__", "execute"}
)  # fmt: skip
"""Functions written in C behind which a file may be another: we stop behind each."""


class NoDisk(Exception):
    """There can be no disk of its own here: it needs root and loop devices."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The power went: what is on the disk, and how much had been promised."""

    folder: Path
    promised: int


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk of its own, mounted at `folder`."""

    folder: Path
    image: Path

    def cuts(self, promise: Callable[[int], object], count: int) -> Iterator[Cut]:
        """Make so many promises, and cut the power at every step of them, each time from the beginning."""
        ours, theirs = os.pipe()
        with warnings.catch_warnings():
            # Python warns of other threads: the child makes its promises alone, and nothing but them.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            self._promises(promise, count, theirs)
        os.close(theirs)
        promised = 0
        try:
            with os.fdopen(ours, "rb", buffering=0) as told:
                os.set_blocking(ours, False)
                while os.WIFSTOPPED(status := os.waitpid(child, os.WUNTRACED)[1]):
                    promised += len(told.read(MB) or b"")
                    with self._after() as folder:
                        yield Cut(folder, promised)
                    os.kill(child, signal.SIGCONT)
        except GeneratorExit:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        if os.waitstatus_to_exitcode(status):
            raise AssertionError("a promise could not be made at all")

    def _promises(self, promise: Callable[[int], object], count: int, told: int) -> None:
        """Never returns: a process of its own."""
        ended = 1
        try:
            for number in range(count):
                threading.setprofile(_stopping)
                sys.setprofile(_stopping)
                promise(number)
                sys.setprofile(None)
                os.write(told, b"+")
                os.kill(os.getpid(), signal.SIGSTOP)
            ended = 0
        finally:
            os._exit(ended)

    @contextmanager
    def _after(self) -> Iterator[Path]:
        """The disk as it is when the power is back."""
        copy = self.image.with_name("after.img")
        shutil.copyfile(self.image, copy)
        with _mounted(copy, self.folder.with_name("after")) as folder:
            yield folder


def _stopping(_frame: FrameType, event: str, called: object) -> None:
    if event == "c_return" and getattr(called, "__name__", "") in CHANGES:
        os.kill(os.getpid(), signal.SIGSTOP)


@contextmanager
def disk(place: Path, size_mb: int = 8) -> Iterator[Disk]:
    """A new disk. Raises NoDisk."""
    image = place / "disk.img"
    with image.open("wb") as file:
        file.truncate(size_mb * MB)
    try:
        _run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
        with _mounted(image, place / "disk") as folder:
            yield Disk(folder, image)
    except (FileNotFoundError, subprocess.CalledProcessError) as exc:
        raise NoDisk(str(exc)) from exc


@contextmanager
def _mounted(image: Path, folder: Path) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    # Nothing is brought to the disk by the clock: the test alone says when.
    _run("mount", "-o", "loop,commit=600", str(image), str(folder))
    try:
        yield folder
    finally:
        _run("umount", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
