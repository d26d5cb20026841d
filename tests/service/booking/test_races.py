"""Fifty callers at once, at every calendar, in every order: no time is anybody's twice, no word is untrue."""

import asyncio
import random
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.booking.desk import NotBooked, Offers
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Span, Trouble
from appliance.store.bookings import State
from appliance.store.errors import ReadTooSlow
from tests.service.booking.clinic import ZONE, Caller, Clinic, clinic, fails
from tests.service.booking.services import Service, others

CALLERS = 50
RING_AGAIN_AT_ONCE = 8
WISHES = ["Tuesday at ten", "Tuesday at half past ten", "Tuesday", "as soon as possible", "Tuesday morning"]
VERBS = ["busy", "keep", "find", "remove"]
HALF_HOUR = timedelta(minutes=30)


async def rings(office: Clinic, number: int, wish: str, again: asyncio.Semaphore | None = None) -> bool:
    """A caller who takes the first offer, and others if it is gone or slow; whether they were told it is.

    Who finds the calendar crowded rings once more when `again` lets them in.
    """
    caller = office.caller(f"CA{number}", f"+1555020{number:04}")
    patient = Identity(name=f"Patient {number}")
    for attempt in range(3):
        async with again if attempt and again else nullcontext():
            try:
                return (await caller.books(wish, patient)).sure
            except (NotBooked, ReadTooSlow):
                continue
    return False


def held_together(spans: list[Span]) -> None:
    """No two appointments share any time."""
    for one, next_one in pairwise(sorted(spans)):
        assert not one.overlaps(next_one), (one, next_one)


async def test_fifty_callers_who_race_are_never_double_booked(tmp_path: Path, service: Service) -> None:
    async with clinic(tmp_path, service.bookable, others=others(service)) as office:
        again = asyncio.Semaphore(RING_AGAIN_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            racing = [
                tasks.create_task(
                    rings(office, number, WISHES[number % len(WISHES)], again), name=f"caller {number}"
                )
                for number in range(CALLERS)
            ]
        told = {f"CA{number}" for number, each in enumerate(racing) if each.result()}
        rows = [row for row in office.rows() if row.state is State.BOOKED]
        assert {row.call_sid for row in rows} == told
        assert len(rows) == len(told) > 10
        assert sorted(row.span for row in rows) == sorted(service.stands(office))
        held_together([row.span for row in rows])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=st.lists(st.sampled_from(WISHES), min_size=2, max_size=8),
    faults=st.dictionaries(
        st.sampled_from(VERBS), st.tuples(st.booleans(), st.sampled_from([*Trouble])), max_size=2
    ),
)
def test_whatever_calendars_do_who_was_told_so_is_booked(
    wishes: list[str], faults: dict[str, tuple[bool, Trouble]]
) -> None:
    async def play(folder: Path) -> None:
        async with clinic(folder) as office:
            for verb, (before, trouble) in faults.items():
                (office.own.before if before else office.own.after)[verb] = fails(trouble)
            told = [await rings(office, number, wish) for number, wish in enumerate(wishes)]
            office.own.before.clear()
            office.own.after.clear()
            booked = {row.call_sid for row in office.rows() if row.state is State.BOOKED}
            assert {f"CA{number}" for number, sure in enumerate(told) if sure} == booked
            office.later(minutes=2)
            await office.settle()
            rows = office.rows()
            assert all(row.state is State.BOOKED for row in rows)
            lasts = sum((each.end - each.start for each in office.events()), timedelta())
            assert lasts == timedelta(minutes=30) * len(rows)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


# In every order ------------------------------------------------------------------------------------------

SLOTS = [datetime(2026, 12, 1, 9 + hour, minute, tzinfo=ZONE) for hour in range(3) for minute in (0, 30)]
NARROW = ["Tuesday at nine in the morning", "Tuesday at half past nine in the morning", "Tuesday at ten"]


@dataclass
class Line:
    """A caller on the line: what was offered, and what they were told last."""

    number: int
    caller: Caller
    offers: Offers | None = None
    sure: bool = False


@dataclass
class Play:
    """One order of steps. What stands in the same bracket happens at the same time."""

    office: Clinic
    service: Service
    lines: dict[int, Line] = field(default_factory=dict)

    async def step(self, kind: str, number: int) -> None:
        match kind:
            case "asks":
                await self._asks(self._line(number))
            case "takes":
                await self._takes(self._line(number))
            case "staff":
                self._staff(SLOTS[number % len(SLOTS)])
            case "time":
                # Holds run out.
                self.office.later(minutes=5)

    def _line(self, number: int) -> Line:
        known = self.lines.get(number)
        if known is None:
            caller = self.office.caller(f"CA{number}", f"+1555020{number:04}")
            known = self.lines[number] = Line(number, caller)
        return known

    async def _asks(self, line: Line) -> None:
        if line.sure:
            return
        try:
            line.offers = await line.caller.wants(NARROW[line.number % len(NARROW)])
        except (NotBooked, ReadTooSlow):
            line.offers = None

    async def _takes(self, line: Line) -> None:
        if line.offers is None or line.sure:
            return
        patient = Identity(name=f"Patient {line.number}")
        line.caller.says("yes please" if len(line.offers.offers) == 1 else "the first one, please")
        line.caller.tells(patient)
        try:
            done = await line.caller.desk.book(line.offers.offers[0].offer_id, patient, "en")
        except (NotBooked, ReadTooSlow):
            line.offers = None
            return
        line.sure = done.sure

    def _staff(self, start: datetime) -> None:
        """Staff put something in where their calendar shows nothing, whatever the box has offered."""
        span = Span(start.astimezone(UTC), (start + HALF_HOUR).astimezone(UTC))
        if not any(span.overlaps(each) for each in self.service.stands(self.office)):
            self.service.put(self.office, span)

    def holds(self) -> None:
        """Who was told so is booked, where it stands; and no time is taken twice, by staff or by callers."""
        rows = [row for row in self.office.rows() if row.state is State.BOOKED]
        assert {row.call_sid for row in rows} == {f"CA{n}" for n, line in self.lines.items() if line.sure}
        standing = self.service.stands(self.office)
        assert {row.span for row in rows} <= set(standing)
        held_together(standing)


async def play(service: Service, seed: int, callers: int, groups: int) -> int:
    """Play one order, drawn by its seed; how many were booked."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with clinic(Path(folder), service.bookable, others=others(service)) as office:
            played = Play(office, service)
            for _ in range(groups):
                kind = chance.choices(["callers", "staff", "time"], [6, 2, 1])[0]
                if kind != "callers":
                    await played.step(kind, chance.randrange(len(SLOTS)))
                    continue
                together = chance.sample(range(callers), chance.randint(1, min(4, callers)))
                async with asyncio.TaskGroup() as tasks:
                    for number in together:
                        step = chance.choice(["asks", "takes", "takes"])
                        tasks.create_task(played.step(step, number), name=f"{step} {number}")
            played.holds()
            return sum(line.sure for line in played.lines.values())


ORDERS = {"own": 12, "google": 5, "microsoft": 5}
"""So many orders are tried at each: over TLS they take longer."""


async def test_in_whatever_order_no_time_is_taken_twice(service: Service) -> None:
    booked = 0
    for seed in range(ORDERS[service.name]):
        service.renewed()
        booked += await play(service, seed, callers=5, groups=14)
    assert booked > ORDERS[service.name]
