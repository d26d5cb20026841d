"""What the cloud cost today, counted by all calls while they go, and whether it may cost more.

May import: the standard library.
"""

from collections.abc import Callable
from datetime import datetime

Today = Callable[[], tuple[datetime, float]]
"""When the clinic's day began, and what the cloud may cost on it, in US dollars; 0 is no limit."""


class Purse:
    """One for all calls. A new day begins with nothing spent."""

    def __init__(self, today: Today) -> None:
        self._today = today
        self._day: datetime | None = None
        self._spent_usd = 0.0

    def found(self, day: datetime, spent_usd: float) -> None:
        """What the records say that was spent since this day began."""
        self._day, self._spent_usd = day, spent_usd

    def spend(self, cost_usd: float) -> None:
        """Something was spent."""
        day, _ = self._today()
        if day != self._day:
            self._day, self._spent_usd = day, 0.0
        self._spent_usd += cost_usd

    @property
    def empty(self) -> bool:
        """Whether today's limit is reached."""
        day, most_usd = self._today()
        return bool(most_usd) and self._day == day and self._spent_usd >= most_usd
