"""Recordings as the PBX leaves them: whether one is whole and on disk, and how it comes to where ours are.

Blocks: not for the event loop. May import: the standard library, appliance.core, appliance.service.pbx.house.
"""

import logging
import os
import re
import shutil
from pathlib import Path

from appliance.core.files import folder_made, settle
from appliance.service.pbx.house import House

log = logging.getLogger(__name__)

HEADER, BYTES_PER_S = 44, 16_000
"""Of a WAV of 16 bits at 8 kHz, as Asterisk writes it."""
LEAST = HEADER + BYTES_PER_S // 2
"""A shorter one holds no message."""
ROOM = 64 * 1024
"""What Asterisk had still to write may be missing where so little room is left: it writes 32 KB at a time."""
NAME = re.compile(r"([A-Za-z0-9.:_-]+)-([0-9]+)\.wav")
"""The call, and which of its messages it is."""


def recorded(house: House) -> list[Path]:
    """What lies where the PBX records messages, in order."""
    return sorted(house.voicemail.glob("*.wav"))


def safe(house: House, call_sid: str, place: str) -> bool:
    """Whether a message has all its sound, on disk when this returns. Raises OSError."""
    for path in house.voicemail.glob("*.wav"):
        found = NAME.fullmatch(path.name)
        if found is not None and (found[1], found[2]) == (call_sid, place):
            return _whole(path)
    return False


def _whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        told = int.from_bytes(file.read(HEADER)[HEADER - 4 :], "little")
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_DIRECTORY)
    try:
        os.fsync(folder)
        disk = os.fstatvfs(folder)
    finally:
        os.close(folder)
    room = disk.f_bavail * disk.f_frsize >= ROOM
    if size >= LEAST and told == size - HEADER and room:
        return True
    log.error("a message is not whole", extra={"bytes": size, "told": told, "room": room})
    return False


def brought(source: Path, target: Path) -> int | None:
    """Copy a recording to where ours are, on disk when this returns; its seconds, None for an empty one.

    Its lengths are written anew: a PBX that was killed leaves none in the file. Raises OSError.
    """
    if not source.exists() or source.stat().st_size <= HEADER:
        return None
    folder_made(target.parent)
    part = target.with_name(target.name + ".part")
    try:
        size = _copied(source, part)
    except OSError:
        # What is left of it would fill a disk that is full.
        part.unlink(missing_ok=True)
        raise
    settle(part, target)
    return (size - HEADER) // BYTES_PER_S


def _copied(source: Path, part: Path) -> int:
    shutil.copyfile(source, part)
    size = part.stat().st_size
    with part.open("r+b") as file:
        for at, length in ((4, size - 8), (HEADER - 4, size - HEADER)):
            file.seek(at)
            file.write(length.to_bytes(4, "little"))
        file.flush()
        os.fsync(file.fileno())
    return size
