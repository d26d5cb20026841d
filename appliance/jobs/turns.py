"""Writing in turn: one writer of the crew at a time, and as long for all others between two of its turns.

The engine's lock is not fair: who waits for it looks now and then, and never finds it free while somebody
takes it again at once. A crew with a thousand jobs before it would keep a call from writing for seconds.
May import: the standard library, appliance.store.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from appliance.store import database
from appliance.store.database import Connection

LEAST_S = 0.001
MOST_S = 0.05
"""Between two turns is as long as the first of them took, within these bounds."""


class Turns:
    """The turns of one crew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_s = 0.0

    @contextmanager
    def immediate(self, db: Connection) -> Iterator[Connection]:
        """One writing transaction, as `database.immediate` has it. Raises what that does."""
        with self._lock:
            time.sleep(max(0.0, self._next_s - time.monotonic()))
            began_s = time.monotonic()
            try:
                with database.immediate(db):
                    began_s = time.monotonic()
                    yield db
            finally:
                ended_s = time.monotonic()
                self._next_s = ended_s + min(MOST_S, max(LEAST_S, ended_s - began_s))
