"""Fifty callers at once, and a box that ends at any step: no time is anybody's twice, no word is untrue."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.booking.desk import Done, NotBooked
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Trouble
from appliance.store.bookings import State
from appliance.store.database import Connection
from appliance.store.errors import ReadTooSlow
from tests.service.booking.clinic import ZONE, Caller, Clinic, clinic, fails

CALLERS = 50
WISHES = ["Tuesday at ten", "Tuesday at half past ten", "Tuesday", "as soon as possible", "Tuesday morning"]
VERBS = ["busy", "keep", "find", "remove"]


class Killed(BaseException):
    """The box ends here."""


async def rings(office: Clinic, number: int, wish: str) -> bool:
    """A caller who takes the first offer, and others if it is gone or slow; whether they were told it is."""
    caller = office.caller(f"CA{number}", f"+1555020{number:04}")
    patient = Identity(name=f"Patient {number}")
    for _ in range(3):
        try:
            return (await caller.books(wish, patient)).sure
        except (NotBooked, ReadTooSlow):
            continue
    return False


async def test_fifty_callers_who_race_are_never_double_booked(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        async with asyncio.TaskGroup() as tasks:
            racing = [
                tasks.create_task(
                    rings(office, number, WISHES[number % len(WISHES)]), name=f"caller {number}"
                )
                for number in range(CALLERS)
            ]
        told = sum(each.result() for each in racing)
        rows = [row for row in office.rows() if row.state is State.BOOKED]
        assert told == len(rows) > 10
        half_hour = timedelta(minutes=30)
        # Merged, the calendar is busy for just as long as the appointments last together.
        assert sum((each.end - each.start for each in office.events()), timedelta()) == half_hour * told


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=st.lists(st.sampled_from(WISHES), min_size=2, max_size=8),
    faults=st.dictionaries(
        st.sampled_from(VERBS), st.tuples(st.booleans(), st.sampled_from([*Trouble])), max_size=2
    ),
)
def test_whatever_calendars_do_who_was_told_so_is_booked(
    wishes: list[str], faults: dict[str, tuple[bool, Trouble]]
) -> None:
    async def play(folder: Path) -> None:
        async with clinic(folder) as office:
            for verb, (before, trouble) in faults.items():
                (office.own.before if before else office.own.after)[verb] = fails(trouble)
            told = [await rings(office, number, wish) for number, wish in enumerate(wishes)]
            office.own.before.clear()
            office.own.after.clear()
            booked = {row.call_sid for row in office.rows() if row.state is State.BOOKED}
            assert {f"CA{number}" for number, sure in enumerate(told) if sure} == booked
            office.later(minutes=2)
            await office.settle()
            rows = office.rows()
            assert all(row.state is State.BOOKED for row in rows)
            lasts = sum((each.end - each.start for each in office.events()), timedelta())
            assert lasts == timedelta(minutes=30) * len(rows)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


@pytest.mark.parametrize("verb", ["busy", "keep"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_box_that_ends_at_a_step_of_a_booking_leaves_no_lie(
    tmp_path: Path, verb: str, moment: str
) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday at ten")
        caller.says("yes, for Ana Ruiz")
        caller.confirms()

        def end() -> None:
            raise Killed

        getattr(office.own, moment)[verb] = end
        with pytest.raises(Killed):
            await caller.desk.book(offers.offers[0].offer_id, Identity(name="Ana Ruiz"), "en")
        assert [row.state for row in office.rows()] == [State.PROMISED]
    async with clinic(tmp_path) as office:
        # Begun again: the caller was told nothing, the time is nobody else's, and staff read what came of it.
        assert not (await office.caller("CA2").wants("Tuesday at ten")).exact
        office.later(minutes=1)
        assert await office.settle() == 1
        (row,) = office.rows()
        assert row.state is State.BOOKED
        assert [(each.start, each.end) for each in office.events()] == [(row.span.start, row.span.end)]
        assert [subject for subject, _ in office.notes()] == ["Appointment confirmed late"]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_box_that_ends_in_a_cancellation_carries_it_out(tmp_path: Path, moment: str) -> None:
    async with clinic(tmp_path) as office:
        await office.caller().books("Tuesday at ten", Identity(name="Ana Ruiz"))
        caller = office.caller("CA2")
        caller.says("Ana Ruiz")
        (standing,) = await caller.desk.appointments(Identity(name="Ana Ruiz"), "en")
        caller.hears(standing.said)
        caller.says("yes")

        def end() -> None:
            raise Killed

        getattr(office.own, moment)["remove"] = end
        with pytest.raises(Killed):
            await caller.desk.cancel(standing.appointment_id, "en")
    async with clinic(tmp_path) as office:
        with pytest.raises(NotBooked):
            await office.caller("CA3").desk.appointments(Identity(name="Ana Ruiz"), "en")
        office.later(minutes=1)
        await office.settle()
        assert (office.rows(), office.events()) == ([], [])


class Crash:
    """Ends the box at one step: a verb of the calendar or a write, before it is done or right after.

    What is meant to be done after the end, in the same process, is not done: writes are refused.
    """

    def __init__(self, office: Clinic, at: int) -> None:
        self._office = office
        self._left = at
        self.ended = False
        promise = office.books.writer.promise

        async def write(job: Callable[[Connection], Any], **more: Any) -> Any:
            self._step()
            done = await promise(job, **more)
            self._step()
            return done

        office.books.writer.promise = write  # type: ignore[method-assign]
        for verb in VERBS:
            office.own.before[verb] = office.own.after[verb] = self._step

    def _step(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.ended = True
            raise Killed


async def books(caller: Caller) -> Done:
    return await caller.books("Tuesday at ten", Identity(name="Ana Ruiz"))


async def finds(caller: Caller) -> str:
    caller.says("Ana Ruiz")
    (standing,) = await caller.desk.appointments(Identity(name="Ana Ruiz"), "en")
    caller.hears(standing.said)
    caller.says("yes")
    return standing.appointment_id


async def cancels(caller: Caller) -> Done:
    return await caller.desk.cancel(await finds(caller), "en")


async def moves(caller: Caller) -> Done:
    found = await finds(caller)
    offers = await caller.wants("Wednesday at ten")
    caller.says("yes")
    return await caller.desk.move(found, offers.offers[0].offer_id, "en")


STEPS_MOST = 60
"""No deed has so many."""


@pytest.mark.parametrize("does", [books, cancels, moves])
async def test_a_box_that_ends_at_any_step_leaves_no_lie(
    tmp_path: Path, does: Callable[[Caller], Awaitable[Done]]
) -> None:
    for at in range(1, STEPS_MOST):
        folder = tmp_path / str(at)
        folder.mkdir()
        async with clinic(folder) as office:
            if does is not books:
                await office.caller("CA0").books("Tuesday at ten", Identity(name="Ana Ruiz"))
            crash = Crash(office, at)
            try:
                told = await does(office.caller())
            except (Killed, BaseExceptionGroup):
                assert crash.ended
            else:
                assert told.sure
                assert at > len(VERBS)
                return
        async with clinic(folder) as office:
            # Begun again, and settled: what stands in the store stands in the calendar, and only that.
            for _ in range(3):
                office.later(minutes=40)
                await office.settle()
            rows = office.rows()
            assert {row.state for row in rows} <= {State.BOOKED}
            assert sorted(row.span for row in rows) == sorted(office.events())
            assert len(rows) <= 1
            assert does is not moves or len(rows) == 1
            # What stands without the caller's having heard so is told to staff.
            assert bool(office.notes()) >= any(row.call_sid == "CA1" for row in rows)
            # Every time that nobody has is free again.
            wednesday = datetime(2026, 12, 2, 10, tzinfo=ZONE)
            offers = await office.caller("CA9", "+15550200009").wants("Wednesday at ten")
            assert offers.exact is not any(row.span.start == wednesday for row in rows)
    pytest.fail("it never came to its end")
