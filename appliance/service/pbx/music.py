"""The clinic's own music, for callers for whom phones ring: kept beside the PBX's files, laid out among them.

A piece is named for its file and by the digest of its sound, so that none is ever changed.
Blocks. May import: the standard library, appliance.core, appliance.service.pbx.house.
"""

import hashlib
import re

from appliance.core.errors import SettingsError
from appliance.core.files import replace
from appliance.service.pbx.house import House

NAME = re.compile(r"[a-z0-9-]{1,40}-[0-9a-f]{8}")
PIECES_MOST = 20
OURS = "hold"
"""What is heard where a clinic has no music of its own."""


def names(house: House) -> tuple[str, ...]:
    """The pieces, in the order in which they are heard; empty where there are none."""
    found = sorted(path.stem for path in house.music.glob("*.ulaw"))
    return tuple(name for name in found if NAME.fullmatch(name))


def add(house: House, called: str, ulaw_8k: bytes) -> str:
    """Keep a piece, on disk when this returns; its name. Raises SettingsError or OSError."""
    slug = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-")[:40].strip("-") or "music"
    name = f"{slug}-{hashlib.sha256(ulaw_8k).hexdigest()[:8]}"
    if name not in names(house) and len(names(house)) >= PIECES_MOST:
        raise SettingsError([f"There are {PIECES_MOST} pieces already: take one out first."])
    house.made()
    replace(house.music / f"{name}.ulaw", ulaw_8k, mode=0o640)
    return name


def remove(house: House, name: str) -> bool:
    """Take a piece out; whether it was there."""
    if name not in names(house):
        return False
    (house.music / f"{name}.ulaw").unlink()
    return True


def laid_out(house: House, ours: bytes) -> None:
    """Lay the pieces where the PBX plays them from, or our own sound where there are none."""
    house.made()
    wanted = {name: house.music / f"{name}.ulaw" for name in names(house)}
    for name, path in wanted.items():
        _kept(house, name, path.read_bytes())
    if not wanted:
        _kept(house, OURS, ours)
    for path in house.hold.glob("*.ulaw"):
        if path.stem not in (wanted or {OURS}):
            path.unlink(missing_ok=True)


def _kept(house: House, name: str, sound: bytes) -> None:
    path = house.hold / f"{name}.ulaw"
    if not path.exists() or path.read_bytes() != sound:
        replace(path, sound, mode=0o640)
