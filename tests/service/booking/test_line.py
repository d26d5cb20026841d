"""The way to a calendar service: a deadline for each question, no crowd, and rest for one that is away."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.calendar import Calendar, CalendarFailed, Trouble
from appliance.core.errors import SettingsError
from appliance.service.booking.line import AT_ONCE, FAILURES_MOST, RESTS_S, Line


class Clock:
    """A clock that tests put on."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def failing(error: Exception) -> Callable[[Calendar], str]:
    def verb(_: Calendar) -> str:
        raise error

    return verb


def well(_: Calendar) -> str:
    return "well"


async def trouble(line: Line, verb: Callable[[Calendar], str], within_s: float = 5.0) -> Trouble:
    with pytest.raises(CalendarFailed) as caught:
        await line.ask(verb, within_s)
    return caught.value.trouble


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(tmp_path: Path, clock: Clock) -> Line:
    return Line("google", OwnCalendar(tmp_path / "a.db"), threads=2, clock=clock)


async def test_an_answer_is_given_on(line: Line) -> None:
    assert await line.ask(well, 5.0) == "well"
    assert line.problem == ""


async def test_a_service_that_fails_twice_is_left_alone_for_longer_each_time(
    line: Line, clock: Clock
) -> None:
    away = failing(CalendarFailed("It is away.", Trouble.AWAY))
    for _ in range(FAILURES_MOST):
        assert await trouble(line, away) is Trouble.AWAY
    for rest_s in (*RESTS_S, RESTS_S[-1]):
        with pytest.raises(CalendarFailed, match="left alone: It is away"):
            await line.ask(failing(AssertionError("it was asked")), 5.0)
        clock.at += rest_s - 0.1
        assert await trouble(line, well) is Trouble.AWAY
        clock.at += 0.2
        # One is let through to find out.
        await trouble(line, away)
    clock.at += RESTS_S[-1]
    assert await line.ask(well, 5.0) == "well"
    assert await trouble(line, away) is Trouble.AWAY
    assert await line.ask(well, 5.0) == "well"


async def test_what_only_this_question_meets_is_no_reason_to_rest(line: Line) -> None:
    for each in (Trouble.GONE, Trouble.OTHER):
        for _ in range(FAILURES_MOST + 1):
            assert await trouble(line, failing(CalendarFailed("No.", each))) is each
    assert await line.ask(well, 5.0) == "well"


async def test_settings_that_cannot_be_used_are_told_as_a_refusal(line: Line) -> None:
    assert await trouble(line, failing(SettingsError(["The key is bad."]))) is Trouble.REFUSED
    assert "The key is bad." in line.problem


async def test_a_slow_one_is_given_up_and_a_crowd_is_refused(line: Line, clock: Clock) -> None:
    go = threading.Event()

    def slow(_: Calendar) -> str:
        go.wait(30)
        return "late"

    try:
        assert await trouble(line, slow, 0.05) is Trouble.AWAY
        async with asyncio.TaskGroup() as tasks:
            waiting = [
                tasks.create_task(line.ask(slow, 30.0), name=f"caller {number}")
                for number in range(AT_ONCE - 1)
            ]
            await asyncio.sleep(0)
            assert await trouble(line, well) is Trouble.BUSY
            go.set()
        assert {each.result() for each in waiting} == {"late"}
        clock.at += 1
        assert await line.ask(well, 5.0) == "well"
    finally:
        go.set()
        line.close()


async def asked(line: Line, verb: Callable[[Calendar], str], calendar: str) -> Trouble | None:
    """What this calendar is asked for, and what was the matter."""
    try:
        await line.ask(verb, 5.0, calendar)
    except CalendarFailed as exc:
        return exc.trouble
    return None


@pytest.mark.parametrize("of_one", [Trouble.REFUSED, Trouble.BUSY])
async def test_what_one_calendar_refuses_leaves_the_others_of_its_service_alone(
    line: Line, clock: Clock, of_one: Trouble
) -> None:
    refuses = failing(CalendarFailed("It is not shared.", of_one))
    for _ in range(FAILURES_MOST):
        assert await asked(line, refuses, "lee") is of_one
    assert await asked(line, failing(AssertionError("it was asked")), "lee") is Trouble.AWAY
    assert await asked(line, well, "ruiz") is None
    assert line.problem == "It is not shared."
    clock.at += RESTS_S[0]
    assert await asked(line, well, "lee") is None
    assert line.problem == ""


async def test_without_a_token_the_whole_service_rests(line: Line) -> None:
    no_token = failing(CalendarFailed("No token.", Trouble.REFUSED, whole=True))
    for calendar in ("lee", "ruiz"):
        assert await asked(line, no_token, calendar) is Trouble.REFUSED
    assert await asked(line, failing(AssertionError("it was asked")), "cruz") is Trouble.AWAY


async def test_who_waited_in_our_own_queue_says_nothing_about_the_service(line: Line) -> None:
    go, busy = threading.Event(), threading.Barrier(3)

    def slow(_: Calendar) -> str:
        busy.wait(30)
        go.wait(30)
        return "late"

    try:
        async with asyncio.TaskGroup() as tasks:
            for number in range(2):
                tasks.create_task(line.ask(slow, 30.0), name=f"caller {number}")
            await asyncio.to_thread(busy.wait, 30)
            for _ in range(FAILURES_MOST + 1):
                assert await trouble(line, well, 0.05) is Trouble.BUSY
            assert line.problem == ""
            go.set()
        assert await line.ask(well, 5.0) == "well"
    finally:
        go.set()
        line.close()


async def test_each_calendar_tells_how_it_is(line: Line, clock: Clock) -> None:
    away = CalendarFailed("mute", Trouble.AWAY)
    await line.ask(well, 5.0, "a")
    with pytest.raises(CalendarFailed):
        await line.ask(failing(CalendarFailed("no key", Trouble.REFUSED)), 5.0, "b")
    one, other = line.each()
    assert (one.calendar, one.trouble, one.answered_at is not None) == ("google:a", None, True)
    assert (other.calendar, other.trouble, other.problem) == ("google:b", Trouble.REFUSED, "no key")
    assert (other.answered_at, other.failed_at is not None, other.rests_s) == (None, True, 0.0)
    for _ in range(FAILURES_MOST):
        with pytest.raises(CalendarFailed):
            await line.ask(failing(away), 5.0, "a")
    one, other = line.each()
    assert (one.trouble, one.problem, one.rests_s) == (Trouble.AWAY, "mute", RESTS_S[0])
    assert (other.trouble, other.rests_s) == (Trouble.REFUSED, RESTS_S[0])
    clock.at += RESTS_S[0]
    await line.ask(well, 5.0, "a")
    assert line.each()[0].trouble is None
