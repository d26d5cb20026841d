"""A store that does not say in time whether it has written: asked again, it is the same appointment."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from appliance.core.errors import StoreRefused
from appliance.store.bookings import State
from appliance.store.database import Connection
from appliance.store.writer import Writer
from tests.service.booking.clinic import ANA, clinic

PATIENCE_S = 0.3


class Stall:
    """Has the writer begin what is asked of it at the given look at the clock, and not end it."""

    def __init__(self, writer: Writer, clock: Callable[[], datetime], at_look: int) -> None:
        self._writer = writer
        self._clock = clock
        self._left = at_look
        self._rest: asyncio.Future[tuple[None]] | None = None
        self._busy, self._before, self.over = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> datetime:
        self._left -= 1
        if self._left == 0:
            self._writer.submit(self._waits(self._before))
            self._busy.wait(30)
            # What is written next is between the two in one transaction.
            asyncio.get_running_loop().call_soon(self._close)
        return self._clock()

    def _close(self) -> None:
        self._rest = asyncio.gather(self._writer.promise(self._waits(self.over), within_s=30))
        asyncio.get_running_loop().call_soon(self._before.set)

    async def ended(self) -> None:
        """Have the writer go on, and all of it on disk."""
        self.over.set()
        if self._rest is not None:
            await self._rest

    def _waits(self, event: threading.Event) -> Callable[[Connection], None]:
        def wait(_: Connection) -> None:
            self._busy.set()
            event.wait(30)

        return wait


@pytest.mark.parametrize("at_look", range(1, 4))
async def test_what_nobody_knows_is_booked_when_it_is_asked_again(tmp_path: Path, at_look: int) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday 2pm")
        caller.says("yes")
        caller.tells(ANA)
        offer_id, clock, patience_s = offers.offers[0].offer_id, office.books.now, office.books.write_s
        stall = Stall(office.writer, clock, at_look)
        office.books.now, office.books.write_s = stall, PATIENCE_S
        try:
            done = await caller.desk.book(offer_id, ANA, "en")
        except StoreRefused:
            done = None
        finally:
            await stall.ended()
            office.books.now, office.books.write_s = clock, patience_s
        if done is None:
            done = await caller.desk.book(offer_id, ANA, "en")
        assert done.sure
        assert [row.state for row in office.rows()] == [State.BOOKED]
        assert len(office.events()) == 1
        assert office.own.asked.count("keep") == 1
