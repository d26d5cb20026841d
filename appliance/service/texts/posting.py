"""Sends what is owed by now, and finds out about what the carrier may have taken; beside the calls.

May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.service.texts.post import Post

log = logging.getLogger(__name__)

PAUSE_S = 10.0


class Posting:
    """The round of the texts. `office` is the office as it is now."""

    def __init__(self, post: Post, office: Callable[[], Awaitable[Office]]) -> None:
        self._post = post
        self._office = office

    async def run(self) -> None:
        """Look, and again and again; until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(PAUSE_S)

    async def once(self) -> int:
        """Send all that is owed by now; how many texts were looked at. Raises StoreError."""
        owed, unsure = await self._post.open()
        office = await self._office() if owed else Office()
        for text in unsure:
            await self._one(self._post.find(text))
        for text in owed:
            await self._one(self._post.give(text, office))
        return len(owed) + len(unsure)

    async def _one(self, work: Awaitable[object]) -> None:
        """One of them; what is wrong with it leaves the others alone."""
        try:
            await work
        except AttendantError as exc:
            log.warning("text waits", extra={"problem": str(exc)[:300]})
