"""Files that are promised to somebody: whole, under their name, on disk.

Blocks: not for the event loop. May import: the standard library.
"""

import os
from pathlib import Path


def settle(part: Path, path: Path) -> None:
    """Give a file that is on disk its name, and have the name on disk as well."""
    part.replace(path)
    folder = os.open(path.parent, os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
