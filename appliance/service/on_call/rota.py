"""Rings who is on call, one after the other, until somebody presses 1; beside the calls, after hours.

Every telephone that is rung is a row before, and no key is no yes: a machine that answers takes nothing. May
import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from appliance.core import staff_told
from appliance.core.callbacks import Urgency
from appliance.core.errors import AttendantError, CarrierFailed
from appliance.core.escalation import Step, on_call, told_at
from appliance.core.on_call import Answered, Asked, RingCarrier
from appliance.core.staff import StaffSettings
from appliance.service.office_book import OfficeBook
from appliance.store import callback_rows, notices, rota
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.rota import NO_KEY, NO_WORD, Ring, Run
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

LOOK_S = 2.0
RING_S = 25
"""Longer than that a mailbox of the telephone's own takes the call."""
SILENT_AFTER = timedelta(seconds=120)
"""A telephone of which the carrier says nothing for so long is done."""
WRITE_S, READ_S = 3.0, 1.0
TAKES, CANNOT = "1", "2"


@dataclass(slots=True)
class Rota:
    """The rota of the clinic; also the desk to which the carrier tells how telephones did."""

    carrier: RingCarrier
    writer: Writer
    reader: Reader
    book: OfficeBook
    shown: str
    """The number that is shown where the clinic has decided on none; empty: the carrier has one."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def run(self) -> None:
        """Look, and again and again; until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Begin what is due, and go on with what goes on. Raises StoreError."""
        staff = (await self.book.now()).staff
        steps = [step for step in staff.escalation if step.by == "rota"]
        now = self.now()
        if steps and not staff.open_at(now) and on_call(staff.on_call_rota, now, staff.opening):
            await self._begin(steps, staff, now)
        for run in await self.reader.run(rota.going_on, within_s=READ_S):
            try:
                await self._go_on(run, staff)
            except AttendantError as exc:
                log.warning("the rota waits", extra={"problem": str(exc)[:300]})

    async def _begin(self, steps: list[Step], staff: StaffSettings, now: datetime) -> None:
        due = await self.reader.run(
            lambda db: [entry.id for step in steps for entry in _due(db, step, staff, now)], within_s=READ_S
        )
        if due:
            await self.writer.promise(lambda db: _begun(db, steps, staff, now), within_s=WRITE_S)

    async def _go_on(self, run: Run, staff: StaffSettings) -> None:
        """Ring the next one, if none rings. Raises StoreRefused."""
        now, ringing = self.now(), run.ringing
        if ringing is not None and now - ringing.asked_at < SILENT_AFTER:
            return
        if ringing is not None:
            await self.writer.promise(
                lambda db: rota.end(db, ringing.key, NO_WORD, now=now), within_s=WRITE_S
            )
            return

        def write(db: Connection) -> Ring | None:
            return rota.ring(db, run, now=now) if rota.needed(db, run, now=now) else None

        ring = await self.writer.promise(write, within_s=WRITE_S)
        if ring is not None:
            await self._ring(ring, staff.caller_id or self.shown)

    async def _ring(self, ring: Ring, shown: str) -> None:
        try:
            sid = await self.carrier.ring(ring.number, shown, ring.key, RING_S)
        except CarrierFailed as exc:
            log.warning("a telephone of the rota was not rung", extra={"problem": str(exc)[:200]})
            if exc.unsure:
                # It may ring: what it tells is waited for.
                return
            now, told = self.now(), f"not rung: {str(exc)[:100]}"
            await self.writer.promise(lambda db: rota.end(db, ring.key, told, now=now), within_s=WRITE_S)
            return
        await self.writer.promise(lambda db: rota.asked(db, ring.key, sid), within_s=WRITE_S)

    # What the carrier tells ---------------------------------------------------------------------------

    async def answered(self, key: str) -> Asked | None:
        """Somebody, or a machine, took the call."""
        now, office = self.now(), await self.book.now()
        found = await self.writer.promise(lambda db: rota.answered(db, key, now=now), within_s=WRITE_S)
        if found is None:
            return None
        language = office.staff.language
        said, ask = staff_told.on_call(language, found[1], office.staff.business_name)
        return Asked(found[1].name.lower(), said, ask, language)

    async def pressed(self, key: str, digits: str) -> Answered | None:
        """A key was pressed: 1 takes it, 2 is a no, and what is neither is asked again by the carrier."""
        now, language = self.now(), self.book.last.staff.language
        if digits not in (TAKES, CANNOT):
            return None
        became = await self.writer.promise(
            lambda db: rota.pressed(db, key, takes=digits == TAKES, now=now), within_s=WRITE_S
        )
        log.info("the rota was answered", extra={"became": became})
        return Answered(became, staff_told.answered(language, became), language)

    async def over(self, key: str, status: str) -> None:
        """The call is over: the next one is rung, if nobody took it."""
        now = self.now()
        became = NO_KEY if status == "completed" else status
        await self.writer.promise(lambda db: rota.end(db, key, became, now=now), within_s=WRITE_S)


def _begun(db: Connection, steps: list[Step], staff: StaffSettings, now: datetime) -> None:
    """Begin a rota for each entry of which a step is to have it rung; looked at again under the lock."""
    people = on_call(staff.on_call_rota, now, staff.opening)
    names = [each.name for each in people]
    for step in steps:
        late = callback_rows.untouched(db, now)
        for entry in _due(db, step, staff, now):
            notices.make(db, step.key, "rota", names, of=[entry], overdue=late, now=now)
            rota.begin(db, entry.id, people, now=now)


def _due(db: Connection, step: Step, staff: StaffSettings, now: datetime) -> list[callback_rows.Entry]:
    late = callback_rows.untouched(db, now - timedelta(minutes=step.after_minutes))
    quiet = not told_at(now, staff.opening, staff.notify_from_hour, staff.notify_until_hour)
    wanted = [
        entry for entry in late
        if step.takes(entry.urgency) and not (quiet and entry.urgency is Urgency.NORMAL)
    ]  # fmt: skip
    return notices.untold(db, step.key, wanted)
