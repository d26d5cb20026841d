"""A box that ends at any step of a booking: no word is untrue, and what was begun is gone on with."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.core.booking.desk import Done, NotBooked
from appliance.core.booking.identity import Identity
from appliance.store.bookings import Booking, State
from appliance.store.database import Connection
from tests.service.booking.clinic import ZONE, Caller, Clinic, Fickle, clinic
from tests.service.booking.services import Service, others

VERBS = ["busy", "keep", "find", "remove"]


class Killed(BaseException):
    """The box ends here."""


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


def raises() -> None:
    raise Killed


class Crash:
    """Ends the box at one step: a verb of the calendar or a write, before it is done or right after.

    Where `end` raises, what is meant to be done afterwards in the same process is not: writes are refused.
    """

    def __init__(self, office: Clinic, calendar: Fickle, at: int, end: Callable[[], None]) -> None:
        self._left = at
        self._end = end
        self.ended = False
        promise = office.books.writer.promise

        async def write(job: Callable[[Connection], Any], **more: Any) -> Any:
            self._step()
            done = await promise(job, **more)
            self._step()
            return done

        office.books.writer.promise = write  # type: ignore[method-assign]
        for verb in VERBS:
            calendar.before[verb] = calendar.after[verb] = self._step

    def _step(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.ended = True
            self._end()


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


async def settled(office: Clinic) -> list[Booking]:
    """Begun again, and settled: what stands in the store, once, and staff read of what no caller heard."""
    for _ in range(3):
        office.later(minutes=40)
        await office.settle()
    rows = office.rows()
    assert {row.state for row in rows} <= {State.BOOKED}
    assert len(rows) <= 1
    # What stands without the caller's having heard so is told to staff.
    assert bool(office.notes()) >= any(row.call_sid == "CA1" for row in rows)
    # Every time that nobody has is free again.
    wednesday = datetime(2026, 12, 2, 10, tzinfo=ZONE)
    offers = await office.caller("CA9", "+15550200009").wants("Wednesday at ten")
    assert offers.exact is not any(row.span.start == wednesday for row in rows)
    return rows


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
            crash = Crash(office, office.own, at, raises)
            try:
                told = await does(office.caller())
            except (Killed, BaseExceptionGroup):
                assert crash.ended
            else:
                assert told.sure
                assert at > len(VERBS)
                return
        async with clinic(folder) as office:
            rows = await settled(office)
            assert sorted(row.span for row in rows) == sorted(office.events())
            assert does is not moves or len(rows) == 1
    pytest.fail("it never came to its end")


# A process that is killed -----------------------------------------------------------------------------------


def dies() -> None:
    """End this process as the kernel does when there is no memory, and nothing of it is done any more."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(folder: Path, service: Service, at: int) -> tuple[int, list[str]]:
    """Book in a process of its own, which dies at that step; its status, and what the caller has heard."""
    told = folder / "heard"
    told.touch()
    child = os.fork()
    if not child:
        try:
            asyncio.run(books_until(folder, service, at, told))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return status, told.read_text().splitlines()


async def books_until(folder: Path, service: Service, at: int, told: Path) -> None:
    """Book, and write down what the caller hears as they hear it."""
    calendars = {name: Fickle(each) for name, each in others(service).items()}
    async with clinic(folder, service.bookable, others=dict(calendars)) as office:
        Crash(office, calendars.get(service.name, office.own), at, dies)
        caller = office.caller()
        done = await books(caller)
        await asyncio.to_thread(told.write_text, done.said)
        dies()


@pytest.mark.parametrize(
    "service", ["microsoft", pytest.param("google", marks=pytest.mark.drill)], indirect=True
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_is_killed_at_any_step_leaves_no_lie(tmp_path: Path, service: Service) -> None:
    """Whatever the caller has heard is so; where they heard nothing, staff are told of what stands."""
    seen = set[tuple[bool, int]]()
    for at in range(1, STEPS_MOST):
        service.renewed()
        folder = tmp_path / str(at)
        folder.mkdir()
        status, heard = killed_at(folder, service, at)
        assert os.WTERMSIG(status) == signal.SIGKILL
        seen.add(asyncio.run(found_after(folder, service, heard)))
        if heard:
            break
    assert (True, 1) in seen, "it never came to its end"
    # Killed before it was promised: nothing. Killed later: it stands, once, and the caller was told nothing.
    assert seen == {(False, 0), (False, 1), (True, 1)}


async def found_after(folder: Path, service: Service, heard: list[str]) -> tuple[bool, int]:
    """What was heard, and how much stands when the box is there again."""
    async with clinic(folder, service.bookable, others=others(service)) as office:
        if heard:
            assert heard == ["You are booked: Tuesday, December 1st at 10 a.m."]
            assert [row.state for row in office.rows()] == [State.BOOKED]
            assert len(service.stands(office)) == 1
            return True, 1
        rows = await settled(office)
        assert [row.span for row in rows] == service.stands(office)
        return False, len(rows)
