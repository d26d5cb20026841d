"""What of the weights is on this box, and whether it is what it must be. No network.

Cheap at a start: names and sizes, and bytes only of what changed since they were last added up.
May import: the standard library, appliance.core, models.weights.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from appliance.core.errors import AttendantError
from models.weights import notes, table
from models.weights.checksum import sha256_of
from models.weights.notes import NotesUnreadable
from models.weights.table import File, Weights

Condition = Literal["there", "missing", "broken", "unpinned"]


class NotReady(AttendantError):
    """These weights cannot be used. `condition` says how; the text says what to do."""

    def __init__(self, condition: Condition, reason: str) -> None:
        super().__init__(reason)
        self.condition = condition


@dataclass(frozen=True, slots=True)
class State:
    """How an entry stands on this box; `reason` is a sentence unless it is there."""

    condition: Condition
    reason: str = ""


def ready(models: Path, name: str, known: table.Table | None = None) -> Path:
    """The folder of an entry that is there and whole. Raises NotReady with a reason, or NoSuchWeights."""
    weights = (known or table.load()).of(name)
    found = state(weights, models)
    if found.condition != "there":
        raise NotReady(found.condition, found.reason)
    return models / name


def state(weights: Weights, models: Path, *, read_all: bool = False) -> State:
    """How an entry stands; `read_all` adds up every byte, even of files that have not changed."""
    folder = models / weights.name
    try:
        absent = [file.local for file in weights.files if not (folder / file.local).is_file()]
        problem, unpinned = _examined(weights, folder, absent, read_all=read_all)
    except (OSError, NotesUnreadable) as exc:
        return State("broken", f"{weights.name} cannot be read: {exc}")
    fetch = f"attendant models fetch {weights.name}"
    if problem:
        return State("broken", f"{weights.name} is broken: {problem}. Bring it again: {fetch}")
    if absent:
        lacks = "is not here" if len(absent) == len(weights.files) else f"lacks {', '.join(absent)}"
        return State("missing", f"{weights.name} {lacks}. Bring it: {fetch}")
    if unpinned:
        what = f"{weights.name} cannot be checked: nothing here says what {unpinned} must be"
        return State("unpinned", f"{what}. Have the hub asked once: {fetch}")
    return State("there")


def expected(file: File, pins: dict[str, notes.Pin]) -> tuple[int | None, str | None]:
    """The size and sha256 that a file must have, from the table or from the pin; None where nobody says."""
    pin = pins.get(file.local)
    size = file.size if file.size is not None or pin is None else pin.size
    return size, file.sha256 or (pin.sha256 if pin else None)


def _examined(weights: Weights, folder: Path, absent: list[str], *, read_all: bool) -> tuple[str, str]:
    """What is wrong with a file, and which file nothing is known of; empty for neither."""
    if len(absent) == len(weights.files):
        return "", ""
    pins, before, after = notes.pins(folder), notes.verified(folder), dict[str, Any]()
    problem = unpinned = ""
    for file in weights.files:
        if file.local in absent:
            continue
        path, (size, sha256) = folder / file.local, expected(file, pins)
        if size is not None and path.stat().st_size != size:
            problem = f"{file.local} has {path.stat().st_size} bytes instead of {size}"
        elif sha256 is None:
            unpinned = file.local
        else:
            seen = notes.look(path, sha256)
            if (read_all or before.get(file.local) != seen) and sha256_of(path) != sha256:
                problem = f"{file.local} has other bytes than it must have"
            else:
                after[file.local] = seen
    if after != before:
        notes.note_verified(folder, after)
    return problem, unpinned
