"""The caller's turn: whether the caller speaks, by which ear, and what is owed for it.

May import: the standard library.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class CallerTurn:
    """`speaks` is by the ear that counts, `voice` by our own; times are of the call, by our own ear."""

    speaks: bool = False
    voice: bool = False
    began_ms: int = 0
    ceased_ms: int = 0
    taken: bool = True
    """Whether the brain took note of what was said last."""
    owed: bool = False
    """Whether an answer was asked for and nothing of it was heard."""
    unanswered: bool = False
    """Whether something was said that nothing was answered to."""
    worded: bool = False
    """Whether the words of what was said last are known."""
    broke_in: bool = False
    """Whether the caller's voice cut a reply."""
    muted: bool = False
    """Whether the brain's answer to this turn is not wanted: we have answered it ourselves."""
    probes: int = 0
