"""Reads beside the writer: a few threads with read-only connections, and a deadline for each read.

May import: the standard library, appliance.store.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

from appliance.store import database, errors
from appliance.store.database import Connection

T = TypeVar("T")
READ_S = 2.0
_STEPS_BETWEEN_LOOKS = 1000


class Reader:
    """Reads for the event loop, which never touches SQLite itself."""

    def __init__(self, path: Path, *, threads: int = 2, busy_ms: int = 1000) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")
        self._own = threading.local()
        self._all: list[Connection] = []

    async def run(self, read: Callable[[Connection], T], *, within_s: float = READ_S) -> T:
        """The value of a read, all of whose statements see one state of the database.

        Raises ReadTooSlow or another StoreError, and what the read itself raises.
        """
        until = time.monotonic() + within_s
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, read, until)
        except TimeoutError as exc:
            raise errors.ReadTooSlow(f"The database did not answer within {within_s:g} s.") from exc

    async def close(self) -> None:
        """Give up what has not begun, wait for what has, and let go of the file."""
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for db in self._all:
            db.close()
        self._all.clear()

    def _read(self, read: Callable[[Connection], T], until: float) -> T:
        db = self._connection()
        # The engine looks at the clock now and then: a read that nobody waits for ends by itself.
        cast(Any, db).set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
        with database.snapshot(db):
            return read(db)

    def _connection(self) -> Connection:
        db: Connection | None = getattr(self._own, "db", None)
        if db is None:
            db = self._own.db = database.connect_readonly(self._path, busy_ms=self._busy_ms)
            self._all.append(db)
        return db
