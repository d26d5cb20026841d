"""What a process counts of its calls, as plain numbers; the service exports them.

May import: the standard library.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Counts since the process began."""

    offered: int = 0
    repeated: int = 0
    refused_busy: int = 0
    live: int = 0
    admitted: int = 0
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    brains_lost: Counter[str] = field(default_factory=Counter)
    events_dropped: int = 0
    playout_dropped_ms: int = 0
    uplink_dropped_ms: int = 0
    wishes_dropped: int = 0
    cloud_garbage: int = 0
