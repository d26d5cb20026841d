"""How often pages are asked for: a link so often, unknown ones together so often, and few at the same time.

May import: the standard library.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

LINK_MOST, LINK_S = 60, 300.0
STRANGERS_MOST, STRANGERS_S = 60, 60.0
LINKS_KNOWN = 1000


@dataclass(slots=True)
class Pace:
    """Counts; says no when it is too often."""

    clock: Callable[[], float] = time.monotonic
    _links: OrderedDict[int, deque[float]] = field(default_factory=OrderedDict)
    _strangers: deque[float] = field(default_factory=deque)

    def link(self, link_id: int) -> bool:
        """Whether this link may be answered once more."""
        asked = self._links.setdefault(link_id, deque())
        self._links.move_to_end(link_id)
        if len(self._links) > LINKS_KNOWN:
            self._links.popitem(last=False)
        return self._once_more(asked, LINK_MOST, LINK_S)

    def stranger(self) -> bool:
        """Whether somebody without a link may still be looked up."""
        return self._count(self._strangers, STRANGERS_S) < STRANGERS_MOST

    def no_link(self) -> None:
        """Somebody asked for a link that is none."""
        self._strangers.append(self.clock())

    def _once_more(self, asked: deque[float], most: int, within_s: float) -> bool:
        if self._count(asked, within_s) >= most:
            return False
        asked.append(self.clock())
        return True

    def _count(self, asked: deque[float], within_s: float) -> int:
        before = self.clock() - within_s
        while asked and asked[0] < before:
            asked.popleft()
        return len(asked)
