"""What patients are told by text is owed with the change itself, and by nobody where no texts are sent."""

from pathlib import Path

from appliance.core.calendar import Kept, Span
from appliance.store import database, jobs
from appliance.store.jobs import Job, State
from tests.service.booking.clinic import ANA, TUESDAY_AT_TWO, Caller, Clinic, clinic, fails


def owed(office: Clinic) -> list[tuple[str, str]]:
    """The jobs that are owed: what they are about, and the appointment."""
    db = database.connect_readonly(office.path)
    try:
        found: list[Job] = jobs.page(db, [State.QUEUED])
        return [
            (str(each.payload.get("about", each.kind)), str(each.payload["booking"]))
            for each in reversed(found)
        ]
    finally:
        db.close()


async def finds(caller: Caller) -> str:
    """The appointment of this caller, agreed to."""
    caller.tells(ANA)
    (standing,) = await caller.desk.appointments(ANA, "es")
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
