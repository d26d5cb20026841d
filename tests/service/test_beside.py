"""Work beside the calls: one that fails is told, counted and begun again, and nothing else ends with it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from appliance.core.dispositions import Outcome
from appliance.core.steps import CallOffered, LookedUp, VoicemailTaken
from appliance.service.beside import Beside
from appliance.service.filing import Filing
from appliance.service.logs import JsonLines
from appliance.store import calls
from appliance.store.reader import Reader
from appliance.store.writer import Writer

AT, CALL, SECOND = "2026-01-01T00:00:00.000Z", "CA" + "a" * 32, "CA" + "b" * 32


class Bell:
    """Rings each time something is done."""

    def __init__(self) -> None:
        self.count = 0
        self._rang = asyncio.Event()

    def ring(self) -> None:
        self.count += 1
        self._rang.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while self.count < count:
                self._rang.clear()
                await self._rang.wait()


@asynccontextmanager
async def kept(beside: Beside, **works: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(beside.keep(name, work), name=name) for name, work in works.items()]
        yield
        for task in running:
            task.cancel()


async def test_work_that_fails_is_begun_again_and_ends_nothing_else() -> None:
    began, goes_on = Bell(), asyncio.Event()

    async def bad() -> None:
        began.ring()
        if began.count < 4:
            raise KeyError("nobody thought of this")
        await asyncio.Event().wait()

    async def good() -> None:
        goes_on.set()
        await asyncio.Event().wait()

    beside = Beside(pauses_s=(0.0,))
    async with kept(beside, bad=bad, good=good):
        await began.until(4)
        assert goes_on.is_set()
        assert beside.failures == {"bad": 3}


async def test_work_that_ends_by_itself_is_begun_again() -> None:
    began = Bell()

    async def short() -> None:
        began.ring()

    beside = Beside(pauses_s=(0.0,))
    async with kept(beside, short=short):
        await began.until(3)
    assert beside.failures["short"] >= 2


async def test_what_failed_is_told_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    failed = Bell()

    async def bad() -> None:
        failed.ring()
        raise KeyError("+15550100002")

    async with kept(Beside(pauses_s=(0.0,)), bad=bad):
        await failed.until(2)
    record = next(each for each in caplog.records if each.levelno == logging.ERROR)
    line = json.loads(JsonLines().format(record))
    assert (line["said"], line["task"]) == ("work beside the calls failed", "bad")
    assert "raise KeyError" in line["traceback"]
    assert "5550100002" not in line["traceback"]


async def test_health_knows_what_failed_until_it_goes_well_for_a_while() -> None:
    began, fails = Bell(), [True]

    async def work() -> None:
        began.ring()
        if fails.pop():
            raise KeyError("once")
        await asyncio.Event().wait()

    fails.insert(0, False)
    clock = [1000.0]
    beside = Beside(pauses_s=(0.0,), steady_s=60, clock=lambda: clock[0])
    assert beside.part().well
    async with kept(beside, work=work):
        await began.until(2)
        part = beside.part()
        assert (part.state, part.well) == ("failing", False)
        told = part.more["work"]
        assert isinstance(told, dict)
        assert (told["failures"], told["since"][:2]) == (1, "20")
        clock[0] += 59
        assert not beside.part().well
        clock[0] += 2
        assert beside.part().well


async def test_pauses_grow() -> None:
    loop = asyncio.get_running_loop()
    began, at_s = Bell(), list[float]()

    async def bad() -> None:
        at_s.append(loop.time())
        began.ring()
        raise KeyError("again")

    async with kept(Beside(pauses_s=(0.0, 0.05, 0.2)), bad=bad):
        await began.until(4)
    waited = [later - before for before, later in pairwise(at_s)]
    # The loop's clock is as fine as that.
    assert waited[1] > 0.04
    assert waited[2] > 0.19


# Our own work, with a port that fails in a way that nobody thought of ----------------------------------


class Books:
    """The carrier's books, in which one call cannot be looked up for a reason of ours."""

    def __init__(self) -> None:
        self.asked = list[str]()
        self.bell = Bell()

    async def look_up(self, call_sid: str) -> LookedUp:
        self.asked.append(call_sid)
        self.bell.ring()
        if call_sid == CALL:
            raise IndexError(call_sid)
        return LookedUp(None)

    async def voicemail_since(self, since: datetime) -> list[VoicemailTaken]:
        return []

    async def numbers(self) -> dict[str, bool]:
        return {}


class Board:
    """A switchboard that knows of no call."""

    def quiet(self, call_sid: str) -> bool:
        return True

    def goes_on(self, call_sid: str) -> None: ...

    def give_up(self, call_sid: str) -> None: ...

    async def settle(self, found: LookedUp, *, voicemail: bool) -> None: ...

    async def found(self, taken: VoicemailTaken) -> None: ...


async def test_a_call_that_breaks_the_filing_holds_up_no_other(writer: Writer, reader: Reader) -> None:
    lately = (datetime.now(UTC) - timedelta(minutes=9)).isoformat(timespec="milliseconds")[:23] + "Z"
    for number, sid in enumerate((CALL, SECOND)):
        offer = CallOffered(sid, "+15550100002", "+15550100001", "twilio")
        await writer.promise(partial(calls.begin, call_id=f"c{number}", offer=offer, at=lately))
        await writer.promise(
            partial(
                calls.end, call_id=f"c{number}", at=lately, outcome=Outcome.HANDLED, reason="", ask_at=lately
            )
        )
    books, beside = Books(), Beside(pauses_s=(0.0,))
    async with kept(beside, filing=Filing(books, Board(), reader, writer).run):
        await books.bell.until(2)
    assert books.asked == [CALL, SECOND]
    assert beside.failures["filing"] == 1
