"""When to try again after a failure of the network, and when to give up.

May import: the standard library, models.weights.
"""

from collections.abc import Callable

from models.weights.answers import FetchFailed
from models.weights.hub import Patience

Waits = Callable[[FetchFailed, float], None]


class Tries:
    """So many tries in a row without progress, with a pause before each."""

    def __init__(self, patience: Patience, waits: Waits) -> None:
        """`waits` is told of each pause and its reason, before it."""
        self._patience = patience
        self._waits = waits
        self._pauses = list(patience.pauses_s)

    def progress(self) -> None:
        """Something came: the count begins anew."""
        self._pauses = list(self._patience.pauses_s)

    async def again_after(self, failure: FetchFailed) -> None:
        """Wait for the next try. Raises the failure when there is none, or none soon enough."""
        asked_s = failure.wait_s
        if asked_s is not None and asked_s > self._patience.asked_most_s:
            minutes = f"It asks to come back in {asked_s / 60:.0f} minutes."
            raise FetchFailed(f"{failure} {minutes}") from failure
        if not failure.retry or not self._pauses:
            raise failure
        pause_s = self._pauses.pop(0) if asked_s is None else max(asked_s, self._pauses.pop(0))
        self._waits(failure, pause_s)
        await self._patience.sleep(pause_s)
