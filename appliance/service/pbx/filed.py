"""Calls of the PBX that are over: filed as they went, whoever listened when it was told.

What the PBX told of a call while nobody heard it stands in its own database, and in the last word on the
call; what we have heard already is left as it is. May import: the standard library, appliance.core,
appliance.service, ari_bridge.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection

from appliance.core.errors import AttendantError, WireError
from appliance.core.steps import LookedUp, RingEnded
from appliance.service.records import BridgeRecords
from appliance.service.switchboard import ClinicSwitchboard
from ari_bridge import past
from ari_bridge.control import AsteriskControl
from ari_bridge.past import FAMILY, Past
from ari_bridge.rendering import DESK_FIRST

log = logging.getLogger(__name__)

FOLLOWED_MOST = 2000


class FiledCalls:
    """Files them. `rang` is told each ring as it ends, `over` the end of a call, `look` finds the others."""

    def __init__(
        self,
        switchboard: ClinicSwitchboard,
        records: BridgeRecords,
        control: Callable[[], AsteriskControl],
        country_code: str,
    ) -> None:
        self._switchboard = switchboard
        self._records = records
        self._control = control
        self._country_code = country_code
        self._told: dict[str, list[RingEnded]] = {}
        """How phones did, by their calls, as far as this process was told."""

    async def rang(self, ring: RingEnded) -> None:
        """Phones are done."""
        self._told.setdefault(ring.call_sid, []).append(ring)
        while len(self._told) > FOLLOWED_MOST:
            del self._told[next(iter(self._told))]
        await self._switchboard.rang_aside(ring)

    async def over(self, call: Past) -> None:
        """A call is over, and this is the last word on it, but for a message. Raises StoreError."""
        if self._switchboard.brief(call.offer.call_sid) is None:
            # We never had it, or another process of ours did.
            await self._settle(call, message=False)
            return
        try:
            await self._catch_up(call)
        except AttendantError as exc:
            log.warning("not known yet what phones did in a call", extra={"problem": str(exc)})
        await self._switchboard.ended(call.ended)

    async def look(self, messages: Collection[str]) -> None:
        """File what the PBX has kept, and have it forget that; `messages` names calls that left one.

        Raises CarrierFailed.
        """
        for call_sid, row in (await self._control().family(FAMILY)).items():
            try:
                await self._found(past.read(call_sid, row, self._country_code), call_sid in messages)
            except WireError as exc:
                log.warning("what the PBX kept of a call is not read", extra={"problem": str(exc)})
            except AttendantError as exc:
                # It stays with the PBX until it is.
                log.error("a call that is over is not filed yet", extra={"problem": str(exc)})
                continue
            await self._control().drop(FAMILY, call_sid)

    async def _found(self, call: Past, message: bool) -> None:
        if self._switchboard.brief(call.offer.call_sid) is None:
            await self._settle(call, message=message)
        else:
            await self._catch_up(call)
            await self._switchboard.ended(call.ended)

    async def _settle(self, call: Past, *, message: bool) -> None:
        phones = tuple(ring for ring in call.rang if _counts(ring))
        found = LookedUp(call.ended, phones, call.offer, call.began)
        await self._switchboard.settle(found, voicemail=message)
        await self._catch_up(call)

    async def _catch_up(self, call: Past) -> None:
        """Take in what phones did of which we did not hear. Raises StoreError."""
        rings = [ring for ring in call.rang if _counts(ring)]
        told = self._told.pop(call.offer.call_sid, [])
        if len(told) < len(rings):
            # Our books have it also of an earlier process.
            told = await self._records.rings(call.offer.call_sid)
        known = Counter(map(_what, told))
        for ring in rings:
            known[_what(ring)] -= 1
            if known[_what(ring)] < 0:
                await self._switchboard.rang_aside(ring)


def _what(ring: RingEnded) -> tuple[str, str, int]:
    return ring.department, ring.result, ring.seconds


def _counts(ring: RingEnded) -> bool:
    """Whether it says how a call went: a desk that rings before the box does not, unless it answers."""
    return ring.department != DESK_FIRST or ring.result == "answered"
