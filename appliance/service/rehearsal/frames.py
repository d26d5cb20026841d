"""What a browser and a rehearsal send each other, and how much of it. No I/O.

Sound goes both ways as binary messages of µ-law at 8 kHz, the browser's in frames of 20 ms; everything else
is a JSON object. The browser begins with its token, and returns the mark of each piece that it has played, or
was told to throw away. May import: the standard library, orjson, appliance.core.
"""

from dataclasses import dataclass

import orjson

from appliance.core.errors import WireError
from appliance.core.rehearsal import HangUp, Key, Line, Step, step
from appliance.core.ulaw import BYTES_PER_MS, FRAME_MS

FRAME = FRAME_MS * BYTES_PER_MS
MESSAGE_MOST = 4096
TOKEN_MOST, MARK_MOST = 64, 40
EARLY_MS, FAST = 2000.0, 1.05
"""So much sound may come before its time, as what a browser held back comes in one piece; and so much faster
than our clock may a sound card be."""
TEXTS_A_SECOND, TEXTS_MOST = 60.0, 200
"""So many messages a second, and so many at once: marks come back by the dozen after a clear."""


@dataclass(frozen=True, slots=True)
class Token:
    """Who begins."""

    token: str


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """The browser has played, or thrown away, everything before this mark."""

    mark: str


Sent = Token | MarkPlayed | Line | Key | HangUp


def read(text: str) -> Sent:
    """A message of the browser. Raises WireError."""
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise WireError("not JSON", text) from exc
    if not isinstance(tree, dict):
        raise WireError("not an object", text)
    match tree:
        case {"token": str(token)} if len(tree) == 1 and 0 < len(token) <= TOKEN_MOST:
            return Token(token)
        case {"mark": str(mark)} if len(tree) == 1 and 0 < len(mark) <= MARK_MOST:
            return MarkPlayed(mark)
    done: Step | None = step(tree)
    if done is None:
        raise WireError("not a message of a rehearsal", text)
    return done


def frame(audio: bytes) -> bytes:
    """A frame of the browser's sound. Raises WireError for anything else."""
    if len(audio) != FRAME:
        raise WireError(f"a frame has {FRAME} bytes, not {len(audio)}")
    return audio


def mark(name: str) -> str:
    """Have this mark returned when what was sent before it is played."""
    return orjson.dumps({"mark": name}).decode()


CLEAR = '{"clear":true}'
"""Throw away what was not played."""


class Allowance:
    """How much one browser may send by now. Times are seconds of any one clock."""

    def __init__(self, now_s: float) -> None:
        self._sound_ms = EARLY_MS
        self._texts = float(TEXTS_MOST)
        self._sound_s = self._text_s = now_s

    def sound(self, size: int, now_s: float) -> None:
        """So many bytes of sound came. Raises WireError when that is more than can have been spoken."""
        passed_ms = (now_s - self._sound_s) * 1000 * FAST
        self._sound_ms = min(EARLY_MS, self._sound_ms + passed_ms) - size / BYTES_PER_MS
        self._sound_s = now_s
        if self._sound_ms < 0:
            raise WireError("sound comes faster than anybody speaks")

    def text(self, now_s: float) -> None:
        """A message came. Raises WireError when there are too many."""
        self._texts = min(TEXTS_MOST, self._texts + (now_s - self._text_s) * TEXTS_A_SECOND) - 1
        self._text_s = now_s
        if self._texts < 0:
            raise WireError("too many messages")
