"""Files that are promised to somebody: whole, under their name, on disk; and who may read them.

Blocks: not for the event loop. May import: the standard library.
"""

import os
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


def settle(part: Path, path: Path) -> None:
    """Give a file that is on disk its name, and have the name on disk as well."""
    part.replace(path)
    folder = os.open(path.parent, os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
