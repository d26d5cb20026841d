"""What a box notes about its weights beside them: pins, and which files were found right, and when.

`pins.json` holds what the hub said of files that our table has no checksum of; from then on it must hold.
`verified.json` only spares work: a file that has not changed since its bytes were added up is not read again.
May import: the standard library, orjson, appliance.core.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from appliance.core.errors import AttendantError
from appliance.core.files import settle

PINS, VERIFIED = "pins.json", "verified.json"


class NotesUnreadable(AttendantError):
    """The pins cannot be read: remove the folder and fetch again."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What a file was when it first came, and at which commit of the hub's repository."""

    size: int
    sha256: str
    commit: str


def pins(folder: Path) -> dict[str, Pin]:
    """The pins of an entry's folder by file. Raises NotesUnreadable."""
    path = folder / PINS
    try:
        tree = orjson.loads(path.read_bytes())
        return {
            name: Pin(int(pin["size"]), str(pin["sha256"]), str(pin["commit"])) for name, pin in tree.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as exc:
        raise NotesUnreadable(f"{path} cannot be read: remove {folder} and fetch it again.") from exc


def pin(folder: Path, name: str, what: Pin) -> None:
    """Keep a pin, on disk when this returns."""
    known = pins(folder) | {name: what}
    tree = {
        file: {"size": each.size, "sha256": each.sha256, "commit": each.commit}
        for file, each in known.items()
    }
    write(folder / PINS, tree)


def verified(folder: Path) -> dict[str, Any]:
    """What was found right, by file; whatever cannot be read counts as not verified."""
    try:
        tree = orjson.loads((folder / VERIFIED).read_bytes())
    except (OSError, ValueError):
        return {}
    return tree if isinstance(tree, dict) else {}


def note_verified(folder: Path, tree: dict[str, Any]) -> None:
    """Note what was found right. Where nothing may be written the next start reads the files again."""
    with contextlib.suppress(OSError):
        write(folder / VERIFIED, tree)


def look(path: Path, sha256: str) -> dict[str, Any]:
    """What is noted of a file: any change of it changes this."""
    seen = path.stat()
    return {"size": seen.st_size, "changed_ns": seen.st_ctime_ns, "sha256": sha256}


def write(path: Path, tree: dict[str, Any]) -> None:
    """Replace a note as a whole: after a power cut it is the old one or the new one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        # Whoever fetches, the programs that use the weights must be able to read it.
        os.fchmod(file.fileno(), 0o644)
        file.write(orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    settle(fresh, path)
