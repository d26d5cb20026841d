"""The ten daily tasks, each within five clicks of Today: by the mouse's and the keyboard's own events."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass

import pytest
import pytest_asyncio

from admin.tongue import Tongue
from appliance.core.settings import load
from appliance.store import database
from appliance.store.database import Connection
from tests.admin.process import link, prepare, running
from tests.drill import daily
from tests.drill.chromium import Tab, chromium
from tests.drill.daily import Desk
from tests.drill.hands import Hands
from tests.drill.test_access import base_of, become_owner

pytestmark = [pytest.mark.drill, pytest.mark.asyncio(loop_scope="module")]

CLICKS_MOST = 5


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody is at the pages."""

    name: str
    scripted: bool = True
    width: int = 1280
    language: str = "en"
    keys_alone: bool = False


MANNERS = (
    Manner("by mouse"),
    Manner("without JavaScript", scripted=False),
    Manner("on a telephone", width=390),
    Manner("in Spanish", language="es"),
    Manner("by keys alone", keys_alone=True),
)


@dataclass(frozen=True, slots=True)
class Clinic:
    """A browser in which the owner is signed in, where the pages are, and what they are made of."""

    tab: Tab
    base: str
    db: Connection

    async def sit_down(self, manner: Manner) -> Desk:
        """Begin on Today."""
        await self.tab.ask("Emulation.setScriptExecutionDisabled", value=not manner.scripted)
        await self.tab.ask("Network.setExtraHTTPHeaders", headers={"Accept-Language": manner.language})
        await self.tab.look(manner.width, dark=False)
        await self.tab.open(f"{self.base}/today")
        assert await self.tab.run("document.documentElement.lang") == manner.language
        return Desk(
            Hands(self.tab, Tongue(manner.language), manner.keys_alone), self.db, MANNERS.index(manner)
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    """One box and one browser for all of them."""
    folder = tmp_path_factory.mktemp("daily")
    config = prepare(folder)
    settings = load(config)
    with closing(database.connect(settings.database)) as db:
        daily.fill(settings, db, len(MANNERS))
        with running(config) as (_, port):
            entrance = link(config, port)
            async with chromium(folder) as tab:
                await become_owner(tab, entrance)
                yield Clinic(tab, base_of(entrance), db)


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
@pytest.mark.parametrize("task", daily.TASKS, ids=lambda task: task.__name__)
async def test_it_is_done_with_five_clicks_at_most(
    clinic: Clinic, task: Callable[[Desk], Awaitable[None]], manner: Manner
) -> None:
    desk = await clinic.sit_down(manner)
    await task(desk)
    assert desk.hands.clicks <= CLICKS_MOST
    assert (desk.hands.clicks == 0) == manner.keys_alone
    assert await clinic.tab.overflowing() == []
    assert clinic.tab.complaints == []


async def test_what_is_covered_or_not_seen_is_not_pressed(clinic: Clinic) -> None:
    desk = await clinic.sit_down(MANNERS[0])
    await clinic.tab.run("document.body.append(Object.assign(document.createElement('div'), {id: 'cover'}))")
    await clinic.tab.run("(Object.assign(cover.style, {position: 'fixed', inset: 0, zIndex: 9}), 0)")
    with pytest.raises(AssertionError, match="something lies over"):
        await desk.hands.press("Hours")
    await clinic.tab.run("document.querySelector('.wide-nav').remove()")
    with pytest.raises(AssertionError, match="nothing is seen of 'Hours'"):
        await desk.hands.press("Hours")
    assert desk.hands.clicks == 0
