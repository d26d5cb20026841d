"""A switchboard on a real store, with nobody to talk with unless a test says who."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from appliance.core.call import Call
from appliance.core.coding import Coding
from appliance.core.counters import Counters
from appliance.core.dispositions import Disposition, Outcome
from appliance.core.ports import Leg, LegEars
from appliance.core.steps import (
    Assist,
    CallOffered,
    MenuAnswered,
    VoicemailTaken,
)
from appliance.service.known_call import KnownCall
from appliance.service.office_book import OfficeBook
from appliance.service.records import BridgeRecords
from appliance.service.switchboard import ClinicSwitchboard
from appliance.store import calls
from appliance.store.call_log import StoredCallLog
from appliance.store.reader import Reader
from appliance.store.writer import Writer

SID = "CA" + "1" * 32
OFFER = CallOffered(SID, "+15550100002", "+15550100001", "twilio")
ASSISTANT = MenuAnswered(SID, "main", "9")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TAKEN = VoicemailTaken(SID, "RE" + "2" * 32, 7)


class QuietLeg:
    """A leg that says nothing; implements `Leg`."""

    coding: Coding = "ulaw_8k"

    def __init__(self) -> None:
        self.left: Disposition | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def listen(self, ears: LegEars) -> None:
        await asyncio.Event().wait()

    async def play(self, ulaw_8k: bytes, mark: str) -> None:
        return

    async def clear(self) -> None:
        return

    async def end(self, disposition: Disposition) -> None:
        self.left = disposition


async def nobody(_known: KnownCall, _leg: Leg) -> Call | None:
    return None


class Box:
    """A switchboard on a real store."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        make_call: Callable[[KnownCall, Leg], Awaitable[Call | None]] = nobody,
        at_once: int = 8,
    ) -> None:
        self.counters = Counters()
        self.reader = reader
        self.now_s = 1000.0
        self.board = ClinicSwitchboard(
            OfficeBook(reader),
            StoredCallLog(writer, "p1"),
            BridgeRecords(writer, reader),
            make_call,
            calls_at_once=at_once,
            assistant=True,
            counters=self.counters,
        )
        self.board.clock = lambda: self.now_s
        self.board.now = lambda: NOON + timedelta(seconds=self.now_s)
        self._writer = writer

    async def token(self, sid: str = SID) -> str:
        await self.board.offer(CallOffered(sid, "", "", "twilio"))
        first = (await self.board.menu(MenuAnswered(sid, "main", "9")))[0]
        return first.token if isinstance(first, Assist) else ""

    async def row(self) -> calls.Call | None:
        await self._writer.promise(lambda db: None)
        return await self.reader.run(lambda db: calls.by_sid(db, SID))

    async def filed(self) -> Outcome | None:
        row = await self.row()
        return row.outcome if row else None
