"""What staff ask for in a live call: done where it can be, refused with the reason where it cannot."""

from pathlib import Path

import pytest

from appliance.core.dispositions import HUNG_UP, PEOPLE, transfer
from appliance.core.events import CallerHungUp, DigitPressed, StaffDecided
from appliance.core.menu import DepartmentLine
from appliance.core.staff import Office
from appliance.core.steps import CallOffered
from appliance.service.known_call import KnownCall
from appliance.service.requests import Requests
from appliance.store import calls, requests, times
from appliance.store.reader import Reader
from appliance.store.requests import Request, What, Why
from appliance.store.writer import Writer
from tests.core.test_call import Held, held

OFFER = CallOffered("CA1", "+14155550100", "+14155550199", "twilio")
OFFICE = Office(departments=(DepartmentLine(slug="billing", name="Billing", numbers=("+14155550111",)),))


class Desk:
    """A call that is known, and what staff ask for in it."""

    def __init__(self, folder: Path, writer: Writer, reader: Reader) -> None:
        self.known: KnownCall | None = KnownCall("c1", OFFER, OFFICE)
        self._writer, self._reader = writer, reader
        self.acting = Requests(folder, writer, reader, lambda sid: self.known if sid == "CA1" else None)

    async def ask(self, what: What, department: str = "", ago_s: int = 0) -> None:
        at = times.moved(times.utc_now(), -ago_s)
        await self._writer.promise(
            lambda db: requests.ask(db, "c1", what, department=department, who="Ana", at=at)
        )

    async def became(self) -> Request:
        await self.acting.look()
        await self._writer.promise(lambda _: None)
        return (await self._reader.run(lambda db: requests.of_call(db, "c1")))[-1]


@pytest.fixture
async def desk(path: Path, writer: Writer, reader: Reader) -> Desk:
    await writer.promise(lambda db: calls.begin(db, "c1", OFFER, times.utc_now()))
    return Desk(path.parent, writer, reader)


async def over(desk: Desk, stage: Held, reason: str) -> None:
    """The media leg is over, as the switchboard learns it."""
    await stage.over.wait()
    assert desk.known is not None
    desk.known.part_from(stage.call)
    desk.known.reason = reason


async def test_it_is_done_when_the_caller_has_gone_there(desk: Desk) -> None:
    async with held() as stage:
        assert desk.known is not None
        desk.known.call = stage.call
        await desk.ask(What.TRANSFER, "billing")
        assert (await desk.became()).state == "under way"
        assert StaffDecided(transfer("billing")) in stage.log.events
        await over(desk, stage, "the staff: transfer:billing")
        assert ("end", transfer("billing")) in stage.leg.noted
        assert (await desk.became()).state == "done"


async def test_it_is_begun_once_however_often_it_is_read(desk: Desk) -> None:
    async with held({"connecting": b"\xff" * 8000}) as stage:
        assert desk.known is not None
        desk.known.call = stage.call
        await desk.ask(What.TRANSFER, "billing")
        for _ in range(3):
            await desk.acting.look()
        await stage.cloud.settled()
        assert [type(event) for event in stage.log.events].count(StaffDecided) == 1


@pytest.mark.parametrize(("what", "prompt"), [(What.HANG_UP, "goodbye"), (What.TRANSFER, "connecting")])
async def test_a_caller_who_hangs_up_first_is_told_of(desk: Desk, what: What, prompt: str) -> None:
    async with held({prompt: b"\xff" * 80_000}) as stage:
        assert desk.known is not None
        desk.known.call = stage.call
        await desk.ask(what)
        assert (await desk.became()).state == "under way"
        stage.carrier.happened(CallerHungUp())
        await over(desk, stage, HUNG_UP)
        assert (await desk.became()).why == Why.OVER


async def test_a_caller_who_presses_0_is_with_people_and_that_is_said(desk: Desk) -> None:
    async with held({"goodbye": b"\xff" * 80_000}) as stage:
        assert desk.known is not None
        desk.known.call = stage.call
        await desk.ask(What.HANG_UP)
        await desk.became()
        stage.carrier.happened(DigitPressed("0"))
        await over(desk, stage, "the caller pressed 0")
        assert ("end", PEOPLE) in stage.leg.noted
        assert (await desk.became()).why == Why.ELSEWHERE


async def test_what_cannot_be_done_is_refused_with_the_reason(desk: Desk) -> None:
    await desk.ask(What.HANG_UP)
    assert (await desk.became()).why == Why.ELSEWHERE, "it is in the carrier's menu"
    async with held() as stage:
        assert desk.known is not None
        desk.known.call = stage.call
        await desk.ask(What.TRANSFER, "gone")
        assert (await desk.became()).why == Why.NO_DEPARTMENT
        await desk.ask(What.HANG_UP, ago_s=requests.LATE_S + 1)
        assert (await desk.became()).why == Why.LATE
        assert not stage.over.is_set()
        desk.known.over = True
        await desk.ask(What.HANG_UP)
        assert (await desk.became()).why == Why.OVER
    desk.known = None
    await desk.ask(What.HANG_UP)
    assert (await desk.became()).why == Why.OVER
