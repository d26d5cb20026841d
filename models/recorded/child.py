"""The child that opens a recording: `python -m models.recorded.child TASK`, within limits of its own.

It decodes, judges where somebody speaks, cuts silence out, and writes two files: what is kept (FLAC), and the
same at 16 kHz for the recogniser. It prints what it found as one line of JSON; a file that breaks it, or is
too much for it, ends this process and no other.
May import: the standard library, numpy, orjson, appliance.core.ulaw, models.
"""

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from appliance.core import ulaw
from models.local.loudness import Loudness
from models.local.silero import DetectorBroken, Ear, Silero, shipped_weights
from models.recorded import trimming
from models.recorded.decoding import NARROW_HZ, WIDE_HZ, Int16, Source, Unusable, samples
from models.recorded.keeping import Flac
from models.recorded.opening import Task
from models.recorded.trimming import Judged, Kept
from models.sound import Resampler

MEMORY = 1536 * 1024 * 1024
"""Of addresses, most of which are never touched."""
FILES, CPU_SPARE_S, CPU_PER_S = 64, 30, 0.1
PIECE = 64 * 1024
STILL = 4 * 8000
"""So many samples of a telephone's sound, whole windows of the ear, are looked at for being nothing."""
SILENT = (0.0, -120.0)


def limited(task: Task) -> None:
    """Take no more from the machine than a recording of the longest kind needs."""
    largest = (task.longest_s + 1) * WIDE_HZ * 2
    cpu_s = CPU_SPARE_S + round(CPU_PER_S * task.longest_s)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def done(task: Task) -> dict[str, Any]:
    """Open it and write what is kept; what was found. Raises Unusable, OSError."""
    raw = task.stored.with_suffix(".raw")
    try:
        told, count, whole = _decoded(task, raw)
        source = told[0]
        whole_ms = count * 1000 // source.kept_hz
        judged = _judged(raw, source.kept_hz)
        stretches = trimming.kept(judged, whole_ms) if task.cut else [Kept(0, whole_ms)]
        _written(task, raw, source.kept_hz, stretches)
    finally:
        raw.unlink(missing_ok=True)
    at_ms, table = 0, []
    for each in stretches:
        table.append([at_ms, each.begin_ms, each.ms])
        at_ms += each.ms
    return {
        "state": "ok",
        "format": source.format,
        "codec": source.codec,
        "rate_hz": source.rate_hz,
        "sound_ms": whole_ms,
        "stored_ms": at_ms,
        "whole": whole,
        "kept": table,
        "speech": [[each.begin_ms, each.end_ms] for each in trimming.spoken(judged, stretches)],
        "spoken_ms": judged.spoken_ms,
        "loudest_db": judged.loudest_db,
    }


def _decoded(task: Task, raw: Path) -> tuple[list[Source], int, bool]:
    """The samples into a file; how many there are, and whether that is all. Raises Unusable."""
    told: list[Source] = []
    count, whole = 0, True
    with raw.open("wb") as file:
        for piece in samples(task.source, told):
            most = task.longest_s * told[0].kept_hz
            file.write(piece[: most - count].tobytes())
            count += len(piece)
            if count > most:
                count, whole = most, False
                break
    if not count:
        raise Unusable("empty", "there is no sound in it")
    return told, count, whole


def _pieces(file: BinaryIO, size: int) -> Iterator[Int16]:
    while piece := file.read(size):
        yield np.frombuffer(piece, np.int16)


def _judged(raw: Path, rate_hz: int) -> Judged:
    """What our own ear makes of it; by loudness alone where the network is not installed."""
    weights = shipped_weights()
    try:
        judge: Silero | Loudness = Loudness() if weights is None else Silero(weights)
    except DetectorBroken:
        judge = Loudness()
    ear, judged, still = Ear(), Judged.nothing(), False
    narrow = None if rate_hz == NARROW_HZ else Resampler(rate_hz, NARROW_HZ)
    with raw.open("rb") as file:
        for piece in _pieces(file, PIECE if narrow else 2 * STILL):
            line = piece if narrow is None else np.frombuffer(narrow.feed(piece.tobytes()), np.int16)
            before, still = still, narrow is None and len(line) == STILL and not line.any()
            if before and still:
                # Nothing at all, and nothing before it: no ear needs to listen to hours of that.
                judged.add([SILENT] * (STILL // (trimming.WINDOW_MS * 8)))
                continue
            for at in range(0, len(line), NARROW_HZ):
                judged.add(judge.windows(ear, ulaw.encode(line[at : at + NARROW_HZ])))
    # The last stretch fills no window, and is judged as if silence followed.
    judged.add(judge.windows(ear, ulaw.encode(np.zeros(trimming.WINDOW_MS * 8, np.int16))))
    return judged


def _written(task: Task, raw: Path, rate_hz: int, stretches: list[Kept]) -> None:
    """What is kept, for people and for the recogniser, on disk."""
    wide = None if rate_hz == WIDE_HZ else Resampler(rate_hz, WIDE_HZ)
    with raw.open("rb") as file, task.heard.open("wb") as heard, Flac(task.stored, rate_hz) as stored:
        for stretch in stretches:
            file.seek(stretch.begin_ms * rate_hz // 1000 * 2)
            left = stretch.ms * rate_hz // 1000 * 2
            while left > 0 and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                stored.add(np.frombuffer(piece, np.int16))
                heard.write(piece if wide is None else wide.feed(piece))
        if wide is not None:
            heard.write(wide.rest())
    handle = os.open(task.stored, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def main() -> int:
    """Do the task that the command line tells."""
    told = orjson.loads(sys.argv[1])
    source, stored, heard = (Path(told[name]) for name in ("source", "stored", "heard"))
    task = Task(source, stored, heard, told["longest_s"], told["cut"])
    limited(task)
    try:
        found = done(task)
    except Unusable as exc:
        found = {"state": exc.state, "problem": str(exc)}
    except MemoryError:
        found = {"state": "broken", "problem": "it takes more memory than a recording may"}
    except OSError as exc:
        found = {"state": "failed", "problem": f"it cannot be read or written: {exc.strerror}"}
    sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
