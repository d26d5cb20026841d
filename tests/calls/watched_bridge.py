"""The `attendant` command with an eye on SQLite: says at its end which threads spoke with the engine.

Run in place of the command; the engine's own classes are watched, our code is as it is. `WATCHED` names the
file for what was seen. May import: the standard library, orjson, pysqlite3, appliance.cli.
"""

import asyncio
import atexit
import os
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from pysqlite3 import dbapi2 as sqlite

from appliance.cli.main import main

WATCHED = "WATCHED_SQLITE"
VERBS = ("execute", "executemany", "executescript", "commit", "rollback", "close", "set_progress_handler")
READS = ("execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall", "close", "__next__")

threads: Counter[str] = Counter()
on_the_loop: list[str] = []


def noted(verb: str) -> None:
    """Note who speaks with the engine; a thread with a loop that runs must not."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        threads[threading.current_thread().name.partition("_")[0]] += 1
        return
    stack = traceback.extract_stack(limit=8)[:-2]
    on_the_loop.append(f"{verb}: " + " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(stack)))


def watched(kind: type[Any], verbs: tuple[str, ...]) -> dict[str, Any]:
    """The verbs of a class of the engine's, noted when they are used."""

    def verb_of(name: str) -> Callable[..., Any]:
        plain = getattr(kind, name)

        def verb(self: object, *arguments: Any, **options: Any) -> Any:
            noted(name)
            return plain(self, *arguments, **options)

        return verb

    return {name: verb_of(name) for name in verbs}


Cursor = type("Cursor", (sqlite.Cursor,), watched(sqlite.Cursor, READS))


class Connection(type("Verbs", (sqlite.Connection,), watched(sqlite.Connection, VERBS))):  # type: ignore[misc]
    """A connection whose cursors are watched as well."""

    def cursor(self, factory: type[Any] = Cursor) -> Any:
        return super().cursor(factory)


def connect(*arguments: Any, **options: Any) -> Any:
    noted("connect")
    return plain_connect(*arguments, **options, factory=Connection)


def report() -> None:
    Path(os.environ[WATCHED]).write_bytes(orjson.dumps({"threads": threads, "on_the_loop": on_the_loop}))


if __name__ == "__main__":
    plain_connect, sqlite.connect = sqlite.connect, connect
    atexit.register(report)
    sys.exit(main())
