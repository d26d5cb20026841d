"""How long a silence ends what a caller says: what is expected of them, and how they have spoken so far.

Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.phase import SENTENCE_MS

PAUSE_FROM_MS = 200
"""Shorter silences are part of words: the closing of lips before a p."""
WENT_ON_WITHIN_MS = 1_500
"""A caller who speaks again this soon after we took them to be done was not done."""
MORE_AT_MOST_MS = 1_000
LONGEST_MS = 3_000


@dataclass(slots=True)
class Patience:
    """What is asked for, and more for a caller whose own pauses are long; within bounds.

    The longest pause counts at once, and is forgotten by a quarter with each shorter one.
    """

    asked_ms: int = SENTENCE_MS
    _own_ms: int = 0

    @property
    def ms(self) -> int:
        """How long a silence has to be."""
        wanted = min(self._own_ms + self._own_ms // 4 + 100, self.asked_ms + MORE_AT_MOST_MS, LONGEST_MS)
        return max(self.asked_ms, wanted if self._own_ms else 0)

    def went_on(self, pause_ms: int) -> None:
        """The caller was silent so long and then went on with what they were saying."""
        if pause_ms >= PAUSE_FROM_MS:
            self._own_ms = max(pause_ms, self._own_ms - (self._own_ms - pause_ms) // 4)
