"""Figures of a window as a bench finds them, for tests of what is made of them.

May import: scripts.bench.
"""

from typing import Any

from scripts.bench.figures import Figures, Spread

FAST = Spread(10, 0.2, 0.5, 1.0)


def figures(**changed: Any) -> Figures:
    """Those of a good window, but for what is given."""
    told: dict[str, Any] = {
        "subject": "x",
        "profile": "talk",
        "calls": 10,
        "seconds": 5.0,
        "up": FAST,
        "up_speech": FAST,
        "up_quiet": Spread(10, 20.0, 40.0, 41.0),
        "up_message": FAST,
        "down": FAST,
        "missing": 0,
        "gap_ms": 0.0,
        "cpu_s_per_call_minute": 0.5,
        "core_share": 0.1,
        "memory_mib": 30.0,
        "loop_late": None,
        "load_late_ms": 0.1,
        "load_share": 0.2,
        "stolen_share": 0.0,
        "foreign_share": 0.0,
    }
    return Figures(**{**told, **changed})
