"""Asks the bridge and the worker how they are, on the loopback: shortly, and not again for a few seconds.

May import: the standard library, orjson, flask, appliance.core.settings.
"""

import http.client
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from flask import Flask, current_app

from appliance.core.settings import Listen

WITHIN_S = 0.2
"""A process that is well answers in a few milliseconds; a page is not kept waiting for one that hangs."""
KEPT_S = 3.0
READ_MOST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Told:
    """What a process says of its parts.

    It is there when it answered, `late` when it did not within the time; `asked` is False without a port.
    """

    there: bool
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    late: bool = False
    asked: bool = True
    version: str = ""
    since: str = ""
    """Which version of it runs, and since when, as it says itself."""


@dataclass(slots=True)
class Standing:
    """How the bridge and the worker are, by what they said last."""

    listen: Listen
    kept_s: float = KEPT_S
    _asked_at: float = float("-inf")
    _told: tuple[Told, Told] = (Told(there=False, asked=False), Told(there=False, asked=False))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> tuple[Told, Told]:
        """The bridge, and the worker. Of several pages that ask at once, one goes and asks."""
        with self._lock:
            if time.monotonic() - self._asked_at >= self.kept_s:
                self._told = (_ask(self.listen.local_port), _ask(self.listen.worker_port))
                self._asked_at = time.monotonic()
            return self._told


def attach(app: Flask, listen: Listen) -> None:
    """Give an application its view of the other processes."""
    app.extensions["standing"] = Standing(listen)


def standing() -> tuple[Told, Told]:
    """The bridge and the worker, as the application that answers this request knows them."""
    return cast(Standing, current_app.extensions["standing"]).now()


def _ask(port: int) -> Told:
    """What a process on this port says; one that hangs says nothing."""
    if not port:
        return Told(there=False, asked=False)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    try:
        connection.request("GET", "/healthz")
        said = orjson.loads(connection.getresponse().read(READ_MOST))
    except TimeoutError:
        return Told(there=False, late=True)
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
        return Told(there=False)
    finally:
        connection.close()
    parts = said.get("parts") if isinstance(said, dict) else None
    if not isinstance(parts, dict) or not all(isinstance(each, dict) for each in parts.values()):
        return Told(there=False)
    return Told(
        there=True, parts=parts, version=str(said.get("version", "")), since=str(said.get("since", ""))
    )
