"""How much is logged, changed while the processes run: a file in the data folder says so, for a while.

Each process looks at it every two seconds. May import: the standard library, orjson, appliance.core.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from appliance.core import files

log = logging.getLogger(__name__)

FILE = "log_level.json"
LOOK_S = 2.0
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Wished:
    """A level, and until when it is wanted."""

    level: str
    until: datetime


def wish(data_dir: Path, wished: Wished) -> None:
    """Have all processes of the box log so much. Raises OSError."""
    told = {"level": wished.level, "until": wished.until.isoformat()}
    files.replace(data_dir / FILE, orjson.dumps(told), mode=files.private_in(data_dir))


def withdraw(data_dir: Path) -> None:
    """Have them log as the settings say. Raises OSError."""
    (data_dir / FILE).unlink(missing_ok=True)


def wished(data_dir: Path, now: datetime) -> Wished | None:
    """What is wanted now; None where that is what the settings say."""
    try:
        told = orjson.loads((data_dir / FILE).read_bytes())
        found = Wished(str(told["level"]), datetime.fromisoformat(told["until"]))
        return found if found.level in LEVELS and now < found.until else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Level:
    """The level of this process: that of the settings, or what is wished."""

    def __init__(
        self, data_dir: Path, usual: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._data_dir = data_dir
        self._usual = usual
        self._clock = clock
        self._now = usual

    def look(self) -> None:
        """Log so much from now on as is wanted."""
        found = wished(self._data_dir, self._clock())
        level = self._usual if found is None else found.level
        if level != self._now:
            self._now = level
            logging.getLogger().setLevel(level.upper())
            log.warning("another log level", extra={"log_level": level})

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.wait(LOOK_S):
            self.look()


def watch(data_dir: Path, usual: str) -> None:
    """Look for as long as this process lives."""
    level = Level(data_dir, usual)
    threading.Thread(target=level.run, args=(threading.Event(),), name="log level", daemon=True).start()
