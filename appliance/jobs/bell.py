"""The bell: whoever owes a job rings it, and the worker looks. It may be lost, late, or ring for nothing.

It is a queue of Huey's, in a file beside the database or in a Redis, of which nothing but its length counts:
what is owed stands in the table of jobs, and the worker looks there every second anyway.
May import: the standard library, huey, redis, appliance.core.
"""

import logging
import os
import threading
from pathlib import Path
from typing import Any

from huey import storage as queues
from redis import ConnectionPool
from redis.exceptions import RedisError

from appliance.core.errors import SettingsError
from appliance.core.files import private_in
from appliance.core.settings import Settings

log = logging.getLogger(__name__)

NAME = "attendant"
FILE = "bell.db"
POLL_S = 0.025
"""How often the worker listens: on average half of this is between the bell and the look."""
AGAIN_S = 1.0
PATIENCE_S = 1.0
"""How long a Redis may take, and how long another process may hold the file."""

Failed = (RedisError, queues.sqlite3.Error, OSError, SettingsError)
"""What a queue of Huey's may raise, and a password that cannot be read.

The engine of its file is Python's own: nobody but the bell opens that file.
"""


class Bell:
    """One process's hold of it; may be used by several threads. Nothing here raises."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.box.data_dir / FILE
        self._lock = threading.Lock()
        self._queue: Any = None
        self.trouble = ""
        """Why it cannot be heard or rung now; empty while it can."""

    def ring(self) -> bool:
        """Say that a job is owed, once that is committed; whether somebody will hear it at once.

        Blocks for as long as a Redis may take. While nobody has heard the last one, it need not ring again.
        """
        if not self._settings.jobs.redis_url and not self._file.exists():
            return False  # There never was a worker; and who made the file would own it.
        return self._tried(lambda queue: queue.queue_size() > 0 or queue.enqueue(b"1") is None) is True

    def heard(self, stop: threading.Event) -> bool:
        """Listen until it rings, or until told to stop; whether it rang. For the worker alone."""
        while not stop.is_set():
            if self._tried(_taken):
                return True
            stop.wait(AGAIN_S if self.trouble else POLL_S)
        return False

    def make(self) -> None:
        """See that there is one, for the worker, and forget what rang before. Raises OSError.

        Others may hold the file open: it is made anew only where it cannot be used.
        """
        if self._settings.jobs.redis_url:
            return
        if not self._made():
            for suffix in ("", "-journal"):
                self._file.with_name(f"{FILE}{suffix}").unlink(missing_ok=True)
            self._made()

    def _made(self) -> bool:
        os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, private_in(self._file.parent)))
        return self._tried(_emptied) is True

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._dropped()

    def _tried(self, use: Any) -> Any:
        """What a use of the queue returns; None when it cannot be used now, which is told once."""
        with self._lock:
            try:
                if self._queue is None:
                    self._queue = self._opened()
                value = use(self._queue)
            except Failed as exc:
                self._dropped()
                if not self.trouble:
                    log.warning(
                        "the bell of jobs cannot be used: jobs begin a second later", extra=_told(exc)
                    )
                self.trouble = type(exc).__name__
                return None
        if self.trouble:
            log.info("the bell of jobs can be used again")
            self.trouble = ""
        return value

    def _opened(self) -> Any:
        jobs = self._settings.jobs
        if not jobs.redis_url:
            return _file(self._file)
        file = jobs.redis_password_file
        password = None if file is None else self._settings.secret(file)
        pool = ConnectionPool.from_url(
            jobs.redis_url, password=password, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
        )
        return queues.RedisStorage(NAME, blocking=False, connection_pool=pool)

    def _dropped(self) -> None:
        if self._queue is not None:
            self._queue.close()
            self._queue = None


class Ringer:
    """Rings for a loop that may not wait: a thread does it, and what is asked meanwhile is one more ring."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._asked = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._live, name="ringer", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Say that a job is owed, once that is committed. Returns at once."""
        self._asked.set()

    def close(self) -> None:
        """Ring what was asked for, and end. Blocks for as long as a Redis may take."""
        self._ending = True
        self._asked.set()
        self._thread.join()
        self._bell.close()

    def _live(self) -> None:
        ending = False
        while not ending:
            self._asked.wait()
            self._asked.clear()
            # Read after that: an end that is asked for later asks once more.
            ending = self._ending
            self._bell.ring()


def _file(path: Path) -> Any:
    """The queue in a file. It outlives nothing, and so is not synced; and its journal is no write-ahead log.

    That one can damage a file with the engine that Python may bring (sqlite.org/wal.html#walresetbug).
    """
    return queues.SqliteStorage(
        NAME,
        str(path),
        cache_mb=0,
        fsync=False,
        journal_mode="truncate",
        timeout=PATIENCE_S,
        create_tables=False,
    )


def _emptied(queue: Any) -> bool:
    queue.initialize_schema()
    queue.flush_queue()
    return True


def _taken(queue: Any) -> bool:
    """Take all rings at once; whether there were any. What they told of is committed by now."""
    if queue.dequeue() is None:
        return False
    queue.flush_queue()
    return True


def _told(error: Exception) -> dict[str, str]:
    return {"problem": f"{type(error).__name__}: {error}"}
