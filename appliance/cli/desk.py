"""The database for a command that deletes: as a job has it, with a deadline of its own.

May import: the standard library, appliance.core, appliance.store.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.store import database
from appliance.store.database import Connection
from appliance.store.migrations import migrate

T = TypeVar("T")


class TooLong(AttendantError):
    """There is no more time."""


class ByHand:
    """The database, for so many seconds."""

    def __init__(self, db: Connection, within_s: float) -> None:
        self._db = db
        self._until_s = time.monotonic() + within_s

    @property
    def left_s(self) -> float:
        """How much time is left."""
        return max(0.0, self._until_s - time.monotonic())

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read that sees one state of the database. Raises StoreError."""
        with database.snapshot(self._db):
            return query(self._db)

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change in a transaction of its own. Raises StoreError."""
        with database.immediate(self._db):
            return change(self._db)

    def apart(self, use: Callable[[Connection], T]) -> T:
        """What a use of the database returns that is no transaction. Raises StoreError."""
        return use(self._db)

    def rest(self, seconds: float) -> None:
        """Let others have the database. Raises TooLong."""
        time.sleep(min(seconds, self.left_s))
        if not self.left_s:
            raise TooLong("It took too long. What was deleted is deleted: begin again for the rest.")


@contextmanager
def by_hand(settings: Settings, within_s: float) -> Iterator[ByHand]:
    """The database to delete in. Raises StoreError."""
    migrate(settings.database)
    db = database.connect(settings.database)
    try:
        yield ByHand(db, within_s)
    finally:
        db.close()
