"""What staff decided, read for each call; the last that was read serves when the store is slow.

May import: appliance.core, appliance.store.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.store import office as office_rows
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

READ_S = 0.3
READ_FIRST_S = 5.0
"""Before calls are taken: there is no last one yet, and a country's holidays are looked up."""


async def _as_it_is(office: Office) -> Office:
    return office


class OfficeBook:
    """The office as it is now, as far as can be told in 0.3 s. `ready` has what belongs to it at hand.

    The first read, at the start, has more time.
    """

    def __init__(self, reader: Reader, ready: Callable[[Office], Awaitable[Office]] = _as_it_is) -> None:
        self._reader = reader
        self._ready = ready
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.last = Office()
        self._within_s = READ_FIRST_S

    async def now(self) -> Office:
        """The office for a new call, open or closed as it is by now."""
        office = self.last
        within_s, self._within_s = self._within_s, READ_S
        try:
            office = await self._reader.run(office_rows.load, within_s=within_s)
        except AttendantError as exc:
            log.warning("office not read, the last one serves", extra={"problem": str(exc)})
        office = await self._ready(office.at(self.clock()))
        # The box knows of 2000 calls: as long as nothing is decided anew they share one office.
        self.last = self.last if office == self.last else office
        return self.last
