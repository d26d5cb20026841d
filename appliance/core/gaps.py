"""How long a reply may wait for the rest of its audio before it is given up.

May import: the standard library.
"""

STARVED_S = 1.3
"""Behind it comes a word of ours, and no silence within a call is to last for more than 1.5 s."""
RECOVERS = 0.25
"""What plays well makes up for so much of the gaps before it: a hiccup is forgotten, a trickle is not."""


class Gaps:
    """Counts the silence within replies. Times are in seconds of one clock."""

    def __init__(self, now_s: float) -> None:
        self._at_s = now_s
        self._starved_s = 0.0

    def too_many(self, now_s: float, starved: str) -> bool:
        """Whether the reply that is `starved` now, if any, has waited for too long."""
        passed_s, self._at_s = now_s - self._at_s, now_s
        self._starved_s = max(0.0, self._starved_s + (passed_s if starved else -RECOVERS * passed_s))
        if not starved or self._starved_s <= STARVED_S:
            return False
        self._starved_s = 0.0
        return True
