"""What the PBX tells of calls, told to the switchboard; and what it could not tell meanwhile, found out.

May import: the standard library, appliance.core, appliance.service, appliance.store, ari_bridge.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from appliance.core.errors import AttendantError, CarrierFailed, WireError
from appliance.core.steps import CallEnded, CallOffered, RingEnded, VoicemailTaken
from appliance.service.known_call import GONE
from appliance.service.pbx.filed import FiledCalls
from appliance.service.pbx.house import House
from appliance.service.pbx.messages import NAME, brought, recorded
from appliance.service.records import BridgeRecords
from appliance.service.switchboard import ClinicSwitchboard
from ari_bridge.ami_events import (
    AmiEvent,
    CallerLeft,
    DeskAsked,
    HandedToUs,
    PhoneState,
    PutOnHold,
    Told,
    ZeroPressed,
)
from ari_bridge.arrival import CARRIER, number, own
from ari_bridge.control import AsteriskControl
from ari_bridge.past import Past
from ari_bridge.rendering import CALLERS, DESK_FIRST

log = logging.getLogger(__name__)

SWEEP_S = 30.0
HELD_MOST = 500
"""Calls that are known to be on hold; those that end so are known of for a while."""


class PbxCalls:
    """Follows the PBX's calls.

    What is told of a call of the box to itself is handed to `own_call`, and kept nowhere; what is told of
    telephones to `phone`.
    """

    def __init__(
        self,
        switchboard: ClinicSwitchboard,
        records: BridgeRecords,
        house: House,
        recordings: Path,
        control: Callable[[], AsteriskControl],
        own_call: Callable[[Told], None],
        phone: Callable[[PhoneState], None],
        country_code: str,
    ) -> None:
        self._switchboard = switchboard
        self._records = records
        self._house = house
        self._recordings = recordings
        self._control = control
        self._own = own_call
        self._phone = phone
        self._country_code = country_code
        self._filed = FiledCalls(switchboard, records, control, country_code)
        self._asked: dict[str, str] = {}
        """The channels of desks that are asked whether they take a call."""
        self._on_hold: dict[str, None] = {}
        """Calls whose caller a desk has put on hold, the oldest first."""
        self._missing: set[str] = set()
        """Calls that had no channel when it was looked last."""

    async def heard(self, event: AmiEvent) -> None:
        """Take one thing in; what goes wrong with it is this one's alone, and a message is tried again."""
        try:
            await self._take(event)
        except (AttendantError, OSError) as exc:
            log.error("what the PBX told was not kept", extra={"problem": str(exc)})

    async def _take(self, event: AmiEvent) -> None:
        match event:
            case PhoneState():
                self._phone(event)
            case DeskAsked():
                self._asked[event.call_sid] = event.desk
            case CallerLeft():
                await self._left(event.call_sid)
            case HandedToUs():
                await self._control().connected_with(event.channel, event.leg)
            case PutOnHold():
                self._put_on_hold(event)
            case ZeroPressed() if event.call_sid in self._on_hold:
                self._on_hold.pop(event.call_sid)
                await self._control().free_from_hold(event.channel)
            case ZeroPressed():
                # Where phones ring, or we hear the caller, it does what it does.
                pass
            case Told() if own(event.offer.call_sid):
                self._own(event)
            case Told():
                await self._told(event)

    async def _left(self, call_sid: str) -> None:
        """A desk that is still asked hears no more of a call whose caller has left; Asterisk would go on."""
        if desk := self._asked.pop(call_sid, ""):
            await self._control().act("Hangup", Channel=desk)

    def _put_on_hold(self, event: PutOnHold) -> None:
        self._on_hold.pop(event.call_sid, None)
        if event.on_hold:
            self._on_hold[event.call_sid] = None
        while len(self._on_hold) > HELD_MOST:
            del self._on_hold[next(iter(self._on_hold))]

    async def _told(self, event: Told) -> None:
        what = event.what
        if isinstance(what, RingEnded) and what.department == DESK_FIRST and what.result != "answered":
            # The box answers now, and tells how it goes.
            return
        if isinstance(what, CallEnded):
            self._on_hold.pop(what.call_sid, None)
            await self._filed.over(Past(event.offer, event.rang, what))
            return
        if self._switchboard.brief(event.offer.call_sid) is None:
            # One that was never with us: people took it, or nobody.
            await self._switchboard.offer(event.offer)
        match what:
            case RingEnded():
                await self._filed.rang(what)
                if what.result == "canceled":
                    await self._left(what.call_sid)
                self._asked.pop(what.call_sid, None)
            case VoicemailTaken():
                await self._recorded(what)
                await self._control().drop(CALLERS, what.call_sid)
            case None:
                pass

    async def begun(self) -> None:
        """A connection stands: file calls that ended meanwhile, and what was recorded, as they went."""
        # What is offered while we ask is no call that is gone.
        open_before = self._switchboard.open_calls(CARRIER)
        alive = await self._alive()
        await self._filed.look(await asyncio.to_thread(_with_messages, self._house))
        await self._sweep(alive)
        for call_sid in open_before:
            if call_sid not in alive:
                await self._gone(CallOffered(call_sid, "", "", CARRIER))

    async def run(self) -> None:
        """Look again and again for what was not filed when it was told, or was never told."""
        while True:
            await asyncio.sleep(SWEEP_S)
            if self._control().connected:
                try:
                    await self.look()
                except CarrierFailed as exc:
                    log.warning("calls and messages not looked for", extra={"problem": str(exc)})

    async def look(self) -> None:
        """Look once: which calls go on, however quietly, and which do not. Raises CarrierFailed."""
        open_before = self._switchboard.open_calls(CARRIER)
        alive = await self._alive()
        await self._filed.look(await asyncio.to_thread(_with_messages, self._house))
        gone = {call_sid for call_sid in open_before if call_sid not in alive}
        for call_sid in alive.intersection(open_before):
            self._switchboard.goes_on(call_sid)
        # Of one that has only just ended the last word may be on its way: the second time there is none.
        for call_sid in gone & self._missing:
            await self._gone(CallOffered(call_sid, "", "", CARRIER))
        self._missing = gone
        if await asyncio.to_thread(recorded, self._house):
            await self._sweep(alive)

    async def _alive(self) -> set[str]:
        """The channels that there are. Raises CarrierFailed."""
        answer = await self._control().act("CoreShowChannels")
        return {row.get("Uniqueid", "") for row in answer} if isinstance(answer, list) else set()

    async def _sweep(self, alive: set[str]) -> None:
        """File what lies there, but nothing that is still being recorded."""
        lie = await asyncio.to_thread(recorded, self._house)
        for path in lie:
            found = NAME.fullmatch(path.name)
            if found is None or found[1] in alive or own(found[1]):
                continue
            await self._found(path, found[1])
        if not alive and not lie:
            # Who hung up before the tone has left a number, and nothing else.
            await self._control().drop(CALLERS)

    async def _found(self, path: Path, call_sid: str) -> None:
        """A message of which nobody told us, perhaps of a call that we never heard of, and which is over."""
        caller = await self._control().kept(CALLERS, call_sid)
        offer = CallOffered(call_sid, number(caller, self._country_code), "", CARRIER)
        await self.heard(Told(offer, VoicemailTaken(call_sid, path.name, 0)))
        await self._gone(offer)

    async def _gone(self, offer: CallOffered) -> None:
        """A call has no channel any more, and how it went nobody has kept: the PBX itself was ended."""
        await self.heard(Told(offer, CallEnded(offer.call_sid, GONE)))

    async def _recorded(self, taken: VoicemailTaken) -> None:
        """A message lies in the PBX's folder: it is ours when it is on our disk and in our books."""
        source = self._house.voicemail / Path(taken.recording_sid).name
        found = NAME.fullmatch(source.name)
        if found is None:
            raise WireError("no name of a recording")
        name = f"{found[1]}-{found[2]}.wav"
        seconds = await asyncio.to_thread(brought, source, self._recordings / name)
        if seconds is not None:
            await self._switchboard.recorded_here(VoicemailTaken(taken.call_sid, name, seconds))
        await asyncio.to_thread(source.unlink, missing_ok=True)


def _with_messages(house: House) -> set[str]:
    """The calls of which messages lie there."""
    found = (NAME.fullmatch(path.name) for path in recorded(house))
    return {each[1] for each in found if each is not None}
