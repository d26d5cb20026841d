"""How a service that we ask did when it was asked last. Nobody is asked for the sake of this.

May import: the standard library.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Standing:
    """Kept by who asks. `at` is when it was asked last, None before the first time; times are in UTC."""

    now: Callable[[], datetime] = field(default=_now, repr=False)
    at: datetime | None = None
    failing_since: datetime | None = None
    problem: str = ""

    def answered(self) -> None:
        """It did what was asked, or said why it does not."""
        self.at, self.failing_since, self.problem = self.now(), None, ""

    def failed(self, problem: str) -> None:
        """It did not answer, or refuses us whatever we ask."""
        self.at = self.now()
        self.failing_since = self.failing_since or self.at
        self.problem = problem
