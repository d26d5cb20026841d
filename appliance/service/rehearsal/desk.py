"""Who may rehearse, and when: one at a time for each person, few for the box, and callers always go first.

May import: the standard library, appliance.core, appliance.service, appliance.store.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from appliance.core import about
from appliance.core.call import Call
from appliance.core.counters import Counters
from appliance.core.events import Event
from appliance.core.ports import Leg
from appliance.core.rehearsal import CARRIER, Mode, Refusal
from appliance.core.steps import CallOffered
from appliance.service.backing import Backing
from appliance.service.known_call import KnownCall
from appliance.service.rehearsal import room
from appliance.service.rehearsal.refused import Refused
from appliance.service.rehearsal.room import Outside, Room
from appliance.service.rehearsal.typed import Lines
from appliance.service.rehearsal.watched import Seen, Told
from appliance.store import rehearsal_tokens, times
from appliance.store.rehearsal_tokens import Ticket
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

MOST = 2
"""So many rehearse at the same time; the box is there for its callers."""
LOOK_S = 0.5
TOKEN_S = 2.0
WAY_MADE = "callers need the box"

MakeCall = Callable[[KnownCall, Leg, Backing], Awaitable[Call | None]]


class RehearsalLeg(Leg, Protocol):
    """The side of whoever rehearses."""

    def end_for(self, reason: str) -> None:
        """End the rehearsal from the outside, at once."""

    def watch(self, event: Event) -> None:
        """Take note of what happened in the call."""


class Rehearsals:
    """All rehearsals of the box. `writer` is that of the box: for tokens, and for what was paid."""

    def __init__(
        self,
        outside: Outside,
        writer: Writer,
        make_call: MakeCall,
        counters: Counters,
    ) -> None:
        self._outside = outside
        self._writer = writer
        self._make_call = make_call
        self._counters = counters
        self._at_once = outside.settings.limits.calls_at_once
        self._going: set[int | None] = set()
        self.refused = 0

    @property
    def going(self) -> int:
        """How many rehearse now."""
        return len(self._going)

    @asynccontextmanager
    async def admitted(self, token: str, mode: Mode, origin: str) -> AsyncIterator[Ticket]:
        """Let somebody in whose token is good, as long as this is held. Raises Refused or StoreRefused."""
        at = times.utc_now()
        ticket = await self._writer.promise(
            lambda db: rehearsal_tokens.spend(db, token, mode, at=at), within_s=TOKEN_S
        )
        if ticket is None:
            raise self._refusal(Refusal.TOKEN)
        if ticket.origin != origin:
            raise self._refusal(Refusal.ORIGIN)
        if ticket.account_id in self._going:
            raise self._refusal(Refusal.ANOTHER)
        if self.going >= MOST or self._counters.live + self.going >= self._at_once:
            raise self._refusal(Refusal.FULL)
        self._going.add(ticket.account_id)
        try:
            yield ticket
        finally:
            self._going.discard(ticket.account_id)

    def _refusal(self, why: Refusal) -> Refused:
        self.refused += 1
        return Refused(why)

    async def hold(
        self, ticket: Ticket, leg: RehearsalLeg, tell: Callable[[Told], None], lines: Lines | None = None
    ) -> None:
        """Hold a rehearsal until it is over; what happens is told. Raises Refused, or AttendantError."""
        seen, at = Seen(tell, leg.watch), times.utc_now()
        tell({"told": "begun", "mode": str(ticket.mode), "caller": ticket.caller})
        async with room.opened(self._outside, ticket, at, seen, lines) as made:
            offer = CallOffered(f"rehearsal-{secrets.token_hex(8)}", ticket.caller, "", CARRIER)
            known = KnownCall(secrets.token_hex(8), offer, made.office)
            with about.call(call_sid=offer.call_sid):
                about.known_as(known.call_id)
                await self._run(known, leg, made, tell)
            effects, cost_usd = await made.effects()
        if cost_usd:
            now = times.utc_now()
            self._writer.submit(lambda db: rehearsal_tokens.spent(db, cost_usd, at=now))
        told = [{"kind": each.kind, "what": each.what} for each in effects]
        tell({"told": "over", "effects": told, "cost_usd": cost_usd, "outline": seen.outline.tree})

    async def _run(
        self, known: KnownCall, leg: RehearsalLeg, made: Room, tell: Callable[[Told], None]
    ) -> None:
        call = await self._make_call(known, leg, made.backing)
        if call is None:
            raise self._refusal(Refusal.NOBODY)
        known.call = call
        await made.backing.log.opened(known.call_id, known.offer, made.began)
        log.info("a rehearsal begins")
        try:
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self._make_way(leg, tell), name="callers go first")
                await call.run()
                watch.cancel()
        finally:
            known.part_from(call)
            log.info("a rehearsal is over")

    async def _make_way(self, leg: RehearsalLeg, tell: Callable[[Told], None]) -> None:
        """End the rehearsal when the box is full of callers."""
        full = False
        while not full:
            await asyncio.sleep(LOOK_S)
            full = self._counters.live >= self._at_once
        tell({"told": "refused", "why": str(Refusal.FULL)})
        leg.end_for(WAY_MADE)
