"""Where every call is known: tokens good once and in time, one call's fault its own, each filed once."""

import asyncio
from pathlib import Path

import pytest

from appliance.core.call import Call
from appliance.core.dispositions import PEOPLE, Outcome
from appliance.core.front_door import unconfirmed
from appliance.core.ports import Leg
from appliance.core.staff import Office
from appliance.core.steps import (
    Assist,
    CallEnded,
    HangUp,
    MenuAnswered,
    RingEnded,
)
from appliance.service.known_call import KnownCall
from appliance.service.switchboard import TOKEN_S
from appliance.store import calls, messages
from appliance.store.database import connect
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.peers.stopwatch import own_s
from tests.service.board import ASSISTANT, OFFER, SID, TAKEN, Box, QuietLeg


async def test_an_offer_that_comes_again_is_answered_the_same(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    first, second = await asyncio.gather(box.board.offer(OFFER), box.board.offer(OFFER))
    assert second in ((), first)
    assert await box.board.offer(OFFER) == first
    assert (box.counters.offered, box.counters.repeated) == (1, 2)


async def test_a_call_is_on_disk_before_it_is_answered(path: Path, reader: Reader) -> None:
    writer = Writer(path, linger_s=60.0)
    steps = await Box(writer, reader).board.offer(OFFER)
    row = await reader.run(lambda db: calls.by_sid(db, SID))
    assert row is not None
    assert steps
    assert await writer.close() == 0


async def test_a_call_is_answered_without_a_disk(writer: Writer, reader: Reader, path: Path) -> None:
    box = Box(writer, reader)
    lock = connect(path)
    lock.execute("BEGIN IMMEDIATE")
    began = own_s()
    assert await box.board.offer(OFFER)
    assert own_s() - began < 4.0
    lock.execute("ROLLBACK")
    lock.close()
    assert await box.row() is not None


async def test_what_follows_a_repeated_offer_waits_for_the_row_of_the_call(
    writer: Writer, reader: Reader
) -> None:
    box = Box(writer, reader)

    async def repeated_and_quick() -> None:
        await box.board.offer(OFFER)
        await box.board.menu(MenuAnswered(SID, "main", "1"))

    await asyncio.gather(box.board.offer(OFFER), repeated_and_quick())
    await writer.promise(lambda db: None)
    row = await reader.run(lambda db: calls.by_sid(db, SID))
    assert row is not None
    assert row.menu_path == ("main:hours",)
    assert writer.counts.failed == 0


async def test_a_token_is_good_once_in_time_and_for_its_call(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    token = await box.token()
    other = "CA" + "3" * 32
    await box.token(other)
    assert not box.board.admit("guessed", SID)
    assert not box.board.admit("", SID)
    assert not box.board.admit(token, other)
    assert not box.board.admit(token, "CA" + "9" * 32)
    assert box.board.admit(token, SID)
    assert not box.board.admit(token, SID)


@pytest.mark.parametrize(
    ("later_s", "good"), [(0.0, True), (TOKEN_S, True), (TOKEN_S + 0.1, False), (1e6, False)]
)
async def test_a_token_expires(writer: Writer, reader: Reader, later_s: float, *, good: bool) -> None:
    box = Box(writer, reader)
    token = await box.token()
    box.now_s += later_s
    assert box.board.admit(token, SID) is good


async def test_a_call_that_is_over_lets_nobody_in(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    token = await box.token()
    await box.board.ended(CallEnded(SID, "completed"))
    assert not box.board.admit(token, SID)
    assert await box.board.offer(OFFER) == ()
    assert await box.board.menu(ASSISTANT) == ()
    assert await box.filed() is Outcome.ABANDONED


async def test_no_more_calls_are_held_than_there_is_room_for(writer: Writer, reader: Reader) -> None:
    """Both were offered while there was room for one."""
    held = asyncio.Event()

    async def make(_known: KnownCall, _leg: Leg) -> Call | None:
        await held.wait()
        return None

    box = Box(writer, reader, make, at_once=1)
    other = "CA" + "3" * 32
    tokens = [await box.token(), await box.token(other)]
    assert all(tokens)
    async with asyncio.TaskGroup() as tasks:
        assert box.board.admit(tokens[0], SID)
        tasks.create_task(box.board.hold(SID, QuietLeg()), name="call")
        await asyncio.sleep(0)
        assert not box.board.admit(tokens[1], other)
        assert box.counters.refused_busy == 1
        held.set()
    assert (box.counters.live, box.counters.admitted) == (0, 1)


async def test_a_fault_in_a_call_rings_people_and_is_counted(writer: Writer, reader: Reader) -> None:
    async def broken(_known: KnownCall, _leg: Leg) -> Call | None:
        raise RuntimeError("boom")

    box, leg = Box(writer, reader, broken), QuietLeg()
    assert box.board.admit(await box.token(), SID)
    await box.board.hold(SID, leg)
    assert leg.left == PEOPLE
    assert (box.counters.failed, box.counters.live) == (1, 0)
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.filed() is Outcome.FAILED


async def test_without_a_brain_people_are_rung(writer: Writer, reader: Reader) -> None:
    box, leg = Box(writer, reader), QuietLeg()
    assert box.board.admit(await box.token(), SID)
    await box.board.hold(SID, leg)
    assert leg.left == PEOPLE


@pytest.mark.parametrize(
    ("result", "outcome"), [("answered", Outcome.TRANSFERRED), ("busy", Outcome.UNANSWERED)]
)
async def test_a_call_is_filed_once_by_how_phones_went(
    writer: Writer, reader: Reader, result: str, outcome: Outcome
) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    steps = await box.board.rang(RingEnded(SID, result))
    assert (steps == (HangUp(),)) is (result == "answered")
    await box.board.ended(CallEnded(SID, "completed"))
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.filed() is outcome
    assert box.counters.outcomes.total() == 1


async def test_phones_told_of_again_after_the_end_do_not_take_the_message_back(
    writer: Writer, reader: Reader
) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    await box.board.rang(RingEnded(SID, "no-answer"))
    await box.board.voicemail(TAKEN)
    await box.board.ended(CallEnded(SID, "completed"))
    await box.board.rang(RingEnded(SID, "no-answer"))
    assert await box.filed() is Outcome.VOICEMAIL


async def test_a_message_told_of_twice_is_kept_once(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    assert isinstance((await box.board.voicemail(TAKEN))[-1], HangUp)
    await box.board.recorded(TAKEN)
    kept = await reader.run(messages.page)
    assert [message.recording_sid for message in kept] == [TAKEN.recording_sid]
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.filed() is Outcome.VOICEMAIL


async def test_a_call_of_an_earlier_process_goes_to_people(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    steps = await box.board.next(SID)
    assert isinstance(steps[-1], HangUp)
    assert len(steps) > 1


async def test_a_message_that_cannot_be_kept_in_time_is_not_promised_and_kept_later(
    writer: Writer, reader: Reader, path: Path
) -> None:
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    await box.filed()
    lock = connect(path)
    lock.execute("BEGIN IMMEDIATE")
    began = own_s()
    steps, _ = await asyncio.gather(box.board.voicemail(TAKEN), box.board.recorded(TAKEN))
    assert own_s() - began < 5.5
    assert steps == unconfirmed(Office())
    lock.execute("ROLLBACK")
    lock.close()
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.filed() is Outcome.VOICEMAIL
    assert [kept.recording_sid for kept in await reader.run(messages.page)] == [TAKEN.recording_sid]


@pytest.mark.parametrize("again", ["menu", "offer"])
async def test_a_call_goes_on_under_its_id_after_a_restart(
    writer: Writer, reader: Reader, again: str
) -> None:
    before = Box(writer, reader)
    await before.board.offer(OFFER)
    await before.filed()
    first = await reader.run(lambda db: calls.by_sid(db, SID))
    await writer.promise(lambda db: calls.sweep(db, "p2"))
    seen: list[KnownCall] = []

    async def make(known: KnownCall, _leg: Leg) -> Call | None:
        seen.append(known)
        return None

    box = Box(writer, reader, make)
    if again == "offer":
        await box.board.offer(OFFER)
    step = (await box.board.menu(ASSISTANT))[0]
    assert isinstance(step, Assist)
    assert box.board.admit(step.token, SID)
    await box.board.hold(SID, QuietLeg())
    assert first is not None
    assert (seen[0].call_id, seen[0].offer) == (first.id, OFFER)
    await box.board.rang(RingEnded(SID, "answered"))
    await box.board.ended(CallEnded(SID, "completed"))
    assert await box.filed() is Outcome.TRANSFERRED
    assert writer.counts.failed == 0
