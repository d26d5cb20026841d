"""How long a verb may take in all, shared by everything that it asks. Knows nothing of what is asked.

May import: the standard library, appliance.core.
"""

import time
from dataclasses import dataclass

from appliance.core.calendar import CalendarFailed, Trouble


class Clock:
    """Time that only grows, and waiting in it."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Patience:
    """Ends at `until`, in seconds of its clock."""

    clock: Clock
    until: float

    @classmethod
    def of(cls, seconds: float, clock: Clock) -> "Patience":
        """From now on for so many seconds."""
        return cls(clock, clock.now() + seconds)

    @property
    def left_s(self) -> float:
        """What is left of it, 0 when it is over."""
        return max(0.0, self.until - self.clock.now())

    def some_s(self) -> float:
        """What is left of it. Raises CalendarFailed when nothing is."""
        left = self.left_s
        if left <= 0:
            raise CalendarFailed("Microsoft did not answer in time.", Trouble.AWAY)
        return left
