"""What the box finds when it rings itself: one finding a check, and how the whole of it went. Pure.

May import: the standard library.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check went, the worst last. `degraded`: callers are served, by less than what is configured."""

    UNCHECKED = "not checked"
    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


class Check(StrEnum):
    """What is looked at, in this order."""

    GATE = "gate"
    GREETING = "greeting"
    KEYS = "keys"
    VOICEMAIL = "voicemail"
    SYNTHESIS = "synthesis"
    RECOGNITION = "recognition"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check went; `told` is a sentence of why, or a figure."""

    check: Check
    state: State
    told: str = ""


LOOK_MINUTES = 10
"""How often it is looked whether a call is due, and whether there is a bridge to place it."""
LATE_S = 900.0
"""So much later it may come: many calls were up, or the bridge was begun anew."""
SLACK_S = 60.0
"""Nothing begins to the second: without it, every other look would come some seconds too soon."""
ALARM_AFTER = 2
"""So many failures in a row are an alarm: one alone may be the chance of a busy minute."""


def overall(findings: Iterable[Finding]) -> State:
    """The worst of them; nothing looked at is not checked."""
    order = tuple(State)
    return max((finding.state for finding in findings), key=order.index, default=State.UNCHECKED)


def is_due(state: State, old_s: float, minutes: int) -> bool:
    """Whether the box is to ring itself, `old_s` after a call with this result; never by 0 minutes.

    Sooner when that one failed, or looked at nothing. A call of the future is one by a clock that was wrong.
    """
    if not minutes:
        return False
    soon = state in (State.FAILED, State.UNCHECKED)
    pause_s = 60.0 * (min(LOOK_MINUTES, minutes) if soon else minutes)
    return not 0 <= old_s < pause_s - SLACK_S


def overdue_after_s(minutes: int) -> float:
    """How old the last call may be when the box rings itself every so many minutes: one may fall out."""
    return 2 * minutes * 60.0 + LATE_S
