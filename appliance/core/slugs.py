"""Slugs: what things are known by for ever, made of the names that people give them.

Pure. May import: the standard library.
"""

import re
import unicodedata
from collections.abc import Container


def slug(name: str, most: int) -> str:
    """A name in at most so many small letters, digits and dashes; empty where none of it are such."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:most].strip("-")


def free(wanted: str, taken: Container[str]) -> str:
    """The slug itself, or where it is taken one with a number behind it that is not."""
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
