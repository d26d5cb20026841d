"""Has a document read by a process of its own, so that whatever it is can harm nobody else.

May import: the standard library, orjson, pydantic, kb.documents.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import orjson
from pydantic import ValidationError

from kb.documents.blocks import DocumentRefused, Read
from kb.documents.kinds import Format

ROOT = Path(__file__).parents[2]
DEADLINE_S = 90.0
ANSWER_MOST = 64_000_000
STEP_S = 0.2
TOO_LONG = "The document takes too long to read: divide it."
UNREADABLE = (
    "The document cannot be read: it is broken, or made to harm. Save it anew, in another format if you can."
)


def read(
    file: Path,
    supposed: Format | None,
    check: Callable[[], None] = lambda: None,
    deadline_s: float = DEADLINE_S,
) -> Read:
    """The blocks of a document in a file. Blocks; `check` is asked meanwhile and may raise to end it.

    Raises DocumentRefused with a sentence for who gave it, OSError without a file, and what `check` raises.
    """
    with file.open("rb") as data:
        process = subprocess.Popen(  # noqa: S603 -- this very program
            [sys.executable, "-E", "-s", "-m", "kb.documents", supposed or ""],
            stdin=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
    try:
        answer = _answer(process, check, time.monotonic() + deadline_s)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    return _believed(answer, process.returncode)


def _answer(process: "subprocess.Popen[bytes]", check: Callable[[], None], until_s: float) -> bytes:
    """What it writes until it ends; never more than we take."""
    out = process.stdout
    if out is None:
        return b""
    os.set_blocking(out.fileno(), False)
    parts: list[bytes] = []
    size = 0
    while True:
        piece = _next(out, process)
        if piece == b"":
            # It has closed its output, and has nothing more to do.
            process.wait(STEP_S * 25)
            return b"".join(parts)
        size += len(piece or b"")
        parts += [piece] if piece else []
        if size > ANSWER_MOST or time.monotonic() > until_s:
            raise DocumentRefused(TOO_LONG)
        check()


def _next(out: IO[bytes], process: "subprocess.Popen[bytes]") -> bytes | None:
    """The next bytes; None when none came for a moment, b"" at the end."""
    ready, _, _ = select.select([out], [], [], STEP_S)
    return os.read(out.fileno(), 1 << 20) if ready else None


def _believed(answer: bytes, code: int) -> Read:
    """What the process says, which may have been told so by the document."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL) and not answer:
        raise DocumentRefused(TOO_LONG)
    try:
        told = orjson.loads(answer)
        if "refused" in told:
            raise DocumentRefused(str(told["refused"])[:300])
        return Read.model_validate(told["read"])
    except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as exc:
        raise DocumentRefused(UNREADABLE) from exc
