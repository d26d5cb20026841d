"""The front desk's daily work in a real browser, with JavaScript and without; five presses at most."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.admin.process import link, prepare, running
from tests.drill.chromium import Tab, chromium
from tests.drill.signed_in import fill, press, text
from tests.drill.test_access import become_owner

pytestmark = pytest.mark.drill


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[str]:
    """The first link into the pages of a real process."""
    config = prepare(tmp_path)
    with running(config) as (_, port):
        yield link(config, port)


@pytest_asyncio.fixture(params=["with JavaScript", "without JavaScript"])
async def tab(tmp_path: Path, request: pytest.FixtureRequest, entrance: str) -> AsyncIterator[Tab]:
    """A browser on Today, with JavaScript or without."""
    async with chromium(tmp_path) as opened:
        await opened.ask("Emulation.setScriptExecutionDisabled", value=request.param == "without JavaScript")
        await become_owner(opened, entrance)
        yield opened
        assert opened.complaints == []


async def test_a_caller_is_called_back(tab: Tab) -> None:
    await press(tab, "Callbacks")
    assert "To call back 5" in await text(tab)
    await press(tab, "Take it")
    assert "Yours" in await text(tab)
    await press(tab, "Not reached")
    assert "Tried: 1" in await text(tab)
    await press(tab, "Done")
    assert "Done: " in await text(tab)
    await press(tab, "Undo")
    assert "Done: " not in await text(tab)


async def test_this_afternoon_is_closed_and_the_day_too(tab: Tab) -> None:
    await press(tab, "Hours")
    await fill(tab, "Set", until="23:59")
    assert "Closes: 11:59 PM" in await text(tab)
    await press(tab, "As planned again")
    await press(tab, "Close for today")
    told = await text(tab)
    assert "Closed now" in told
    assert "only today" in told


async def test_a_department_is_added(tab: Tab) -> None:
    await press(tab, "Departments")
    await press(tab, "Add a department")
    await fill(tab, "Save", **{"name": "Front office", "number-0": "(212) 555-0120", "hours": "always"})
    assert "Front office" in await text(tab)
    await press(tab, "Front office")
    await fill(tab, "Remove it", sure="Front office")
    assert "Front office" not in await text(tab)


async def test_somebody_is_put_on_call(tab: Tab) -> None:
    await press(tab, "On call")
    await press(tab, "Add a shift")
    await fill(tab, "Save", **{"name-0": "Dr. Lee", "number-0": "(415) 555-0121"})
    assert "Dr. Lee" in await text(tab)


async def test_a_message_is_corrected_and_dealt_with(tab: Tab) -> None:
    await press(tab, "Messages")
    await press(tab, "(917) 555-0177")
    await fill(tab, "Save the correction", text="It is about Friday.", name="Ana Ruiz", number="3475550123")
    told = await text(tab)
    assert "It is about Friday. Corrected by Ana Ruiz, Today" in told
    assert "(347) 555-0123" in told
    await press(tab, "Done")
    assert "Dealt with" in await text(tab)
    await press(tab, "Not done after all")
    await press(tab, "Take the correction back")
    assert "Corrected by" not in await text(tab)


async def test_numbers_of_other_days_are_looked_at(tab: Tab) -> None:
    await press(tab, "Analytics")
    await press(tab, "A year")
    told = await text(tab)
    assert "7 calls that are over" in told
    assert "Week from" not in told
    await press(tab, "See who is to be called back")


async def test_a_language_is_switched_off_and_on(tab: Tab) -> None:
    await press(tab, "Languages")
    await press(tab, "Switch Spanish off")
    assert "Spanish Switched off" in await text(tab)
    await press(tab, "Switch Spanish on")
    assert "Callers can have it now." in await text(tab)


async def test_the_box_is_looked_after(tab: Tab) -> None:
    await press(tab, "Devices")
    await press(tab, "Add a phone")
    await fill(tab, "Add, and show its sheet", extension="101", name="Front desk")
    assert "SIP server" in await text(tab)
    await press(tab, "Done")
    await fill(tab, "Remove the phone", sure="101")
    assert "No phone yet" in await text(tab)
    await press(tab, "Settings")
    await press(tab, "Answering and ringing")
    await fill(tab, "Save", ring_s="30")
    assert "Default: 20" in await text(tab)
    await press(tab, "Take the change back")
    assert "Default: 20" not in await text(tab)
    await press(tab, "Settings")
    await press(tab, "Limits")
    await fill(tab, "Save", **{"limits.calls_at_once": "6"})
    assert "It counts when the box" in await text(tab)
    await press(tab, "System")
    assert "systemctl restart" in await text(tab)
    await press(tab, "Look now")
    assert "It is being looked at" in await text(tab)
