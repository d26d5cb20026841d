"""What is settled beside the calls: one row or calendar that is broken leaves the others alone."""

from pathlib import Path

import pytest

from appliance.core.booking.desk import NotBooked, Why
from appliance.core.story import Speaker
from appliance.store import database, times, transcripts
from appliance.store.bookings import State
from appliance.store.transcripts import TurnRow
from tests.service.booking.clinic import ANA, Clinic, clinic, fails


def breaks() -> None:
    raise LookupError("a library's own fault")


async def test_a_row_that_cannot_be_settled_leaves_the_others_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.own.before["keep"] = fails()
        await office.caller("CA1").books("Tuesday 2pm")
        office.later(seconds=1)
        await office.caller("CA2").books("Wednesday 2pm")
        office.own.before.clear()
        db = database.connect(office.path)
        with database.immediate(db):
            db.execute("UPDATE booking SET zone = 'No/Where' WHERE call_sid = 'CA1'")
        db.close()
        office.later(minutes=1)
        assert await office.settle() == 2
        assert {row.call_sid: row.state for row in office.rows()} == {
            "CA1": State.PROMISED,
            "CA2": State.BOOKED,
        }


async def test_a_fault_of_a_calendars_library_is_a_calendar_that_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with clinic(tmp_path) as office:
        office.own.before["busy"] = breaks
        with pytest.raises(NotBooked) as caught:
            await office.caller("CA1").wants("Tuesday 2pm")
        assert caught.value.why == Why.NO_CALENDAR
        office.own.before.clear()
        office.own.before["keep"] = breaks
        assert not (await office.caller("CA2").books("Tuesday 2pm")).sure
        assert [subject for subject, _ in office.notes()] == ["Appointment wanted"]
        assert "LookupError" in caplog.text


def ends(office: Clinic, call_sid: str, *turns: tuple[Speaker, bool]) -> None:
    """The call is over, and these are the turns after the appointment was made."""
    db, at = database.connect(office.path), times.written(office.books.now())
    with database.immediate(db):
        db.execute(
            "INSERT INTO call_log (id, call_sid, carrier, from_number, to_number, started_at, ended_at,"
            " outcome, duration_s)"
            " VALUES (?, ?, '', '', '', ?, ?, 'handled', 1)",
            (call_sid, call_sid, at, at),
        )
        for place, (speaker, cut) in enumerate(turns):
            transcripts.write(db, TurnRow(call_sid, place, speaker, "You are booked", True, cut, at))
    db.close()


@pytest.mark.parametrize(
    ("turns", "heard"),
    [
        ([], False),
        ([(Speaker.CALLER, False)], False),
        ([(Speaker.ATTENDANT, True)], False),
        ([(Speaker.ATTENDANT, False)], True),
        ([(Speaker.ATTENDANT, True), (Speaker.CALLER, False)], True),
    ],
)
async def test_staff_read_of_an_appointment_that_the_caller_cannot_have_heard_of(
    tmp_path: Path, turns: list[tuple[Speaker, bool]], *, heard: bool
) -> None:
    async with clinic(tmp_path) as office:
        assert (await office.caller("CA1").books("Tuesday 2pm")).sure
        office.later(minutes=2)
        # The call goes on still.
        assert await office.settle() == 0
        ends(office, "CA1", *turns)
        assert await office.settle() == 0
        office.later(minutes=2)
        assert await office.settle() == 1
        subjects = [subject for subject, _ in office.notes()]
        assert subjects == ([] if heard else ["Appointment made, perhaps not heard"])
        office.later(minutes=2)
        assert await office.settle() == 0
        assert [row.state for row in office.rows()] == [State.BOOKED]


async def test_a_call_that_nobody_filed_is_over_after_an_hour(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        assert (await office.caller("CA1").books("Tuesday 2pm")).sure
        office.later(minutes=62)
        assert await office.settle() == 1
        assert [subject for subject, _ in office.notes()] == ["Appointment made, perhaps not heard"]


async def test_what_was_offered_and_not_taken_is_forgotten_with_the_call(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        gone, stays = office.caller("CA1"), office.caller("CA2")
        await gone.wants("Tuesday 2pm")
        kept = await stays.wants("Wednesday 2pm")
        ends(office, "CA1")
        await office.settle()
        # The hold has not run out, and the call that had it is over.
        assert (await office.caller("CA3").wants("Tuesday 2pm")).exact
        office.later(minutes=5)
        await office.settle()
        await office.books.release("CA9", set())
        db = database.connect_readonly(office.path)
        assert db.execute("SELECT count(*) FROM booking").fetchone()[0] == 0
        db.close()
        stays.says("yes")
        stays.tells(ANA)
        assert (await stays.desk.book(kept.offers[0].offer_id, ANA, "en")).sure
