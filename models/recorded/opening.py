"""Has a recording opened by a child that may fail at it, and tells what is in it.

The child is killed when it takes too long. Blocks: not for an event loop that carries calls. May import: the
standard library, orjson, appliance.core, models.recorded.trimming.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from appliance.core.errors import AttendantError
from models.recorded.trimming import Kept

LOOK_S = 0.1
STOP_S = 2.0
TOLD_MOST = 8 * 1024 * 1024
BYTES_PER_MS = 32
WINDOW_MS, WINDOW_LEAST_MS = 28_000, 10_000
"""What the recogniser looks at together: the network takes 30 s, and pads what is shorter to that."""


class NotOpened(AttendantError):
    """The recording cannot be opened. `state`: empty, format or broken, or `failed`, which may pass."""

    def __init__(self, state: str, problem: str) -> None:
        super().__init__(problem)
        self.state = state


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording as it is kept: where in it each stretch was, and where somebody speaks by its own time."""

    sound_ms: int
    stored_ms: int
    whole: bool
    kept: tuple[tuple[int, int, int], ...]
    speech: tuple[Kept, ...]
    spoken_ms: int
    loudest_db: int
    format: str
    codec: str
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be opened, into what is kept (`stored`, on disk) and what the recogniser hears (`heard`)."""

    source: Path
    stored: Path
    heard: Path
    longest_s: int
    cut: bool


def opened(task: Task, *, within_s: float, check: Callable[[], None]) -> Opened:
    """Do the task. `check` is asked again and again meanwhile, and ends it by raising. Raises NotOpened."""
    told = orjson.dumps(asdict(task), default=str).decode()
    child = subprocess.Popen(  # noqa: S603 -- our own module
        (sys.executable, "-m", "models.recorded.child", told),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
    )
    said = bytearray()
    with child:
        listening = threading.Thread(target=_listen, args=(child, said), daemon=True)
        listening.start()
        try:
            _wait(child, within_s, check)
        finally:
            if child.poll() is None:
                child.kill()
            # What it reads from is closed behind this.
            listening.join(STOP_S)
    return _found(child.returncode, bytes(said))


def _listen(child: "subprocess.Popen[bytes]", said: bytearray) -> None:
    """Take what it says, and leave out what it says too much."""
    if child.stdout is not None:
        said += child.stdout.read(TOLD_MOST)


def _wait(child: "subprocess.Popen[bytes]", within_s: float, check: Callable[[], None]) -> None:
    """Until it has ended, or its time is up."""
    left = within_s
    while child.poll() is None:
        check()
        if left <= 0:
            raise NotOpened("broken", f"it was not opened within {within_s:g} s")
        try:
            child.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            left -= LOOK_S


def _found(status: int, said: bytes) -> Opened:
    """What it found. Raises NotOpened."""
    try:
        told: dict[str, Any] = orjson.loads(said)
    except orjson.JSONDecodeError as exc:
        raise _crashed(status) from exc
    state = told.pop("state", "broken")
    if state != "ok":
        raise NotOpened(str(state), str(told.get("problem", "")))
    told["kept"] = tuple(tuple(each) for each in told["kept"])
    told["speech"] = tuple(Kept(*each) for each in told["speech"])
    return Opened(**told)


def _crashed(status: int) -> NotOpened:
    """Its limits, or the sound, ended it; a lack of memory may be over the next time."""
    if status == -signal.SIGKILL:
        return NotOpened("failed", "what opens it was killed: perhaps the machine lacks memory")
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return NotOpened("broken", f"it ends what opens it ({how})")


def windows(opened: Opened) -> Iterator[tuple[int, int]]:
    """Stretches of what is kept for the recogniser, each cut where nobody speaks, as far as that can be."""
    begin, end = 0, opened.stored_ms
    pauses = [
        (before.end_ms + after.begin_ms) // 2
        for before, after in zip(opened.speech, opened.speech[1:], strict=False)
        if after.begin_ms > before.end_ms
    ]
    while end - begin > WINDOW_MS:
        fits = [at for at in pauses if begin + WINDOW_LEAST_MS <= at <= begin + WINDOW_MS]
        cut = max(fits, default=begin + WINDOW_MS)
        yield begin, cut
        begin = cut
    if end > begin:
        yield begin, end


def pcm_of(heard: Path, begin_ms: int, end_ms: int) -> bytes:
    """The samples of a stretch. Raises OSError."""
    with heard.open("rb") as file:
        file.seek(begin_ms * BYTES_PER_MS)
        return file.read((end_ms - begin_ms) * BYTES_PER_MS)
