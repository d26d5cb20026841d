"""How a call ends at the switchboard: filed once, dated by when it happened, and held up by nothing."""

import asyncio
from datetime import datetime, timedelta

import pytest

from appliance.core.call import Call, CallParts
from appliance.core.conversation import Conversation
from appliance.core.dispositions import HUNG_UP, Outcome
from appliance.core.events import CallerHungUp
from appliance.core.ports import Leg
from appliance.core.pulse import Pulse
from appliance.core.steps import (
    Ask,
    CallEnded,
    MenuAnswered,
    RingEnded,
)
from appliance.core.testing import MemoryLog, NotingBrain, NotingLeg, NoTools
from appliance.service.known_call import KnownCall
from appliance.service.switchboard import FORGOTTEN_S, SILENT_S
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.service.board import NOON, OFFER, SID, Box, QuietLeg


async def test_a_call_that_was_filed_before_a_restart_stays_filed(writer: Writer, reader: Reader) -> None:
    before = Box(writer, reader)
    await before.board.offer(OFFER)
    await before.board.rang(RingEnded(SID, "answered"))
    await before.board.ended(CallEnded(SID, "completed"))
    await before.filed()
    box = Box(writer, reader)
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.board.offer(OFFER) == ()
    assert await box.filed() is Outcome.TRANSFERRED


async def test_an_end_that_comes_while_the_leg_is_held_waits_for_nobody(
    writer: Writer, reader: Reader
) -> None:
    held = asyncio.Event()

    async def make(_known: KnownCall, _leg: Leg) -> Call | None:
        await held.wait()
        return None

    box = Box(writer, reader, make)
    assert box.board.admit(await box.token(), SID)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(box.board.hold(SID, QuietLeg()), name="call")
        await asyncio.sleep(0)
        await box.board.ended(CallEnded(SID, "completed"))
        assert await box.filed() is None
        held.set()
    assert await box.filed() is Outcome.ABANDONED


async def test_a_call_that_nothing_is_heard_of_is_filed(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    assert box.board.admit(await box.token(), SID)
    await box.board.hold(SID, QuietLeg())
    await box.board.file_silent()
    assert await box.filed() is None
    box.now_s += FORGOTTEN_S + 1
    await box.board.file_silent()
    assert await box.filed() is Outcome.ABANDONED


async def test_who_asked_for_the_hours_and_then_talked_is_not_filed_by_the_hours(
    writer: Writer, reader: Reader
) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    await box.board.menu(MenuAnswered(SID, "main", "", "opening hours"))
    assert await box.token()
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.filed() is Outcome.ABANDONED


async def test_a_menu_answer_that_comes_twice_counts_once(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    asked = [step for step in await box.board.offer(OFFER) if isinstance(step, Ask)]
    assert [step.turn for step in asked] == [1, 2]
    wrong = MenuAnswered(SID, "main", "8", turn=1)
    first = await box.board.menu(wrong)
    assert await asyncio.gather(*(box.board.menu(wrong) for _ in range(9))) == [first] * 9
    again = next(step for step in first if isinstance(step, Ask))
    second = await box.board.menu(MenuAnswered(SID, "main", "8", turn=again.turn))
    assert second != first
    row = await box.row()
    assert row is not None
    assert row.menu_path == ("main:?", "main:?")


async def test_a_token_stays_the_same_when_its_answer_comes_twice(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    chosen = MenuAnswered(SID, "main", "9", turn=1)
    assert await box.board.menu(chosen) == await box.board.menu(chosen)
    row = await box.row()
    assert row is not None
    assert row.menu_path == ("main:assistant",)


@pytest.mark.parametrize("answered_before", [1, 7])
async def test_a_turn_of_an_earlier_process_is_taken_and_known_again(
    writer: Writer, reader: Reader, answered_before: int
) -> None:
    box = Box(writer, reader)
    answer = MenuAnswered(SID, "main", "8", turn=answered_before)
    steps = await box.board.menu(answer)
    assert all(step.turn > answered_before for step in steps if isinstance(step, Ask))
    assert await box.board.menu(answer) == steps


async def test_the_carriers_count_and_time_are_kept(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    box.now_s += 100
    ended = box.board.now() - timedelta(seconds=30)
    await box.board.ended(CallEnded(SID, "completed", 65, ended))
    row = await box.row()
    assert row is not None
    assert (row.duration_s, row.ended_at) == (65, "2026-11-24T12:17:50.000Z")


@pytest.mark.parametrize("at", [NOON - timedelta(days=9), NOON + timedelta(days=9)])
async def test_a_clock_of_the_carriers_that_is_wrong_is_not_believed(
    writer: Writer, reader: Reader, at: datetime
) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    box.now_s += 100
    await box.board.ended(CallEnded(SID, "completed", 65, at))
    row = await box.row()
    assert row is not None
    assert row.ended_at in (row.started_at, "2026-11-24T12:18:20.000Z")


async def test_a_hang_up_is_dated_by_when_it_happened(writer: Writer, reader: Reader) -> None:
    leg, brain, pulse = NotingLeg(), NotingBrain(), Pulse()

    async def make(known: KnownCall, _leg: Leg) -> Call | None:
        parts = CallParts(known.call_id, leg, brain, Conversation(), NoTools(), MemoryLog(), pulse, {})
        return Call(parts)

    box = Box(writer, reader, make)
    pulse.start()
    assert box.board.admit(await box.token(), SID)
    box.now_s += 40
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(box.board.hold(SID, leg), name="call")
        await leg.connected.wait()
        assert leg.ears is not None
        leg.ears.happened(CallerHungUp())
    pulse.stop()
    box.now_s += SILENT_S + 5
    await box.board.file_silent()
    row = await box.row()
    assert row is not None
    assert (row.ended_at, row.duration_s, row.reason) == ("2026-11-24T12:17:20.000Z", 40, HUNG_UP)
    assert row.ask_at is not None
    await box.board.ended(CallEnded(SID, "completed", 38))
    row = await box.row()
    assert row is not None
    assert (row.ended_at, row.duration_s, row.ask_at) == ("2026-11-24T12:17:20.000Z", 38, None)
    assert box.counters.outcomes.total() == 1


class Teller(NotingBrain):
    """Has more to tell when its call is over, and takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()

    async def finish(self) -> None:
        await self.told.wait()


async def test_what_a_brain_has_still_to_tell_holds_up_nothing(writer: Writer, reader: Reader) -> None:
    """Neither the row of the call, nor the next leg of the same caller, which keeps its own hold."""
    stages, pulse = [(NotingLeg(), Teller()), (NotingLeg(), Teller())], Pulse()
    coming, is_known = iter(stages), list[KnownCall]()

    async def make(known: KnownCall, _leg: Leg) -> Call | None:
        leg, brain = next(coming)
        is_known.append(known)
        return Call(CallParts(known.call_id, leg, brain, Conversation(), NoTools(), MemoryLog(), pulse, {}))

    box = Box(writer, reader, make)
    pulse.start()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        holds = list[asyncio.Task[None]]()
        for number, (leg, _) in enumerate(stages):
            token = await box.token()
            # The next leg waits for nothing but its own admission.
            assert box.board.admit(token, SID), number
            holds.append(tasks.create_task(box.board.hold(SID, leg), name="call"))
            await leg.connected.wait()
            assert box.counters.live == 1
            if number == 0:
                assert leg.ears is not None
                leg.ears.happened(CallerHungUp())
                await is_known[0].free.wait()
                assert box.counters.live == 0
        first, second = holds
        assert not first.done()
        stages[0][1].told.set()
        await first
        assert box.counters.live == 1
        await box.board.ended(CallEnded(SID, "completed"))
        assert await box.filed() is None
        ears = stages[1][0].ears
        assert ears is not None
        ears.happened(CallerHungUp())
        await is_known[0].free.wait()
        assert box.counters.live == 0
        assert await box.filed() is Outcome.ABANDONED
        assert not second.done()
        stages[1][1].told.set()
    pulse.stop()
