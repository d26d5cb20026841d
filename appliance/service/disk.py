"""How much room there is for what is promised: messages, recordings, the books. Looked at beside the calls.

May import: the standard library, appliance.service.parts.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

from appliance.service.parts import Part

LOOK_S = 60.0
LEAST_MB = 500
"""With less the disk is as good as full: a night's messages, a copy of the books and a log have to fit."""


def free_mb(folders: Iterable[Path]) -> int | None:
    """The room where there is least of it, in MB; None when it cannot be told. Blocks."""
    found = []
    for folder in folders:
        there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
        try:
            disk = os.statvfs(there)
        except OSError:
            return None
        found.append(disk.f_bavail * disk.f_frsize // 1_000_000)
    return min(found, default=None)


def told(free: int) -> str:
    """What it means that so little is free."""
    return (
        f"only {free} MB of the disk are free: soon no message and no call can be kept; make room"
        " (`du -xh / | sort -h | tail` shows what takes it)"
    )


class Disk:
    """The disks of these folders."""

    def __init__(self, *folders: Path, least_mb: int = LEAST_MB) -> None:
        self._folders = folders
        self._least_mb = least_mb
        self._free_mb: int | None = None

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Look once: in a thread, since a disk that hangs would hang the calls."""
        self._free_mb = await asyncio.to_thread(free_mb, self._folders)

    def part(self) -> Part:
        """How it is, for health."""
        if self._free_mb is None:
            return Part("not looked yet")
        more: dict[str, object] = {"free_mb": self._free_mb}
        if self._free_mb < self._least_mb:
            return Part("nearly full", False, {**more, "told": told(self._free_mb)})
        return Part("ok", True, more)

    def shown(self) -> dict[str, float]:
        """For the metrics: bytes that are free."""
        return {} if self._free_mb is None else {"": self._free_mb * 1e6}
