"""The figures of one window, and how they come out of the calls' accounts.

May import: the standard library, numpy, and of the bench flow, subject.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.bench.flow import Delays
from scripts.bench.subject import Lateness

LATE_LOAD_MS = 2.0
LIMIT_MS = 20.0


@dataclass(frozen=True, slots=True)
class Spread:
    """How late a lot of pieces were, in milliseconds."""

    pieces: int
    p50_ms: float
    p99_ms: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one window showed."""

    subject: str
    profile: str
    calls: int
    seconds: float
    up: Spread
    """Caller to cloud, all frames."""
    up_speech: Spread
    up_quiet: Spread
    """Silence may be held for a while, to be sent together."""
    up_message: Spread
    """Caller to cloud, by the last frame of each message: what is left without the holding."""
    down: Spread
    """Cloud to caller: every delta in duplex, the first of each reply in talk."""
    missing: int
    """Pieces that had not arrived a second after the window."""
    gap_ms: float
    """The longest silence in the middle of a reply, as the caller heard it."""
    cpu_s_per_call_minute: float
    core_share: float
    memory_mib: float
    loop_late: Lateness | None
    load_late_ms: float
    load_share: float
    stolen_share: float
    foreign_share: float
    """The CPU time of all other processes of the machine, in shares of a core."""
    beside_share: float = 0.0
    """The same of what was at work beside the subject on purpose."""

    @property
    def valid(self) -> bool:
        """Whether the load itself was in time; where not, the window says nothing about the subject."""
        return self.load_late_ms <= LATE_LOAD_MS

    @property
    def worst_p99_ms(self) -> float:
        """The later of both directions, without what was held on purpose."""
        return max(self.up_speech.p99_ms, self.up_message.p99_ms, self.down.p99_ms)

    @property
    def keeps_up(self) -> bool:
        """Whether this many calls were carried in time, and wholly."""
        return self.worst_p99_ms < LIMIT_MS and not self.missing

    def as_json(self) -> dict[str, object]:
        """All of it, for machines."""
        return {**asdict(self), "valid": self.valid, "keeps_up": self.keeps_up}


def spread(delays: Sequence[Delays], marked: bool | None = None) -> Spread:
    """The spread over all calls; of the marked pieces alone, or of the others."""
    picked: list[NDArray[np.float64]] = [
        one.late if marked is None else one.late[one.marked == marked] for one in delays
    ]
    late = np.concatenate(picked) * 1000 if picked else np.empty(0)
    if not late.size:
        return Spread(0, 0.0, 0.0, 0.0)
    p50, p99 = np.percentile(late, (50, 99))
    return Spread(late.size, float(p50), float(p99), float(late.max()))
