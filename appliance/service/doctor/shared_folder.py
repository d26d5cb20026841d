"""The folder that the bridge and the PBX share, as a doctor sees it: may each do there what it has to.

Whose a running PBX is stands in /proc, where everybody may read it.
May import: the standard library, appliance.core, appliance.service.
"""

import grp
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.core.examined import Examined, missing, note, well
from appliance.service.pbx.house import FOLDERS, House

PART = "shared folder"
LISTENING = "0A"
PROGRAM = "asterisk"
MAKE = "`systemd-tmpfiles --create attendant.conf` makes and mends it"


@dataclass(frozen=True, slots=True)
class Account:
    """A user with all its groups, and what its files keep from others."""

    uid: int
    groups: frozenset[int]
    umask: int = 0o022

    @classmethod
    def known(cls, uid: int) -> "Account | None":
        """As this machine's accounts have it."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return None
        return cls(uid, frozenset(os.getgrouplist(entry.pw_name, entry.pw_gid)))

    @property
    def name(self) -> str:
        """How it is called."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def may(self, path: Path, wanted: int) -> bool:
        """Whether it may do all of this there: 4 read, 2 write, 1 enter. Raises OSError."""
        found = path.stat()
        if self.uid == found.st_uid:
            given = found.st_mode >> 6
        elif found.st_gid in self.groups:
            given = found.st_mode >> 3
        else:
            given = found.st_mode
        return self.uid == 0 or given & wanted == wanted


def examined(house: House, ami_port: int, proc: Path = Path("/proc")) -> Examined:
    """Look whether the PBX that runs now can read what is ours, and we what it records."""
    try:
        lacking = [name or "." for name in FOLDERS if not (house.folder / name).is_dir()]
        bridge = Account.known(house.folder.stat().st_uid)
    except OSError as exc:
        return missing(PART, f"{house.folder}: {exc.strerror}. {MAKE}, or start attendant-bridge.")
    if lacking:
        return missing(
            PART, f"{', '.join(lacking)} not in {house.folder}: {MAKE}, or start attendant-bridge."
        )
    pbx = running(ami_port, proc)
    if pbx is None:
        return note(PART, "no Asterisk runs: whether it may use the folder is seen when it does.")
    problems = [*_kept_out(house, pbx), *_lost(house, pbx, bridge)]
    if problems:
        return missing(PART, f"{'; '.join(problems)}.")
    return well(PART, f"{house.folder} serves the bridge and Asterisk's user {pbx.name!r}")


def _kept_out(house: House, pbx: Account) -> Iterator[str]:
    """Where the PBX cannot do what it has to."""
    for name, mode in FOLDERS.items():
        path = house.folder / name
        if not pbx.may(path, mode >> 3 & 7):
            group = _group(house.folder)
            yield (
                f"Asterisk's user {pbx.name!r} may not use {path}: `usermod -aG {group} {pbx.name}`, restart"
                f" Asterisk; if it is in the group already, {MAKE}"
            )
            return


def _lost(house: House, pbx: Account, bridge: Account | None) -> Iterator[str]:
    """What the PBX records, and the bridge then cannot read."""
    folder = house.voicemail.stat()
    handed_down = bool(folder.st_mode & 0o2000)
    ours = bridge is not None and handed_down and folder.st_gid in bridge.groups
    if pbx.uid == folder.st_uid or not pbx.umask & 0o004 or (ours and not pbx.umask & 0o040):
        return
    yield (
        f"the bridge cannot read what Asterisk records in {house.voicemail}: chmod g+s it, and give Asterisk"
        " the umask 027 or less"
    )


def _group(folder: Path) -> str:
    gid = folder.stat().st_gid
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def running(ami_port: int, proc: Path = Path("/proc")) -> Account | None:
    """Whose the PBX is that listens at this port of the loopback; None when nobody does."""
    uid = _listener(ami_port, proc)
    if uid is None:
        return None
    for status in proc.glob("[0-9]*/status"):
        found = _account(status)
        if found is not None and found.uid == uid:
            return found
    return Account.known(uid)


def _listener(port: int, proc: Path) -> int | None:
    wanted = f":{port:04X}"
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, _, _, _, uid, *_ = line.split()
            if state == LISTENING and local.endswith(wanted):
                return int(uid)
    return None


def _account(status: Path) -> Account | None:
    """The user of a process, if it is an Asterisk: its groups are those that it began with."""
    try:
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
    except OSError:  # it has ended
        return None
    if lines.get("Name", "").strip() != PROGRAM:
        return None
    groups = [*lines["Gid"].split()[:2], *lines["Groups"].split()]
    return Account(int(lines["Uid"].split()[1]), frozenset(map(int, groups)), int(lines["Umask"], 8))
