"""What staff decided, read for each call; the last that was read serves when the store is slow.

May import: appliance.core, appliance.store.
"""

import logging

from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.store import office as office_rows
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

READ_S = 0.3


class OfficeBook:
    """The office as it is now, as far as can be told in 0.3 s."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.last = Office()

    async def now(self) -> Office:
        """The office for a new call."""
        try:
            self.last = await self._reader.run(office_rows.load, within_s=READ_S)
        except AttendantError as exc:
            log.warning("office not read, the last one serves", extra={"problem": str(exc)})
        return self.last
