"""Where every call of the box is known: offered, led through menus, held, filed. The port `Switchboard`.

One call must never end another: whatever goes wrong in one is caught here, and people are rung.
May import: appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from appliance.core import front_door
from appliance.core.call import Call
from appliance.core.counters import Counters
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, Outcome
from appliance.core.errors import StoreRefused
from appliance.core.menu import Choice, DepartmentLine
from appliance.core.ports import CallLog, Leg
from appliance.core.staff import Office
from appliance.core.steps import (
    CallEnded,
    CallOffered,
    MenuAnswered,
    RingEnded,
    Steps,
    VoicemailTaken,
)
from appliance.service.office_book import OfficeBook
from appliance.store import calls

log = logging.getLogger(__name__)

TOKEN_S = 30.0
KNOWN_MOST = 2000
SILENT_S = 60.0
FORGOTTEN_S = 900.0
HUNG_UP = "the caller hung up"


class Records(Protocol):
    """What the switchboard writes beside the call log."""

    async def voicemail(self, taken: VoicemailTaken) -> None:
        """Keep a voicemail; on disk when this returns. Raises StoreRefused."""

    def fetch(self) -> None:
        """Have the recordings that are missing fetched."""

    def menu_step(self, call_sid: str, step: str) -> None:
        """Note a step of the caller's way through the menus."""

    async def call(self, call_sid: str) -> calls.Call | None:
        """A call as it is kept, perhaps of an earlier process; None when it cannot be told."""


@dataclass(slots=True)
class KnownCall:
    """A call from its offer to its end."""

    call_id: str
    offer: CallOffered
    office: Office
    first: Steps = ()
    token: str = ""
    token_until: float = 0.0
    misses: int = 0
    call: Call | None = None
    left: Disposition | None = None
    talked: bool = False
    interrupted: bool = False
    reason: str = ""
    outcome: Outcome | None = None
    over: bool = False
    status: str = ""
    filed_at: str = ""
    free: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up_at: float | None = None
    leg_over: bool = False
    heard_at: float = 0.0

    @property
    def held(self) -> bool:
        """Whether its media leg is with us."""
        return not self.free.is_set()

    @property
    def disposition(self) -> Disposition | None:
        """What our media leg left, if there was one and it came to leave anything."""
        return self.call.left if self.call else self.left

    def resume(self, row: calls.Call) -> None:
        """Take on a call that is kept already: one filed by more than the sweep is over."""
        self.call_id, self.left = row.id, row.disposition
        self.offer = CallOffered(row.call_sid, row.from_number, row.to_number, row.carrier)
        self.interrupted = row.outcome is Outcome.INTERRUPTED
        if row.ended_at is not None and not self.interrupted:
            self.over, self.filed_at, self.reason = True, row.ended_at, row.reason
            self.outcome = row.outcome


MakeCall = Callable[[KnownCall, Leg], Awaitable[Call | None]]


class ClinicSwitchboard:
    """The switchboard of the box. `make_call` gives None when no assistant can be had."""

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
    ) -> None:
        self._book = book
        self._log = call_log
        self._records = records
        self._make_call = make_call
        self._at_once = calls_at_once
        self._assistant = assistant
        self._counters = counters
        self._known: dict[str, KnownCall] = {}
        self.clock: Callable[[], float] = time.monotonic

    # Between media legs --------------------------------------------------------------------------------

    async def offer(self, offer: CallOffered) -> Steps:
        """A call rings: the menu, or the assistant; asked again, the same; nothing once it is over."""
        known = self._known.get(offer.call_sid)
        if known is not None:
            self._counters.repeated += 1
            return () if known.over else self._first(known)
        known = KnownCall(secrets.token_hex(8), offer, self._book.last)
        known.free.set()
        self._remember(known)
        self._counters.offered += 1
        office = await self._opened(known)
        # A repeat that came while the office was read has its answer already.
        known.office = known.office if known.first else office
        return () if known.over else self._first(known)

    async def _opened(self, known: KnownCall) -> Office:
        """Go on with the row of a call that is kept already, or begin one; the office of now."""
        office, row = await asyncio.gather(self._book.now(), self._records.call(known.offer.call_sid))
        if row is None:
            self._log.opened(known.call_id, known.offer, _utc())
        else:
            known.resume(row)
        return office

    def _first(self, known: KnownCall) -> Steps:
        """The answer to the offer, made once."""
        known.first = known.first or self._greeted(known)
        return known.first

    def _greeted(self, known: KnownCall) -> Steps:
        if known.office.staff.front_door == "assistant" and self._assistant:
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
        """The caller answered a menu."""
        known = await self._find(answer.call_sid)
        if known.over:
            return ()
        choice = front_door.menu_choice(known.office, answer)
        named = choice.slug if isinstance(choice, DepartmentLine) else str(choice or "?")
        self._records.menu_step(answer.call_sid, f"{answer.menu}:{named}")
        if choice is None:
            known.misses += 1
            return front_door.not_understood(known.office, answer.menu, known.misses)
        return self._chosen(known, choice)

    def _chosen(self, known: KnownCall, choice: Choice | DepartmentLine) -> Steps:
        office = known.office
        match choice:
            case DepartmentLine():
                return front_door.transfer(choice, office)
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

    async def next(self, call_sid: str) -> Steps:
        """Our media leg is over: what its disposition says."""
        known = await self._find(call_sid)
        if known.over:
            return ()
        return front_door.after_leg(known.office, known.disposition or PEOPLE)

    async def rang(self, ended: RingEnded) -> Steps:
        """The phones are done."""
        known = await self._find(ended.call_sid)
        self._rang(known, ended.result)
        return front_door.after_ring(known.office, ended.result)

    async def rang_aside(self, ended: RingEnded) -> None:
        """A phone is done that rang without our help; a call that found no room stays filed so."""
        known = await self._find(ended.call_sid)
        if known.outcome is not Outcome.BUSY:
            self._rang(known, ended.result)

    def _rang(self, known: KnownCall, result: str) -> None:
        if result == "answered":
            self._went(known, Outcome.TRANSFERRED)
        elif result != "canceled":
            self._went(known, Outcome.UNANSWERED)

    async def voicemail(self, taken: VoicemailTaken) -> Steps:
        """A message was recorded; 0 while recording is a wish for a person."""
        known = await self._find(taken.call_sid)
        if taken.digits == "0":
            return front_door.to_people(known.office)
        if not await self._kept(taken):
            return front_door.unconfirmed()
        self._went(known, Outcome.VOICEMAIL)
        return front_door.thanks()

    async def _kept(self, taken: VoicemailTaken) -> bool:
        try:
            await self._records.voicemail(taken)
        except StoreRefused as exc:
            log.error("voicemail not confirmed", extra={"problem": str(exc)})
            return False
        return True

    async def recorded(self, taken: VoicemailTaken) -> None:
        """The recording can be fetched: keep the message even if the caller hung up while speaking."""
        known = await self._find(taken.call_sid)
        if await self._kept(taken):
            self._records.fetch()
        if known.outcome in (None, Outcome.UNANSWERED):
            self._went(known, Outcome.VOICEMAIL)

    def _went(self, known: KnownCall, outcome: Outcome) -> None:
        """Word of how the call went; it may come after the call was filed."""
        known.outcome = outcome
        if known.filed_at:
            self._log.closed(known.call_id, known.filed_at, outcome, known.reason)

    async def ended(self, ended: CallEnded) -> None:
        """The carrier says that the call is over: file it, once, when our media leg is over as well."""
        known = await self._find(ended.call_sid)
        if known.over:
            return
        known.over, known.status = True, ended.status
        if not known.held:
            self._file(known)

    def _file(self, known: KnownCall) -> None:
        outcome = _outcome(known)
        self._counters.outcomes[outcome] += 1
        known.filed_at, known.reason = _utc(), known.reason or known.status
        self._log.closed(known.call_id, known.filed_at, outcome, known.reason)

    async def file_silent(self) -> None:
        """File calls that were with us and of which the carrier says nothing more."""
        now_s = self.clock()
        for known in tuple(self._known.values()):
            hung_up = known.hung_up_at is not None and known.hung_up_at < now_s - SILENT_S
            silent = known.leg_over and known.heard_at < now_s - FORGOTTEN_S
            if not (known.over or known.held) and (hung_up or silent):
                await self.ended(CallEnded(known.offer.call_sid, "completed"))

    async def _find(self, call_sid: str) -> KnownCall:
        """A known call; one that another process of ours began is taken on as it is kept."""
        known = self._known.get(call_sid)
        if known is None:
            known = KnownCall(secrets.token_hex(8), CallOffered(call_sid, "", "", ""), self._book.last)
            known.free.set()
            known.office = await self._opened(known)
            # Another webhook of the same call may have been quicker.
            known = self._known.get(call_sid, known)
            self._remember(known)
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

    async def hold(self, call_sid: str, leg: Leg) -> None:
        """Hold an admitted call until it is over, and leave its disposition for what is asked next."""
        known = self._known[call_sid]
        known.free.clear()
        self._counters.admitted += 1
        self._counters.live += 1
        try:
            call = await self._make_call(known, leg)
            if call is None:
                await leg.end(PEOPLE)
                return
            await self._run(known, call)
        except asyncio.CancelledError:
            raise
        except Exception:
            # Whatever it was, it is this call's alone; the carrier rings people when the leg is gone.
            self._counters.failed += 1
            known.reason = "a fault of ours"
            log.exception("call failed", extra={"call_id": known.call_id})
            await leg.end(PEOPLE)
        finally:
            self._counters.live -= 1
            known.leg_over, known.heard_at = True, self.clock()
            known.free.set()
            if known.over:
                self._file(known)

    async def _run(self, known: KnownCall, call: Call) -> None:
        known.call = call
        try:
            end = await call.run()
        finally:
            # The call itself is large, and the box knows of it for long.
            known.left, known.talked, known.call = call.left, call.talked, None
        known.reason = end.reason
        if end.reason == HUNG_UP:
            known.hung_up_at = self.clock()
        if end.reason.startswith("the brain was lost: "):
            self._counters.brains_lost[end.reason.removeprefix("the brain was lost: ")] += 1
        self._counters.events_dropped += call.counts.events_dropped
        self._counters.playout_dropped_ms += call.counts.playout_dropped_ms
        log.info("media leg over", extra={"call_id": known.call_id, "reason": end.reason})


def _outcome(known: KnownCall) -> Outcome:
    if known.outcome is not None:
        return known.outcome
    if known.disposition == GOODBYE or known.talked:
        return Outcome.HANDLED
    if known.interrupted:
        return Outcome.INTERRUPTED
    return Outcome.FAILED if known.reason == "a fault of ours" else Outcome.ABANDONED


def _utc() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
