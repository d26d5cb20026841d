"""The versions of the box that lie on the disk, and what came of the last update, as anybody may read them.

`appliance.service.update` lays and switches them. May import: the standard library, appliance.core.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from appliance.core.files import replace

ROOT = Path("/opt/attendant")
COMPLETE = ".complete"
"""Written last into a version or an environment, with what it is; one without is half made."""
LAST = "last_update.json"
READ_MOST = 8192
TOLD_MOST = 1000


class Came(StrEnum):
    """What came of an update."""

    RUNS = "runs"
    TAKEN_BACK = "taken back"
    """The new version was not well, and the one before runs again."""
    FAILED = "failed"
    """It ended before anything that runs was changed, or somebody has to look: the words say which."""


@dataclass(frozen=True, slots=True)
class LastUpdate:
    """The last update, or the last way back: to which version, from which, when, and what came of it."""

    version: str
    before: str
    at: str
    came: Came
    told: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """What lies there; without any version this is a checkout, or a package of somebody else's."""

    names: list[str]
    current: str
    previous: str
    last: LastUpdate | None


def installed(root: Path = ROOT) -> Installed:
    """Look; what cannot be read is as if it were not there."""
    try:
        found = names(root)
    except OSError:
        found = []
    return Installed(found, _led(root, "current"), _led(root, "previous"), last_update(root))


def names(root: Path) -> list[str]:
    """The versions that are complete, the newest last. Raises OSError."""
    found = [path.parent for path in (root / "versions").glob(f"*/{COMPLETE}")]
    return [path.name for path in sorted(found, key=lambda each: (each / COMPLETE).stat().st_mtime)]


def last_update(root: Path) -> LastUpdate | None:
    """What came of the last update; None where none is known."""
    try:
        with (root / LAST).open("rb") as file:
            told = json.loads(file.read(READ_MOST))
        fields = {name: str(told[name])[:TOLD_MOST] for name in ("version", "before", "at", "told")}
        datetime.fromisoformat(fields["at"])
        return LastUpdate(**fields, came=Came(told["came"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note(root: Path, last: LastUpdate) -> None:
    """Keep what came of one. Raises OSError."""
    replace(root / LAST, json.dumps(asdict(last)).encode(), mode=0o644)


def _led(root: Path, link: str) -> str:
    try:
        return Path(os.readlink(root / link)).name
    except OSError:
        return ""
