"""How often the page of a link is asked for: each so often, whatever is asked of the others.

May import: the standard library.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

LINK_MOST, LINK_S = 60, 300.0
LINKS_KNOWN = 1000


@dataclass(slots=True)
class Pace:
    """Counts; says no when it is too often."""

    clock: Callable[[], float] = time.monotonic
    _links: OrderedDict[int, deque[float]] = field(default_factory=OrderedDict)

    def link(self, link_id: int) -> bool:
        """Whether this link may be answered once more."""
        asked = self._links.setdefault(link_id, deque())
        self._links.move_to_end(link_id)
        if len(self._links) > LINKS_KNOWN:
            self._links.popitem(last=False)
        before = self.clock() - LINK_S
        while asked and asked[0] < before:
            asked.popleft()
        if len(asked) >= LINK_MOST:
            return False
        asked.append(self.clock())
        return True
