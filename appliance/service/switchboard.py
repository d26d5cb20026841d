"""Where every call of the box is known: offered, led through menus, held, filed. The port `Switchboard`.

One call must never end another: whatever goes wrong in one is caught here, and people are rung.
May import: appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from appliance.core import about, front_door
from appliance.core.call import Call
from appliance.core.commands import EndCall
from appliance.core.counters import Counters
from appliance.core.dispositions import HUNG_UP, PEOPLE, Outcome
from appliance.core.errors import StoreRefused
from appliance.core.events import PhonesRang
from appliance.core.menu import Choice, DepartmentLine
from appliance.core.phrases import Finding
from appliance.core.ports import BringBack, CallLog, Leg
from appliance.core.staff import Office
from appliance.core.steps import (
    CallEnded,
    CallOffered,
    LookedUp,
    MenuAnswered,
    RingEnded,
    Steps,
    VoicemailTaken,
)
from appliance.service.known_call import Brief, KnownCall, numbered
from appliance.service.office_book import OfficeBook
from appliance.store import calls, times
from ari_bridge.arrival import CARRIER

log = logging.getLogger(__name__)

TOKEN_S = 30.0
KNOWN_MOST = 2000
SILENT_S = 60.0
QUIET_S = 120.0
FORGOTTEN_S = 900.0
SILENT = "nothing more was heard of it"


class Records(Protocol):
    """What the switchboard writes beside the call log."""

    async def voicemail(self, taken: VoicemailTaken, *, ready: bool = False) -> None:
        """Keep a voicemail; on disk when this returns. Raises StoreRefused."""

    async def voicemail_here(self, taken: VoicemailTaken) -> None:
        """Keep a voicemail whose recording is ours; on disk when this returns. Raises StoreRefused."""

    def menu_step(self, call_sid: str, step: str) -> None:
        """Note a step of the caller's way through the menus."""

    async def call(self, call_sid: str) -> calls.Call | None:
        """A call as it is kept, perhaps of an earlier process; None when it cannot be told."""


MakeCall = Callable[[KnownCall, Leg], Awaitable[Call | None]]


class ClinicSwitchboard:
    """The switchboard of the box. `make_call` gives None when no assistant can be had.

    `wish` finds danger, and the wish for a person, in what a caller said in a menu.
    """

    def __init__(
        self,
        book: OfficeBook,
        call_log: CallLog,
        records: Records,
        make_call: MakeCall,
        *,
        calls_at_once: int,
        assistant: bool,
        counters: Counters,
        wish: Callable[[str], Finding | None] = lambda _: None,
    ) -> None:
        self._book = book
        self._log = call_log
        self._records = records
        self._make_call = make_call
        self._at_once = calls_at_once
        self._assistant = assistant
        self._counters = counters
        self._wish = wish
        self._known: dict[str, KnownCall] = {}
        self.clock: Callable[[], float] = time.monotonic
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    # Between media legs --------------------------------------------------------------------------------

    async def offer(self, offer: CallOffered) -> Steps:
        """A call rings: the menu, or the assistant; asked again, the same; nothing once it is over."""
        known = self._known.get(offer.call_sid)
        if known is not None:
            self._counters.repeated += 1
            known.heard_at = self.clock()
            about.known_as(known.call_id)
            if (known.story or known.offer.carrier == CARRIER) and not (known.over or known.held):
                # A desk has handed it to us, and perhaps it was with us before.
                return self._to_assistant(known)
            return () if known.over else self._first(known)
        known = KnownCall(secrets.token_hex(8), offer, self._book.last, heard_at=self.clock())
        known.free.set()
        self._remember(known)
        self._counters.offered += 1
        office = await self._opened(known)
        # A repeat that came while the office was read has its answer already.
        known.office = known.office if known.first else office
        return () if known.over else self._first(known)

    async def _opened(self, known: KnownCall) -> Office:
        """Go on with the row of a call that is kept already, or begin one; the office of now."""
        try:
            office, row = await asyncio.gather(self._book.now(), self._records.call(known.offer.call_sid))
            if row is None:
                # A message is taken from the carrier's books only for a call that is on disk.
                await self._log.opened(known.call_id, known.offer, times.written(self.now()))
            else:
                known.resume(row)
        finally:
            known.opened.set()
        about.known_as(known.call_id)
        return known.spoken_to(office)

    def _first(self, known: KnownCall) -> Steps:
        """The answer to the offer, made once."""
        known.first = known.first or numbered(known, self._greeted(known))
        return known.first

    def _greeted(self, known: KnownCall) -> Steps:
        # The menu of a PBX is spoken by us, in the media leg.
        spoken = known.office.staff.front_door == "assistant" or known.offer.carrier == CARRIER
        if spoken and self._assistant:
            return self._to_assistant(known)
        return front_door.greeted_menu(known.office)

    def _to_assistant(self, known: KnownCall) -> Steps:
        if not self._assistant:
            return front_door.to_people(known.office)
        if self._counters.live >= self._at_once:
            self._counters.refused_busy += 1
            known.outcome = Outcome.BUSY
            return front_door.busy(known.office)
        known.outcome = None
        known.token, known.token_until = secrets.token_urlsafe(24), self.clock() + TOKEN_S
        return front_door.assistant(known.office, known.token)

    async def menu(self, answer: MenuAnswered) -> Steps:
        """The caller answered a menu; told of the same answer again, ours is the same."""
        known = await self._find(answer.call_sid)
        if known.over:
            return ()
        turn, steps = known.answered
        if not answer.turn or answer.turn > turn:
            known.turn = max(known.turn, answer.turn)
            steps = numbered(known, self._answered(known, answer))
            known.answered = (answer.turn or turn, steps)
        return steps

    def _answered(self, known: KnownCall, answer: MenuAnswered) -> Steps:
        found = self._wish(answer.speech) if answer.speech else None
        if found is not None:
            self._log.wished(known.call_id, found.what, found.topic)
        if found is None or found.what != "emergency":
            if other := front_door.language_chosen(known.office, answer):
                return self._other_language(known, answer, other)
        elif found.language:
            known.goes_on_in(found.language)
        choice = front_door.menu_choice(known.office, answer, found.what if found else "")
        named = choice.slug if isinstance(choice, DepartmentLine) else str(choice or "?")
        self._records.menu_step(answer.call_sid, f"{answer.menu}:{named}")
        if choice is None:
            known.misses += 1
            return front_door.not_understood(known.office, answer.menu, known.misses)
        return self._chosen(known, choice)

    def _other_language(self, known: KnownCall, answer: MenuAnswered, code: str) -> Steps:
        """The call goes on in it from here, whoever speaks."""
        known.goes_on_in(code)
        self._log.spoken(known.call_id, code)
        self._records.menu_step(answer.call_sid, f"{answer.menu}:{code}")
        return front_door.in_language(known.office)

    def _chosen(self, known: KnownCall, choice: Choice | DepartmentLine) -> Steps:
        office = known.office
        match choice:
            case DepartmentLine():
                return front_door.to_department(choice, office)
            case Choice.HOURS:
                known.outcome = Outcome.HOURS
                return front_door.hours(office)
            case Choice.DEPARTMENTS:
                several = len(office.departments) > 0
                return front_door.department_menu(office) if several else front_door.to_people(office)
            case Choice.VOICEMAIL:
                return front_door.voicemail(office)
            case Choice.ASSISTANT:
                return self._to_assistant(known)
            case Choice.PEOPLE:
                return front_door.to_people(office)
            case Choice.DANGER:
                return front_door.danger(office)

    async def next(self, call_sid: str) -> Steps:
        """Our media leg is over: what its disposition says."""
        known = await self._find(call_sid)
        if known.over:
            return ()
        return numbered(known, known.after_leg)

    async def rang(self, ended: RingEnded) -> Steps:
        """The phones are done."""
        known = await self._find(ended.call_sid)
        self._note(known, ended)
        self._rang(known, ended.result)
        return numbered(known, front_door.after_ring(known.office, ended.result))

    async def rang_aside(self, ended: RingEnded) -> None:
        """A phone is done that rang without our help; a call that found no room stays filed so."""
        known = await self._find(ended.call_sid)
        if known.outcome is not Outcome.BUSY:
            self._note(known, ended)
            self._rang(known, ended.result)

    async def back(self, ended: RingEnded) -> Steps:
        """Phones are done that the carrier rang by itself, and the caller comes back to us."""
        known = await self._find(ended.call_sid)
        if known.over:
            return ()
        self._rang(known, ended.result)
        known.unreached, known.unreached_why = ended.department, ended.result
        return self._to_assistant(known)

    def _rang(self, known: KnownCall, result: str) -> None:
        """How the phones did; of a call that is over, told late or again, it takes nothing back."""
        if result == "answered":
            self._went(known, Outcome.TRANSFERRED)
        elif result != "canceled" and (known.open_to_more or not known.over):
            self._went(known, Outcome.UNANSWERED)

    def _note(self, known: KnownCall, ring: RingEnded) -> None:
        """Keep with the call how phones did: it counts again where nobody speaks in what was left."""
        at_ms = int((self.clock() - known.began_at) * 1000)
        self._log.happened(known.call_id, at_ms, PhonesRang(ring.department, ring.result, ring.seconds))

    async def voicemail(self, taken: VoicemailTaken) -> Steps:
        """A message was recorded; 0 while recording is a wish for a person."""
        known = await self._find(taken.call_sid)
        if taken.digits == "0":
            return numbered(known, front_door.to_people(known.office))
        if not await self._kept(taken, ready=False):
            return front_door.unconfirmed(known.office)
        self._went(known, Outcome.VOICEMAIL)
        return front_door.thanks(known.office)

    async def _kept(self, taken: VoicemailTaken, *, ready: bool) -> bool:
        try:
            await self._records.voicemail(taken, ready=ready)
        except StoreRefused as exc:
            log.error("voicemail not confirmed", extra={"problem": str(exc)})
            return False
        return True

    async def recorded(self, taken: VoicemailTaken) -> None:
        """The recording can be fetched: keep the message even if the caller hung up while speaking."""
        known = await self._find(taken.call_sid)
        await self._kept(taken, ready=True)
        if known.open_to_more:
            self._went(known, Outcome.VOICEMAIL)

    async def recorded_here(self, taken: VoicemailTaken) -> None:
        """A message lies among our own recordings, under that name. Raises StoreRefused."""
        known = await self._find(taken.call_sid)
        await self._records.voicemail_here(taken)
        if known.open_to_more:
            self._went(known, Outcome.VOICEMAIL)

    async def found(self, taken: VoicemailTaken) -> None:
        """A recording stands in the carrier's books; that says nothing of whether the call goes on."""
        known = self._known.get(taken.call_sid)
        heard_at = self.clock() - QUIET_S if known is None else known.heard_at
        await self.recorded(taken)
        self._known[taken.call_sid].heard_at = heard_at

    def _went(self, known: KnownCall, outcome: Outcome) -> None:
        """Word of how the call went; it may come after the call was filed."""
        known.outcome = outcome
        if known.filed:
            self._log.went(known.call_id, outcome)

    # The end -------------------------------------------------------------------------------------------

    async def ended(self, ended: CallEnded) -> None:
        """The carrier says that the call is over: file it, once, when our media leg is over as well."""
        known = await self._find(ended.call_sid)
        # A call whose offer never came is looked up in the carrier's books, to know who rang.
        self._end(known, ended, settled=bool(known.offer.carrier))

    def _end(self, known: KnownCall, ended: CallEnded, *, settled: bool) -> None:
        if known.settled:
            return
        known.over, known.settled, known.end = True, settled, ended
        if not known.held:
            self._file(known)

    async def settle(self, found: LookedUp, *, voicemail: bool) -> None:
        """The carrier's books say how a call ended of which it told us nothing more."""
        if found.ended is None:
            return
        known = await self._find(found.ended.call_sid)
        if known.held:
            return
        if found.offered is not None and not known.offer.carrier:
            known.offer = found.offered
            began = times.written(found.began or self.now())
            await self._log.opened(known.call_id, known.offer, began)
        known.looked_up(found.phones, voicemail=voicemail)
        for ring in found.phones:
            # The PBX's, which say whose they are, are told one by one.
            if not ring.department:
                self._note(known, ring)
        if known.settled and known.end is not None:
            # It was filed so before, and the disk did not take it.
            self._file(known)
        self._end(known, found.ended, settled=True)

    async def file_silent(self) -> None:
        """File calls of which the carrier says nothing more, until it can be asked how they ended."""
        now_s = self.clock()
        for known in tuple(self._known.values()):
            hung_up = known.hung_up_at is not None and known.hung_up_at < now_s - SILENT_S
            silent = known.heard_at < now_s - FORGOTTEN_S
            if not (known.over or known.held) and (hung_up or silent):
                self._file_as_known(known)

    def _file_as_known(self, known: KnownCall) -> None:
        ended_s = known.heard_at if known.hung_up_at is None else known.hung_up_at
        known.over = True
        known.end = CallEnded(known.offer.call_sid, SILENT, at=self._at(ended_s))
        self._file(known)

    def _file(self, known: KnownCall) -> None:
        outcome, end = known.went, known.end or CallEnded(known.offer.call_sid, SILENT)
        if not known.counted:
            known.counted = True
            self._counters.outcomes[outcome] += 1
        known.filed = True
        at, reason = times.written(self._ended_at(known, end)), known.reason or end.status
        self._log.closed(known.call_id, at, outcome, reason, seconds=end.seconds, settled=known.settled)

    def _ended_at(self, known: KnownCall, end: CallEnded) -> datetime:
        """When it ended: by the carrier, in whole seconds, or by our own ear; else now."""
        hung_up = None if known.hung_up_at is None else self._at(known.hung_up_at)
        told = [at for at in (end.at, hung_up) if at is not None]
        now = self.now()
        return min(now, max(told, default=now))

    def _at(self, clock_s: float) -> datetime:
        return self.now() - timedelta(seconds=self.clock() - clock_s)

    def open_calls(self, carrier: str) -> list[str]:
        """The calls of a carrier that are not over, as far as is known here."""
        known = self._known.items()
        return [call_sid for call_sid, each in known if each.offer.carrier == carrier and not each.over]

    def known(self, call_sid: str) -> KnownCall | None:
        """A call that this process knows of."""
        return self._known.get(call_sid)

    def brief(self, call_sid: str) -> Brief | None:
        """A call in brief; None when it is not known."""
        return self._known[call_sid].brief if call_sid in self._known else None

    def quiet(self, call_sid: str) -> bool:
        """Whether a call is neither held here nor was heard of lately."""
        known = self._known.get(call_sid)
        return known is None or not (known.held or known.heard_at > self.clock() - QUIET_S)

    def goes_on(self, call_sid: str) -> None:
        """The carrier's books say that a call is not over."""
        known = self._known.get(call_sid)
        if known is not None:
            known.heard_at, known.hung_up_at = self.clock(), None

    def give_up(self, call_sid: str) -> None:
        """The carrier will never say how a call ended: what is known of it here stands."""
        known = self._known.get(call_sid)
        if known is None or known.held:
            return
        known.settled = True
        if not known.over:
            self._file_as_known(known)

    # Known calls ---------------------------------------------------------------------------------------

    async def _find(self, call_sid: str) -> KnownCall:
        """A known call; one that another process of ours began is taken on as it is kept."""
        known = self._known.get(call_sid)
        if known is None:
            unknown, now_s = CallOffered(call_sid, "", "", ""), self.clock()
            known = KnownCall(secrets.token_hex(8), unknown, self._book.last, heard_at=now_s)
            known.free.set()
            known.office = await self._opened(known)
            # Another webhook of the same call may have been quicker.
            known = self._known.get(call_sid, known)
            self._remember(known)
        # A repeated offer is answered at once: what follows may be here before the call has its row.
        await known.opened.wait()
        about.known_as(known.call_id)
        known.heard_at = self.clock()
        return known

    def _remember(self, known: KnownCall) -> None:
        self._known[known.offer.call_sid] = known
        while len(self._known) > KNOWN_MOST:
            del self._known[next(iter(self._known))]

    # Media legs ----------------------------------------------------------------------------------------

    def admit(self, token: str, call_sid: str) -> bool:
        """Whether this token, unused and in time, belongs to this call; it is used up by asking."""
        known = self._known.get(call_sid)
        if known is None or not known.token or known.over or known.held:
            return False
        good = secrets.compare_digest(known.token.encode(), token.encode())
        if good:
            known.token = ""
        if good and self._counters.live >= self._at_once:
            # More were offered at the same time than can be held: people are rung for the rest.
            self._counters.refused_busy += 1
            known.outcome = Outcome.BUSY
            return False
        return good and self.clock() <= known.token_until

    async def hold(self, call_sid: str, leg: Leg, back: BringBack | None = None) -> None:
        """Hold an admitted call until it is over, and leave its disposition for what is asked next."""
        known = self._known[call_sid]
        about.known_as(known.call_id)
        known.free.clear()
        self._counters.admitted += 1
        self._counters.live += 1
        with ExitStack() as leg_over:
            leg_over.callback(self._let_go, known)
            try:
                await known.opened.wait()
                call = await self._make_call(known, leg)
                if call is None:
                    await leg.end(PEOPLE)
                    return
                await self._run(known, call, leg_over, back)
            except asyncio.CancelledError:
                raise
            except Exception:
                # Whatever it was, it is this call's alone; the carrier rings people when the leg is gone.
                self._counters.failed += 1
                known.reason = "a fault of ours"
                log.exception("call failed")
                await leg.end(PEOPLE)

    def _let_go(self, known: KnownCall) -> None:
        self._counters.live -= 1
        known.heard_at = self.clock()
        known.free.set()
        if known.over:
            self._file(known)

    async def _run(self, known: KnownCall, call: Call, leg_over: ExitStack, back: BringBack | None) -> None:
        """Run the call; what follows a media leg follows when it ends, not when the brain told the last."""

        def over(end: EndCall) -> None:
            known.part_from(call)
            known.reason = end.reason
            if end.reason == HUNG_UP:
                known.hung_up_at = self.clock()
            if end.reason.startswith("the brain was lost: "):
                self._counters.brains_lost[end.reason.removeprefix("the brain was lost: ")] += 1
            log.info("media leg over", extra={"reason": end.reason})
            leg_over.close()

        known.call = call
        try:
            await call.run(over, back and partial(known.brought_back, back))
        finally:
            known.part_from(call)
            self._counters.events_dropped += call.counts.events_dropped
            self._counters.playout_dropped_ms += call.counts.playout_dropped_ms
