"""Every page of the admin can be used by those who see, hear or move otherwise: axe-core finds no fault."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.admin.people import PASSWORD
from tests.admin.process import link, running
from tests.drill.chromium import Tab, chromium
from tests.drill.signed_in import fill, press
from tests.drill.test_access import base_of
from tests.drill.test_pages import PAGES, with_somebody

pytestmark = pytest.mark.drill

AXE = (Path(__file__).parents[1] / "data" / "axe" / "axe.min.js").read_text("utf-8")
RUN = """
axe.run({resultTypes: ['violations']}).then(found => JSON.stringify(
    found.violations.map(each => [each.impact, each.id, each.nodes.map(node => node.html.slice(0, 200))])))
"""
# A label, and what is described by it, leads to the first thing of a name: another of that name has none.
TWICE = """
[...document.querySelectorAll('[id]')].map(each => each.id).filter((id, at, all) => all.indexOf(id) < at)
"""


@pytest.fixture
def first_link(tmp_path: Path) -> Iterator[str]:
    """The first link of a real process."""
    config = with_somebody(tmp_path)
    with running(config) as (_, port):
        yield link(config, port)


@pytest_asyncio.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A browser."""
    async with chromium(tmp_path) as opened:
        yield opened


async def faults(tab: Tab) -> list[object]:
    """What is wrong with the page, wide and light, narrow and dark."""
    found = []
    for width, dark in ((1280, False), (390, True)):
        await tab.look(width, dark=dark)
        await tab.run(f"{AXE};0")
        found += json.loads(await tab.run(RUN))
    found += await tab.run(TWICE)
    return found


async def test_nobody_is_kept_out_by_how_pages_are_made(first_link: str, tab: Tab) -> None:
    base = base_of(first_link)
    await tab.open(f"{base}/first")
    assert await faults(tab) == []
    await tab.open(first_link)
    await fill(tab, "Save and sign in", name="Ana Ruiz", password="short", again="else")
    assert await faults(tab) == [], "a form with errors"
    await fill(tab, "Save and sign in", name="Ana Ruiz", password=PASSWORD, again=PASSWORD)
    for path in (*PAGES, "/nothing"):
        await tab.open(base + path)
        assert await faults(tab) == [], path
    await press(tab, "Sign out")
    await press(tab, "Sign in again")
    assert await faults(tab) == [], "the door"
