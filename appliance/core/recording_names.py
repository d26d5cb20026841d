"""The names of recordings' files: which part names the recording, and which says how it is kept.

Pure. May import: the standard library.
"""

from pathlib import PurePath

ENDINGS = frozenset({".wav", ".flac", ".opus", ".part", ".raw", ".etag"})
"""Whole files, and halves of files on their way. A PBX's names have points in them themselves."""


def without_ending(name: str) -> str:
    """What names the recording."""
    path = PurePath(name)
    while path.suffix in ENDINGS:
        path = path.with_suffix("")
    return path.name
