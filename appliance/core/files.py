"""Files that are promised to somebody: whole, under their name, on disk; and who may read them.

Blocks: not for the event loop. May import: the standard library.
"""

import os
from contextlib import suppress
from pathlib import Path


def umask_in(folder: Path) -> int:
    """With which umask to write there: a group that may write in the folder shares what is in it.

    So it is where bridge and admin are two users; else a box is one user's own.
    """
    try:
        return 0o007 if folder.stat().st_mode & 0o020 else 0o077
    except FileNotFoundError:
        return 0o077


def private_in(folder: Path) -> int:
    """The mode of a file there that is private: to its user, and to a group that shares the folder."""
    return 0o660 & ~umask_in(folder)


def folder_made(folder: Path) -> None:
    """Make a folder of our own, unless it is there, and have its name on disk: what it holds may be promised.

    Raises OSError.
    """
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def settle(part: Path, path: Path) -> None:
    """Give a file that is on disk its name, and have the name on disk as well."""
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk: they survive a power cut. Raises OSError."""
    try:
        handle = os.open(folder, os.O_DIRECTORY)
    except PermissionError:  # a folder in which we may leave something, and look at nothing
        os.sync()
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def opened(path: Path, mode: int) -> int:
    """A file to read and write, made in this mode when there is none, whoever makes it. Raises OSError."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return os.open(path, os.O_RDWR)
    _given(handle, path.parent)
    os.fchmod(handle, mode)
    return handle


def replace(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file in the place of its former self; nobody ever sees a part of it. Raises OSError."""
    settle(written(path, content, mode=mode), path)


def written(path: Path, content: bytes, *, mode: int) -> Path:
    """What is to have this name, on disk under another; on an OSError there is nothing of it."""
    part = path.with_name(path.name + ".new")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            _given(handle, path.parent)
            os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(handle)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def _given(handle: int, folder: Path) -> None:
    """Give a file to whom its folder is: written by root's hand it is the box's user's all the same."""
    known = folder.stat()
    if os.geteuid() == 0:
        os.fchown(handle, known.st_uid, known.st_gid)
    elif os.fstat(handle).st_gid != known.st_gid:
        with suppress(PermissionError):  # we are not in that group: the doctor sees it
            os.fchown(handle, -1, known.st_gid)
