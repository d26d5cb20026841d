"""Answers the box's calls to itself beside the switchboard: by the same conversation, in no book, free.

What a call of a patient counts as is not touched: no row, no limit, no statistics, and no cloud.
May import: the standard library, appliance.core, appliance.service, ari_bridge.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable

from appliance.core import front_door
from appliance.core.citations import Citation
from appliance.core.commands import EndCall
from appliance.core.dispositions import PEOPLE, Disposition, Outcome
from appliance.core.events import DigitPressed, Event, PhonesRang
from appliance.core.ports import BringBack, Leg
from appliance.core.staff import Office
from appliance.core.steps import CallOffered, RingEnded, Steps
from appliance.core.story import Speaker
from appliance.service.known_call import KnownCall
from appliance.service.switchboard import MakeCall
from ari_bridge.arrival import own
from ari_bridge.server import Calls

log = logging.getLogger(__name__)


class Notes:
    """The call log of one call of our own: kept for whoever rang, and then gone."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        """Begins the name of the call."""
        self.held = False
        """Whether the assistant has it, or had."""
        self.pressed = ""
        self.heard = ""
        self.left: Disposition | None = None

    async def opened(self, call_id: str, offer: CallOffered, at: str) -> None:
        """It is in no book."""

    def happened(self, call_id: str, at_ms: int, event: Event | PhonesRang) -> None:
        """Keep the keys."""
        if isinstance(event, DigitPressed):
            self.pressed += event.digit

    def turn(self, call_id: str, place: int, speaker: Speaker, text: str, *, final: bool, cut: bool) -> None:
        """Keep what we said, as it was understood."""
        if speaker is Speaker.CALLER and final:
            self.heard = f"{self.heard} {text}".strip()

    def wished(self, call_id: str, what: str, topic: str) -> None:
        """It is in no book."""

    def cited(self, call_id: str, citation: Citation) -> None:
        """It is in no book."""

    def spoken(self, call_id: str, language: str) -> None:
        """It is in no book."""

    async def leave(self, call_id: str, disposition: Disposition) -> None:
        """Keep where it goes."""
        self.left = disposition

    def closed(
        self,
        call_id: str,
        at: str,
        outcome: Outcome,
        reason: str,
        *,
        seconds: int | None = None,
        settled: bool = True,
    ) -> None:
        """It is in no book."""

    def went(self, call_id: str, outcome: Outcome) -> None:
        """It is in no book."""


class OwnCalls:
    """Takes our own calls, one at a time and only while one is `expected`; all others go to `calls`."""

    def __init__(self, calls: Calls, office: Callable[[], Awaitable[Office]], make_call: MakeCall) -> None:
        self._calls = calls
        self._office = office
        self._make_call = make_call
        self.expected: Notes | None = None
        self._known: tuple[KnownCall, Notes] | None = None

    async def offer(self, offer: CallOffered) -> Steps:
        """A media leg arrives: of ours only the one that is expected is let in."""
        if not own(offer.call_sid):
            return await self._calls.offer(offer)
        notes = self.expected
        if notes is None or not offer.call_sid.startswith(notes.mark):
            log.warning("a call of our own that nobody placed")
            return ()
        office = await self._office()
        known = KnownCall(f"self-{secrets.token_hex(8)}", offer, office, token=secrets.token_urlsafe(24))
        known.aside = notes
        self._known = known, notes
        return front_door.assistant(office, known.token)

    async def back(self, ended: RingEnded) -> Steps:
        """Phones are done, and the caller comes back; ours has rung none."""
        return () if own(ended.call_sid) else await self._calls.back(ended)

    def admit(self, token: str, call_sid: str) -> bool:
        """Whether this token belongs to this call."""
        if not own(call_sid):
            return self._calls.admit(token, call_sid)
        if self._known is None:
            return False
        known, _ = self._known
        return known.offer.call_sid == call_sid and known.token == token

    async def hold(self, call_sid: str, leg: Leg, back: BringBack | None = None) -> None:
        """Hold an admitted call until it is over."""
        if not own(call_sid) or self._known is None:
            await self._calls.hold(call_sid, leg, back)
            return
        (known, notes), self._known = self._known, None
        call = await self._make_call(known, leg)
        if call is None:
            await leg.end(PEOPLE)
            return
        notes.held = True
        await call.run(_over)


def _over(end: EndCall) -> None:
    log.info("media leg of our own over", extra={"reason": end.reason})
