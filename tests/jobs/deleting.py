"""Deletes what is too old, and dies: after so many steps it kills its process as `kill -9` would.

A step is a read, a write or a rest. May import: the standard library, appliance.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from appliance.core.keeping import KeepDays
from appliance.core.settings import Box, Settings
from appliance.jobs.retention import Deleting, held
from appliance.store import database, retention
from appliance.store.database import Connection
from tests.jobs.long_ago import NOW

T = TypeVar("T")


class Mortal:
    """A desk that kills the process after so many steps."""

    left_s = 100.0

    def __init__(self, db: Connection, steps: int) -> None:
        self._db = db
        self._left = steps

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def read(self, query: Callable[[Connection], T]) -> T:
        self.step()
        with database.snapshot(self._db):
            return query(self._db)

    def write(self, change: Callable[[Connection], T]) -> T:
        self.step()
        with database.immediate(self._db):
            value = change(self._db)
            self.step()
        return value

    def apart(self, use: Callable[[Connection], T]) -> T:
        self.step()
        return use(self._db)

    def rest(self, seconds: float) -> None:
        self.step()


def main(folder: Path, key: str, steps: int) -> None:
    """Delete, as far as it comes; 0 steps are all of them."""
    settings = Settings(box=Box(data_dir=folder))
    desk = Mortal(database.connect(settings.database), steps)
    keep = KeepDays()
    desk.write(lambda db: retention.begin(db, key, "retention", by="", now=NOW))
    work = Deleting(desk, settings, key, NOW)
    work.too_old(keep)
    problem, staying = work.verify(), desk.read(lambda db: held(db, keep, NOW))
    desk.write(lambda db: retention.ended(db, key, staying, problem))
