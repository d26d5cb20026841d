"""A slow disk and a slow calendar together: an answer in time, and no recorded name is lost."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.booking.identity import Identity
from appliance.store import database, messages
from appliance.store.bookings import State
from appliance.store.database import Connection
from tests.service.booking.clinic import ANA, Clinic, clinic

RECORDING = "4f0c1d2e-name-1.wav"
TOOL_S = 5.0


def recorded(office: Clinic) -> list[tuple[str, str | None]]:
    """The callback list, subjects and recordings."""
    db = database.connect_readonly(office.path)
    try:
        return [(each.subject, each.recording_path) for each in reversed(messages.page(db, limit=50))]
    finally:
        db.close()


def waits(event: threading.Event) -> Callable[[], None]:
    """What a verb does that does not answer before this."""

    def wait() -> None:
        event.wait(30)

    return wait


class Killed(BaseException):
    """The box ends here."""


async def test_a_recorded_name_is_with_the_promise_when_the_box_ends(tmp_path: Path) -> None:
    def end() -> None:
        raise Killed

    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday at ten")
        caller.says("yes")
        office.own.before["keep"] = end
        with pytest.raises(Killed):
            await caller.desk.book(offers.offers[0].offer_id, Identity(), "en", RECORDING, ours=True)
    async with clinic(tmp_path) as office:
        office.later(minutes=1)
        await office.settle()
        assert recorded(office) == [("Appointment confirmed late", RECORDING)]


async def test_a_recorded_name_is_told_with_what_is_booked(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday at ten")
        caller.says("yes")
        done = await caller.desk.book(offers.offers[0].offer_id, Identity(), "en", RECORDING, ours=True)
        assert done.sure
        assert recorded(office) == [("Who has an appointment", RECORDING)]


async def test_a_slow_disk_takes_its_time_from_the_calendars(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday 2pm")
        caller.says("yes")
        caller.tells(ANA)
        go, begun = threading.Event(), threading.Event()

        def slow(_: Connection) -> None:
            begun.set()
            go.wait(30)

        loop = asyncio.get_running_loop()
        over = threading.Event()
        office.own.before["busy"] = waits(over)
        office.writer.submit(slow)
        await asyncio.to_thread(begun.wait, 30)
        loop.call_later(1.2, go.set)
        began = loop.time()
        try:
            done = await caller.desk.book(offers.offers[0].offer_id, ANA, "en")
        finally:
            over.set()
        # Three seconds for both together, and a write.
        assert loop.time() - began < TOOL_S - 1.5
        assert not done.sure
        assert [row.state for row in office.rows()] == [State.PROMISED]
