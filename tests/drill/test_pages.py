"""The admin's pages as a person sees them: a real browser, narrow and wide, light and dark."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from appliance.store import database, times
from appliance.store.accounts import Role
from tests.admin import people, told
from tests.admin.process import link, prepare, running
from tests.drill.chromium import Tab, chromium, pixels
from tests.drill.test_access import base_of, become_owner

pytestmark = pytest.mark.drill

PAGES = (
    "/today", "/callbacks", "/callbacks/3", "/callbacks/done", "/calls", "/calls/talk", "/calls/hostile",
    "/calls/billing", "/calls/now", "/messages", "/messages/1", "/messages?part=done", "/analytics",
    "/languages", "/hours", "/hours/holidays", "/departments", "/departments/new", "/departments/one/billing",
    "/on-call", "/on-call/new", "/on-call/0",
    "/calls?text=earache&until=2030-01-01", "/calls/voice",
    "/people", "/people/1", "/people/2", "/people/new", "/account", "/account/password", "/account/two-step",
    "/audit", "/knowledge", "/knowledge/new", "/knowledge/documents/guide", "/knowledge/documents/leaflet",
    "/knowledge/ask?question=parking", "/knowledge/answer?question=parking", "/knowledge/unanswered",
    "/knowledge/unanswered/1", "/citations", "/jobs", "/jobs/1", "/bookings", "/bookings?day=2026-11-24",
    "/bookings/offered", "/bookings/providers/one/lee", "/bookings/visits/one/cleaning", "/calls/talk/said",
    "/calls/talk/events", "/system/logs", "/bookings/providers/new", "/bookings/visits/new",
    "/menu", "/devices", "/devices/new", "/devices/one/101", "/system", "/settings", "/settings?text=ring",
    "/settings/callbacks", "/settings/box-asterisk", "/settings/box-cloud",
    "/rehearsals", "/rehearsals/kept/1", "/rehearsals/runs/1", "/rehearsals/drafts/1",
    "/rehearsals/drafts/new", "/rehearsals/drafts/2", "/rehearsals/drafts/1/departments",
    "/rehearsals/drafts/1/documents", "/menu/in/es", "/rehearsals/drafts/1/hours",
    "/rehearsals/drafts/1/menu", "/rehearsals/drafts/1/menu/es", "/rehearsals/drafts/1/departments/new",
    "/rehearsals/drafts/1/departments/one/billing", "/rehearsals/drafts/1/documents/new",
    "/rehearsals/drafts/1/documents/one/flu-shots",
)  # fmt: skip


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[str]:
    """The first link into the pages of a real process."""
    config = with_somebody(tmp_path)
    with running(config) as (_, port):
        yield link(config, port)


@pytest_asyncio.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A browser."""
    async with chromium(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("width", [360, 768, 1280, 1400])
async def test_pages_fit_and_show_something(entrance: str, tab: Tab, tmp_path: Path, width: int) -> None:
    await become_owner(tab, entrance)
    base = base_of(entrance)
    for path in PAGES:
        for scheme in ("light", "dark"):
            await tab.look(width, dark=scheme == "dark")
            await tab.open(base + path)
            await tab.run("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert await tab.overflowing() == [], path
            png = await tab.picture()
            await asyncio.to_thread(
                (tmp_path / f"{path[1:].replace('/', '-')}-{scheme}.png").write_bytes, png
            )
            _check_picture(png, dark=scheme == "dark")
    assert tab.complaints == []


def with_somebody(folder: Path) -> Path:
    """A box's settings file; it has accounts, but the owner's is made by the link."""
    config = prepare(folder)
    db = database.connect(folder / "data" / "attendant.db")
    for role in (Role.FRONT_DESK, Role.IT):
        people.add(db, role, times.utc_now())
    told.fill(db)
    db.close()
    return config


def _check_picture(png: bytes, *, dark: bool) -> None:
    """Something is written on it, on the ground that was asked for."""
    picture = pixels(png)
    packed = picture[..., 0] * np.uint32(65536) + picture[..., 1] * np.uint32(256) + picture[..., 2]
    shades, counts = np.unique(packed, return_counts=True)
    assert len(shades) > 50
    assert counts.max() < 0.97 * counts.sum()
    assert (picture.mean() < 80) if dark else (picture.mean() > 200)


async def test_a_page_that_does_not_fit_would_be_noticed(entrance: str, tab: Tab) -> None:
    await tab.look(360, dark=False)
    await become_owner(tab, entrance)
    assert await tab.overflowing() == []
    await tab.run("document.querySelector('h1').textContent = 'wide\u00a0'.repeat(40)")
    await tab.run("document.querySelector('h1').className = 'tel'")
    assert await tab.overflowing() == ["MAIN", "H1", "the page"]


async def test_a_recording_plays_and_leaving_leaves(entrance: str, tab: Tab) -> None:
    await become_owner(tab, entrance)
    base = base_of(entrance)
    await tab.open(f"{base}/messages")
    seconds = await tab.run(
        """
        new Promise((heard, failed) => {
            const player = document.querySelector('audio');
            player.onloadedmetadata = () => heard(player.duration);
            player.onerror = () => failed(player.error.message);
            player.preload = 'auto';
            player.load();
        })
        """
    )
    assert seconds == pytest.approx(1.0, abs=0.01)
    before = tab.loads
    await tab.run("document.querySelector('.wide-nav .leave button').click()")
    await tab.loaded(before)
    assert await tab.run("location.pathname") == "/signed-out"
    assert tab.complaints == []


async def test_a_call_is_opened_by_the_keyboard_alone(entrance: str, tab: Tab) -> None:
    await tab.look(1280, dark=False)
    await become_owner(tab, entrance)
    await tab.open(f"{base_of(entrance)}/calls")
    for _ in range(60):
        await tab.key("Tab")
        if await tab.run("document.activeElement.closest('.caller') !== null"):
            break
    before = tab.loads
    await tab.key("Enter")
    await tab.loaded(before)
    assert await tab.run("document.querySelector('h1').textContent") == "(212) 555-0199"
