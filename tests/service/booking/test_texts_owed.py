"""What patients are told by text is owed with the change itself, and by nobody where no texts are sent."""

import asyncio
import socket
import threading
from contextlib import AsyncExitStack
from pathlib import Path

from appliance.core.booking.desk import SlotsWanted
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Kept, Span
from appliance.core.settings import Settings, checked
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker, Turn
from appliance.jobs.bell import PATIENCE_S, Bell
from appliance.service.booking.part import Bookings
from appliance.service.known_call import KnownCall
from appliance.store import database, jobs
from appliance.store.calendar_sync import SYNC
from appliance.store.jobs import Job, State
from tests.service.booking.clinic import ANA, CALLER, TUESDAY_AT_TWO, Caller, Clinic, clinic, fails


def owed(office: Clinic) -> list[tuple[str, str]]:
    """The texts that are owed: what they are about, and the appointment."""
    db = database.connect_readonly(office.path)
    try:
        found: list[Job] = jobs.page(db, [State.QUEUED])
        return [
            (str(each.payload.get("about", each.kind)), str(each.payload["booking"]))
            for each in reversed(found)
            if each.kind != SYNC
        ]
    finally:
        db.close()


async def finds(caller: Caller) -> str:
    """The appointment of this caller, told and agreed to."""
    caller.tells(ANA)
    (standing,) = await caller.desk.appointments(ANA, "es")
    caller.hears(standing.said)
    caller.says("yes")
    return standing.appointment_id


async def test_a_booking_a_move_and_a_cancellation_are_owed(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.books.texts = True
        await office.caller().books("Tuesday 2pm")
        (first,) = office.rows()
        assert (first.language, owed(office)) == ("en", [("confirmation", first.key)])
        mover = office.caller("CA2")
        appointment = await finds(mover)
        offers = await mover.wants("Wednesday at ten")
        mover.says("yes")
        await mover.desk.move(appointment, offers.offers[0].offer_id, "es")
        (second,) = office.rows()
        assert second.language == "es"
        assert owed(office)[1:] == [("move", second.key)]
        canceller = office.caller("CA3")
        await canceller.desk.cancel(await finds(canceller), "es")
        assert office.rows() == []
        assert owed(office)[2:] == [("cancellation", second.key)]


async def test_what_is_a_request_is_confirmed_when_it_stands(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.books.texts = True
        office.own.before["keep"] = fails()
        await office.caller().books("Tuesday 2pm")
        assert owed(office) == []
        office.own.before.clear()
        office.later(seconds=30)
        await office.settle()
        assert [about for about, _ in owed(office)] == ["confirmation"]
        await office.settle()
        assert len(owed(office)) == 1


async def test_what_staff_moved_has_its_reminder_planned_anew(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.books.texts = True
        await office.caller().books("Tuesday 2pm")
        (row,) = office.rows()
        later = Span(row.span.start.replace(hour=20), row.span.end.replace(hour=20))
        await office.books.seen(row.key, Kept(row.event_id or "", "", later))
        await office.books.seen(row.key, Kept(row.event_id or "", "", later))
        assert [about for about, _ in owed(office)] == ["confirmation", "planned"]


async def test_where_no_texts_are_sent_none_are_owed(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await office.caller().books("Tuesday 2pm")
        assert [each.start for each in office.events()] == [TUESDAY_AT_TWO]
        assert owed(office) == []


def settings(folder: Path, **jobs: object) -> Settings:
    """Of a box that can send texts."""
    twilio = {
        "account_sid": "AC" + "0" * 32,
        "public_url": "https://box.example.test",
        "sms_from": "+14155550100",
    }
    return checked({"box": {"data_dir": str(folder)}, "jobs": jobs, "twilio": twilio}, "test")


def listens(bell: Bell) -> bool:
    """Whether it rings within a time; blocks."""
    stop = threading.Event()
    timer = threading.Timer(20.0, stop.set)
    timer.start()
    try:
        return bell.heard(stop)
    finally:
        timer.cancel()


async def books(bookings: Bookings, office: Clinic, call_sid: str = "CA1") -> bool:
    """Somebody books the first free time in a call of the bridge's own making; whether it stands."""
    known = KnownCall("call", CallOffered(call_sid, CALLER, CALLER, "twilio"), office.office)
    desk = bookings.desk(known, office.writer.submit)
    assert desk is not None
    offers = await desk.find_slots(SlotsWanted())
    told = Turn("a1", Speaker.ATTENDANT, f"{offers.said} At the number that you are calling from?")
    known.story = (told, Turn("c1", Speaker.CALLER, "the first one, for Ana Ruiz, at this number"))
    return (await desk.book(offers.offers[0].offer_id, Identity(name="Ana Ruiz"), "en")).sure


async def test_the_worker_hears_at_once_of_what_is_owed(tmp_path: Path) -> None:
    told, worker = settings(tmp_path), Bell(settings(tmp_path))
    async with clinic(tmp_path) as office, AsyncExitStack() as stack:
        stack.callback(worker.close)
        await asyncio.to_thread(worker.make)
        bookings = await Bookings.opened(stack, told, office.writer, office.reader)
        assert await books(bookings, office)
        assert await asyncio.to_thread(listens, worker)
        assert [about for about, _ in owed(office)] == ["confirmation"]


async def test_a_bell_that_does_not_answer_keeps_no_caller_waiting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        # It takes the connection and never answers: each ring blocks for its whole patience.
        told = settings(tmp_path, redis_url=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        async with clinic(tmp_path) as office, AsyncExitStack() as stack:
            bookings = await Bookings.opened(stack, told, office.writer, office.reader)
            loop = asyncio.get_running_loop()
            began = loop.time()
            for place in range(3):
                assert await books(bookings, office, f"CA{place}")
            assert loop.time() - began < PATIENCE_S
            assert len(owed(office)) == 3
