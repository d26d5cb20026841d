"""The last lines that each program logged, in a small file each, for whoever looks after the box from a page.

What is put in is public among staff: whoever logs takes numbers and addresses out before. A thread writes the
file, never who logs, and what cannot be written is only in the system's own log. May import: the standard
library, appliance.core.
"""

import atexit
import contextlib
import json
import os
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from appliance.core.files import umask_in

FOLDER = "log"
PARTS = ("bridge", "worker", "admin")
"""The programs that keep theirs."""
LEVELS = ("debug", "info", "warning", "error", "critical")
GRAVE = ("warning", "error", "critical")
KEPT, GRAVE_KEPT = 400, 200
"""So many lines of any level, and so many grave ones, which the others do not push out."""
EVERY_S = 2.0
TEXT_MOST = 600
READ_MOST = 2 * (KEPT + GRAVE_KEPT) * TEXT_MOST


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, how grave, by which part of the program, what, and about what."""

    at: str
    level: str
    logger: str
    said: str
    more: str = ""


class LastLines:
    """Those of one program; what a former self of it has left comes first."""

    def __init__(self, data_dir: Path, part: str) -> None:
        self._file = data_dir / FOLDER / f"{part}.jsonl"
        self._lines = deque[tuple[int, Line]](maxlen=KEPT)
        self._grave = deque[tuple[int, Line]](maxlen=GRAVE_KEPT)
        self._count = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._new = threading.Event()
        for line in read(data_dir, part):
            self._put(line)

    def begin(self) -> None:
        """Write them down from now on, shortly after they come, and at the end of the program."""
        threading.Thread(target=self._write_on, name="last lines", daemon=True).start()
        atexit.register(self.flush)

    def add(self, line: Line) -> None:
        """One more."""
        with self._lock:
            self._put(line)
        self._new.set()

    def flush(self) -> None:
        """Write them down now."""
        with self._lock:
            kept = [line for _, line in sorted({*self._lines, *self._grave}, key=lambda each: each[0])]
        text = "".join(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in kept)
        half = self._file.with_suffix(".new")
        with self._writing, contextlib.suppress(OSError):
            # A disk that takes nothing is told of by others; there is no fsync, for calls wait for the disk.
            folder = self._file.parent
            # The group is handed down by the folder above: our units are not let set that bit themselves.
            folder.mkdir(mode=0o770 & ~umask_in(folder.parent), exist_ok=True)
            half.write_text(text, "utf-8", errors="replace")
            os.chmod(half, 0o660 & ~umask_in(folder.parent))
            half.replace(self._file)

    def _put(self, line: Line) -> None:
        self._count += 1
        self._lines.append((self._count, line))
        if line.level in GRAVE:
            self._grave.append((self._count, line))

    def _write_on(self) -> None:
        pause = threading.Event()
        while True:
            self._new.wait()
            pause.wait(EVERY_S)
            self._new.clear()
            self.flush()


def read(data_dir: Path, part: str) -> list[Line]:
    """The last lines of a program, the oldest first; what is no line of ours is passed over."""
    try:
        with (data_dir / FOLDER / f"{part}.jsonl").open("rb") as file:
            kept = file.read(READ_MOST)
    except OSError:
        return []
    return list(_lines(kept))


def _lines(kept: bytes) -> Iterator[Line]:
    for each in kept.splitlines():
        try:
            told = json.loads(each)
            fields = {name: str(told[name])[:TEXT_MOST] for name in ("at", "level", "logger", "said", "more")}
            datetime.fromisoformat(fields["at"])
        except (ValueError, KeyError, TypeError):
            continue
        if fields["level"] in LEVELS:
            yield Line(**fields)
