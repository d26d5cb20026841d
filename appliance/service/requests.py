"""What staff ask for in a live call by the pages: taken from its table, done, and seen through to its end.

May import: the standard library, appliance.core, appliance.service, appliance.store.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.core.call import Call
from appliance.core.decided import STAFF
from appliance.core.dispositions import HUNG_UP, Kind
from appliance.core.doorbell import Doorbell
from appliance.core.errors import AttendantError
from appliance.core.events import StaffDecided
from appliance.service.known_call import KnownCall
from appliance.store import requests, times
from appliance.store.reader import Reader
from appliance.store.requests import Request, Why
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

SWEEP_S = 1.0


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """What is being done, and the media leg in which the caller is told."""

    asked: Request
    known: KnownCall
    call: Call


class Requests:
    """Acts on them. `known` finds a call by the carrier's id."""

    def __init__(
        self, folder: Path, writer: Writer, reader: Reader, known: Callable[[str], KnownCall | None]
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._reader = reader
        self._known = known
        self._taken: set[int] = set()
        self._under_way: list[_UnderWay] = []

    async def run(self) -> None:
        """Look whenever the bell rings, and every second."""
        self._writer.submit(lambda db: requests.sweep(db, at=times.utc_now()))
        with Doorbell(self._folder) as bell:
            while True:
                try:
                    await self.look()
                except AttendantError as exc:
                    log.warning("what staff ask for cannot be read", extra={"problem": str(exc)})
                await bell.heard(SWEEP_S)

    async def look(self) -> None:
        """Begin what is new, and write down what has come of the rest."""
        self._under_way = [each for each in self._under_way if not self._seen_through(each)]
        waiting = await self._reader.run(requests.waiting)
        new = [each for each in waiting if each.id not in self._taken]
        # One whose row is not written yet is read again, and not begun again.
        self._taken = {each.id for each in waiting}
        for each in new:
            self._begin(each)

    def _begin(self, asked: Request) -> None:
        known = self._known(asked.call_sid)
        why = _refused(asked, known, times.utc_now())
        if why is not None or known is None or known.call is None:
            self._settle(asked, why or Why.ELSEWHERE)
            return
        log.info("staff act on a call", extra={"call_id": asked.call_id, "what": asked.what})
        self._under_way.append(_UnderWay(asked, known, known.call))
        self._writer.submit(lambda db: requests.begun(db, asked.id))
        known.call.happened(StaffDecided(asked.leave))

    def _seen_through(self, each: _UnderWay) -> bool:
        """Whether its media leg is over; then it is written down how that went on."""
        known = each.known
        if known.call is each.call:
            return False
        if known.left == each.asked.leave and known.reason.startswith(STAFF):
            self._settle(each.asked, None)
        else:
            self._settle(each.asked, Why.OVER if known.reason == HUNG_UP else Why.ELSEWHERE)
        return True

    def _settle(self, asked: Request, why: Why | None) -> None:
        log.info("what staff asked for is settled", extra={"call_id": asked.call_id, "became": why or "done"})
        self._writer.submit(lambda db: requests.settle(db, asked.id, why, at=times.utc_now()))


def _refused(asked: Request, known: KnownCall | None, now: str) -> Why | None:
    """Why it cannot be done, if it cannot."""
    if asked.late(now):
        return Why.LATE
    if known is None or known.over:
        return Why.OVER
    if known.call is None:
        return Why.ELSEWHERE
    leave = asked.leave
    # Only where staff entered a number, as things are now.
    if leave.kind is Kind.TRANSFER and known.office.department(leave.department) is None:
        return Why.NO_DEPARTMENT
    return None
