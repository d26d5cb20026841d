"""Which links there are, in memory: whoever comes with another one costs the store nothing.

A token that is not known yet is looked for in the store, for all who come with such ones at once, and once a
second at most. So nobody who has a link waits for those who have none, however many they are. A token has 256
random bits: nobody needs to be kept from guessing.
May import: the standard library, appliance.service.booking.books, appliance.store.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.service.booking.books import Reads
from appliance.store import booking_links

EVERY_S = 1.0


@dataclass(slots=True)
class Register:
    """The digests of all links. `within_s` is how long the store may take."""

    reader: Reads
    within_s: float
    clock: Callable[[], float] = time.monotonic
    reads: int = 0
    """How often the store was asked."""
    _digests: frozenset[str] = frozenset()
    _read_at: float = float("-inf")
    _one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def knows(self, token: str) -> bool:
        """Whether there is a link of this token. Raises StoreError."""
        digest = booking_links.digest(token)
        if digest in self._digests:
            return True
        came_at = self.clock()
        async with self._one_by_one:
            if self._read_at <= came_at:
                await asyncio.sleep(max(0.0, self._read_at + EVERY_S - self.clock()))
                self._read_at, self.reads = self.clock(), self.reads + 1
                self._digests = await self.reader.run(booking_links.digests, within_s=self.within_s)
        return digest in self._digests
