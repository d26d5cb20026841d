"""Whether this box is to answer at all: one that follows another, or was taken over, has stood down.

It is a file in the data folder, which the units look for as well. May import: the standard library,
appliance.core.
"""

import asyncio
import logging
import signal
from pathlib import Path

from appliance.core import files
from appliance.core.errors import AttendantError

log = logging.getLogger(__name__)

FILE = "stood_down"
LOOK_S = 5.0


class StoodDown(AttendantError):
    """The box is not to answer."""


def why_not(data: Path) -> str:
    """Why it is not to answer; nothing where it is."""
    try:
        return (data / FILE).read_text("utf-8").strip() or "This box has stood down."
    except FileNotFoundError:
        return ""


def see(data: Path) -> None:
    """See that it is to answer. Raises StoodDown."""
    if told := why_not(data):
        raise StoodDown(f"{told} `attendant standby status` tells more (docs/boxes.md).")


def stand_down(data: Path, told: str) -> None:
    """Answer no more, now and after a restart. Raises OSError."""
    files.replace(data / FILE, f"{told}\n".encode(), mode=0o640)


def stand_up(data: Path) -> None:
    """Answer from the next start on. Raises OSError."""
    (data / FILE).unlink(missing_ok=True)
    files.sync_folder(data)


async def watched(data: Path, look_s: float = LOOK_S) -> None:
    """Have the process end, as by systemd, once the box has stood down."""
    while True:
        if ended_by(data):
            await asyncio.Event().wait()
        await asyncio.sleep(look_s)


def ended_by(data: Path) -> bool:
    """Have the process end in order, should the box have stood down; whether it has."""
    told = why_not(data)
    if told:
        log.error("the box stands down", extra={"code": "stood_down", "told": told})
        signal.raise_signal(signal.SIGTERM)
    return bool(told)
