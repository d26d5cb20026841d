"""Which machine answers under a box's name, where two share it: claims in the repository.

A claim is a small snapshot with a number, one higher than the last. The last one counts, whatever clocks say.
A machine that finds the claim of another stands down, and says so there: whoever took over knows then that
nobody else answers. Where nobody ever took over there are none.
May import: the standard library, appliance.core, appliance.backup.
"""

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from appliance.backup.restic import BackupFailed, Restic
from appliance.core import files, in_service

KIND = "attendant-claim"
MACHINE = "machine"
"""The file in the data folder that tells this machine from others; it is in no backup."""
TAKEN, YIELDED = "taken", "yielded"


class TakenOver(BackupFailed):
    """Another machine answers under this box's name."""


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """That a machine answers from now on, or with `what` YIELDED that it answers no more."""

    number: int
    machine: str
    what: str


def machine(data: Path) -> str:
    """What this machine is called in claims, chosen once. Raises BackupFailed."""
    path = data / MACHINE
    try:
        if path.exists() and (known := path.read_text("utf-8").strip()):
            return known
        name = secrets.token_hex(6)
        files.replace(path, f"{name}\n".encode(), mode=0o600)
    except OSError as exc:
        raise BackupFailed(f"{path} cannot be had: {exc.strerror}.") from exc
    return name


def all_of(restic: Restic, name: str) -> list[Claim]:
    """The claims for a box's name, the last one last. Raises BackupFailed."""
    found = [
        Claim(int(each.tagged("number") or 0), each.tagged("machine"), each.tagged("what"))
        for each in restic.snapshots(KIND)
        if each.host == name
    ]
    return sorted(found)


def holder(claims: list[Claim]) -> Claim | None:
    """Who answers by these."""
    return next((each for each in reversed(claims) if each.what == TAKEN), None)


def take(restic: Restic, data: Path, name: str) -> Claim:
    """Claim that this machine answers; the same claim again where it does already. Raises BackupFailed."""
    own, known = machine(data), all_of(restic, name)
    last = holder(known)
    if last is not None and last.machine == own and not _has_yielded(known, own, last.number):
        return last
    number = known[-1].number + 1 if known else 1
    _write(restic, name, Claim(number, own, TAKEN))
    now = holder(all_of(restic, name))
    if now is None or now.machine != own:
        raise TakenOver("Another machine took over in this very moment.", again=False)
    return now


def has_yielded(restic: Restic, name: str, own: str) -> bool:
    """Whether the machine that answered before this one says that it answers no more. Raises BackupFailed."""
    known = all_of(restic, name)
    others = [each for each in known if each.machine != own]
    return bool(others) and others[-1].what == YIELDED


def give_up(restic: Restic, data: Path, name: str) -> None:
    """Say that this machine answers no more. Raises BackupFailed."""
    own, known = machine(data), all_of(restic, name)
    number = known[-1].number if known else 1
    if not _has_yielded(known, own, number):
        _write(restic, name, Claim(number, own, YIELDED))


def see(restic: Restic, data: Path, name: str) -> None:
    """See that no other machine has taken over; else stand down, and say so. Raises BackupFailed."""
    last, own = holder(all_of(restic, name)), machine(data)
    if last is None or last.machine == own:
        return
    told = f"Another box took over from this one, under the name {name}."
    try:
        in_service.stand_down(data, told)
    except OSError as exc:
        raise BackupFailed(f"This box was taken over and cannot stand down: {exc.strerror}.") from exc
    give_up(restic, data, name)
    raise TakenOver(told, again=False)


def _has_yielded(known: list[Claim], own: str, number: int) -> bool:
    return any((each.machine, each.what) == (own, YIELDED) and each.number >= number for each in known)


def _write(restic: Restic, name: str, claim: Claim) -> None:
    with tempfile.TemporaryDirectory(prefix="attendant-claim-") as folder:
        Path(folder, KIND).write_text(f"{claim}\n", "utf-8")
        tags = (f"number={claim.number}", f"machine={claim.machine}", f"what={claim.what}")
        restic.backup(Path(folder), name, tags, KIND)
