"""The account of one direction of one call: what was sent when, what had arrived when, and how late.

Order is kept and no byte is stamped: the byte that was sent as the n-th is the n-th to arrive. Audio is µ-law
at 8 kHz. May import: the standard library, numpy.
"""

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
BYTES_PER_S = 8000


@dataclass(slots=True)
class Sent:
    """The pieces of audio that were sent, in order."""

    at: "array[float]" = field(default_factory=lambda: array("d"))
    """When each was sent."""
    end: "array[int]" = field(default_factory=lambda: array("q"))
    """How many bytes had been sent with it."""
    marked: "array[int]" = field(default_factory=lambda: array("b"))
    """1 for the pieces of interest: frames of speech, or the first piece of a reply."""
    total: int = 0

    def add(self, at: float, size: int, marked: int) -> None:
        """Count a piece."""
        self.total += size
        self.at.append(at)
        self.end.append(self.total)
        self.marked.append(marked)


@dataclass(slots=True)
class Arrived:
    """What arrived, in order, however it was cut."""

    at: "array[float]" = field(default_factory=lambda: array("d"))
    end: "array[int]" = field(default_factory=lambda: array("q"))
    total: int = 0

    def add(self, at: float, size: int) -> None:
        """Count a piece."""
        self.total += size
        self.at.append(at)
        self.end.append(self.total)


@dataclass(frozen=True, slots=True)
class Delays:
    """How late the pieces of a window were, in seconds."""

    late: Floats
    marked: Flags
    missing: int
    """Pieces that had not arrived when the account was closed; they count as late as that."""


def delays(
    sent: Sent,
    arrived: Arrived,
    begin: float,
    end: float,
    closed: float,
    *,
    replies: bool = False,
    lost: int = 0,
) -> Delays:
    """How late the pieces sent within [begin, end) were, seen at the moment closed.

    A piece has arrived with its last byte. Of replies only the first piece counts, and its first byte,
    since a bridge keeps the rest back on purpose. Lost bytes, dropped before any arrived, are taken off
    what was sent.
    """
    at, ends, marked = _columns(sent)
    wanted = (at >= begin) & (at < end) & (marked | (not replies))
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    need = (starts + 1 if replies else ends)[wanted] - lost
    index = np.searchsorted(np.array(arrived.end, np.int64), need)
    moments = np.append(np.array(arrived.at, np.float64), closed)
    return Delays(
        moments[index] - at[wanted], marked[wanted], int(np.count_nonzero(index >= len(arrived.at)))
    )


def transits(sent: Sent, arrived: Arrived, begin: float, end: float, *, lost: int = 0) -> Delays:
    """How late the messages that arrived within [begin, end) were, each from the last piece it completes.

    This leaves out what a bridge keeps back to send it together.
    """
    at, ends, marked = _columns(sent)
    moments = np.array(arrived.at, np.float64)
    wanted = (moments >= begin) & (moments < end)
    index = np.searchsorted(ends, np.array(arrived.end, np.int64)[wanted] + lost, side="right") - 1
    known = index >= 0
    return Delays((moments[wanted] - at[index])[known], marked[index][known], 0)


def longest_gap(sent: Sent, arrived: Arrived, begin: float, end: float, closed: float) -> float:
    """The longest silence in the middle of a reply, in seconds, when it is played from its first byte on.

    Of the replies that began within [begin, end). What has not come by the moment closed counts until then.
    """
    at, ends, marked = _columns(sent)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    first = starts[marked]
    last = np.append(first[1:], sent.total)
    wanted = (at[marked] >= begin) & (at[marked] < end)
    came = np.array(arrived.end, np.int64), np.array(arrived.at, np.float64)
    replies = zip(first[wanted], last[wanted], strict=True)
    return max((_gap(int(start), int(stop), *came, closed) for start, stop in replies), default=0.0)


def _gap(start: int, stop: int, ends: Ints, at: Floats, closed: float) -> float:
    """The longest silence between two bytes; a piece is due when the one before it has been played."""
    held = slice(*np.searchsorted(ends, (start + 1, stop)))
    due = np.maximum(np.concatenate((np.zeros(1, np.int64), ends))[held.start : held.stop + 1], start)
    moments = np.append(at, closed)[held.start : held.stop + 1]
    behind = np.maximum.accumulate(moments - due / BYTES_PER_S)
    return float(np.diff(behind).max(initial=0.0))


def _columns(sent: Sent) -> tuple[Floats, Ints, Flags]:
    return np.array(sent.at, np.float64), np.array(sent.end, np.int64), np.array(sent.marked, np.bool_)
