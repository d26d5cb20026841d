"""What every box says anyhow, rendered ahead: once on a machine, for all test runs that come after.

A clinic's box has had its sentences rendered before it takes a call; a box of a test that is a second old has
not, and would speak them all anew by espeak-ng.
May import: the standard library, appliance, models.local.prompt_cache, scripts.loopback_box.
"""

import asyncio
import fcntl
import os
import threading
from pathlib import Path

from appliance.service import rendering
from appliance.store import database, office
from models.local.prompt_cache import FOLDER, PromptCache
from scripts.loopback_box import ROOT, LoopbackBox

KEPT = ROOT / ".cache" / "sentences"


class Sentences:
    """The folder in which they lie; `scratch` is a place for the box that they are read from."""

    def __init__(self, scratch: Path, kept: Path = KEPT) -> None:
        self._scratch = scratch
        self._kept = kept
        self._lock = threading.Lock()
        self._whole = False

    def fill(self, data: Path) -> None:
        """Give a box, whose data folder this is, all of them. What it has already stays."""
        self._make()
        folder = data / FOLDER
        folder.mkdir(mode=0o755, exist_ok=True)
        there = set(os.listdir(folder))
        for name in os.listdir(self._kept):
            if name not in there:
                os.link(self._kept / name, folder / name)

    def _make(self) -> None:
        with self._lock:
            if self._whole:
                return
            self._kept.mkdir(parents=True, exist_ok=True)
            with (self._kept.parent / "sentences.lock").open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                asyncio.run(self._render())
            self._whole = True

    async def _render(self) -> None:
        box = LoopbackBox(self._scratch)
        box.write()
        db = database.connect(box.database)
        try:
            wanted = rendering.texts(office.load(db))
        finally:
            db.close()
        await rendering.render(PromptCache(self._kept), rendering.voices("", {}), wanted)
