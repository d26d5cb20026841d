"""What is found out of the PBX's calls by looking: those that go on in silence, and those that are gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.core.dispositions import Outcome
from appliance.core.steps import Assist, CallEnded
from appliance.service.pbx.house import House
from appliance.service.pbx.told import HELD_MOST, PbxCalls
from appliance.service.records import BridgeRecords
from appliance.service.switchboard import FORGOTTEN_S
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from ari_bridge.ami_events import AmiEvent, PutOnHold, Told, ZeroPressed
from ari_bridge.control import Access, AsteriskControl
from tests.golden.clinic import until
from tests.peers.pbx import ManagerPeer
from tests.service.board import OFFER, SID, Box

SECRET = "ami-of-the-test"
CALL = replace(OFFER, carrier="asterisk")


@dataclass
class Ground:
    """A switchboard beside a PBX."""

    box: Box
    ami: ManagerPeer
    calls: PbxCalls


@pytest.fixture
async def ground(tmp_path: Path, writer: Writer, reader: Reader) -> AsyncIterator[Ground]:
    async with AsyncExitStack() as stack:
        ami = await stack.enter_async_context(ManagerPeer(SECRET))

        async def heard(_event: AmiEvent) -> None: ...

        async def begun() -> None: ...

        access = Access("127.0.0.1", ami.port, "attendant", SECRET)
        control = await stack.enter_async_context(AsteriskControl(access, heard, begun))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        running = tasks.create_task(control.run(), name="control")
        stack.callback(running.cancel)
        await until(lambda: control.connected)
        box, nobody = Box(writer, reader), _nobody
        house, records = House(tmp_path), BridgeRecords(writer, reader)
        house.made()
        calls = PbxCalls(
            box.board, records, house, tmp_path, lambda: control, nobody, nobody, country_code="1"
        )
        yield Ground(box, ami, calls)


def _nobody(_told: object) -> None: ...


async def test_a_long_talk_with_a_desk_is_not_over_for_being_quiet(ground: Ground) -> None:
    board = ground.box.board
    await board.offer(CALL)
    ground.ami.channels = [{"Uniqueid": SID, "Channel": "PJSIP/attendant-trunk-1"}]
    for _ in range(3):
        ground.box.now_s += FORGOTTEN_S - 1
        await ground.calls.look()
        await board.file_silent()
    assert await ground.box.filed() is None
    # The desk hands the caller back to the assistant, who is there.
    assert any(isinstance(step, Assist) for step in await board.offer(CALL))


async def test_a_call_whose_channel_is_gone_is_filed_the_second_time(ground: Ground) -> None:
    await ground.box.board.offer(CALL)
    await ground.calls.look()
    assert await ground.box.filed() is None
    await ground.calls.look()
    assert await ground.box.filed() is Outcome.INTERRUPTED


async def test_a_call_that_comes_while_it_is_looked_is_not_gone(ground: Ground) -> None:
    for _ in range(2):
        await ground.calls.look()
    await ground.box.board.offer(CALL)
    await ground.calls.look()
    ground.ami.channels = [{"Uniqueid": SID, "Channel": "PJSIP/attendant-trunk-1"}]
    await ground.calls.look()
    ground.ami.channels = []
    await ground.calls.look()
    assert await ground.box.filed() is None


async def test_zero_leads_a_caller_on_whom_a_desk_holds(ground: Ground) -> None:
    ground.ami.answers = {
        "Getvar": {"Response": "Success", "Value": SID},
        "Redirect": {"Response": "Success"},
    }
    pressed = ZeroPressed(SID, "PJSIP/201-1")
    for event in (pressed, PutOnHold(SID, on_hold=True), PutOnHold(SID, on_hold=False), pressed):
        await ground.calls.heard(event)
    assert asked(ground) == [], "nobody is on hold"
    for event in (PutOnHold(SID, on_hold=True), pressed, pressed):
        await ground.calls.heard(event)
    assert asked(ground) == [("PJSIP/201-1", "attendant-zero", "held")]


async def test_a_call_that_is_not_ours_is_left_alone_on_hold(ground: Ground) -> None:
    """On a PBX of the clinic's own there are others."""
    ground.ami.answers = {"Getvar": {"Response": "Success", "Value": ""}}
    await ground.calls.heard(PutOnHold(SID, on_hold=True))
    await ground.calls.heard(ZeroPressed(SID, "PJSIP/201-1"))
    assert asked(ground) == []


async def test_calls_on_hold_are_not_remembered_for_ever(ground: Ground) -> None:
    for number in range(HELD_MOST + 3):
        await ground.calls.heard(PutOnHold(f"a0-1.{number}", on_hold=True))
    assert len(ground.calls._on_hold) == HELD_MOST
    over = Told(replace(CALL, call_sid=f"a0-1.{HELD_MOST}"), CallEnded(f"a0-1.{HELD_MOST}", "completed"))
    await ground.calls.heard(over)
    assert len(ground.calls._on_hold) == HELD_MOST - 1


def asked(ground: Ground) -> list[tuple[str, str, str]]:
    return [
        (each["Channel"], each["Context"], each["Exten"])
        for each in ground.ami.actions
        if each["Action"] == "Redirect"
    ]
