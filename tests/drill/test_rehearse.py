"""Rehearsing in Chromium: by microphone, by typing over the socket, turn by turn without script; drafts."""

import asyncio
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core import ulaw
from appliance.core.rehearsal import Line, Outline, Part
from appliance.core.settings import checked
from appliance.core.staff import Office
from appliance.jobs import rehearsing
from appliance.jobs.kinds import registry
from appliance.store import database, office, rehearsals, times
from appliance.store.rehearsals import Rehearsal
from scripts.loopback_box import API_KEY, LoopbackBox
from tests.admin.process import link, running
from tests.drill.chromium import Tab, chromium
from tests.drill.signed_in import fill, press, text
from tests.drill.test_access import base_of, become_owner
from tests.jobs.knowing import Base
from tests.peers.carrier import speech
from tests.peers.realtime import RealtimePeer, Script
from tests.service.rehearsal.staged import SCRIPT, everything

pytestmark = [pytest.mark.drill, pytest.mark.asyncio(loop_scope="module")]

MICROPHONE = (
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
SOON_MS = 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """A browser whose microphone plays a recording, signed in at a box that answers."""

    tab: Tab
    box: LoopbackBox
    base: str

    async def begun(self) -> None:
        """Open the page anew."""
        await self.tab.open(f"{self.base}/rehearsals")

    async def until(self, condition: str) -> None:
        """Wait until this is so on the page."""
        met = await self.tab.run(
            f"""
            new Promise((met) => {{
                const ends = Date.now() + {SOON_MS};
                const look = () => ({condition}) ? met(true)
                    : Date.now() > ends ? met(false) : setTimeout(look, 50);
                look();
            }})
            """
        )
        assert met, (condition, await text(self.tab), self.tab.complaints)

    async def click(self, selector: str) -> None:
        """Press what is found so."""
        await self.tab.run(f"document.querySelector({selector!r}).click()")

    async def says(self, words: str) -> None:
        """Wait until this stands on the page."""
        await self.until(f"document.querySelector('main').innerText.includes({words!r})")


def spoken(path: Path) -> Path:
    """A recording as a browser's microphone takes one: with pauses, in which it is greeted and answered."""
    pause = [b"\xff" * 160] * 250
    ulaw_8k = b"".join([*pause, *speech.load("s2p_what_time_is_it").frames, *pause])
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(ulaw.decode(ulaw_8k).tobytes())
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    folder = tmp_path_factory.mktemp("rehearse")
    async with RealtimePeer(Script.parse(f'voice = "synth"\n{SCRIPT}'), key=API_KEY) as cloud:
        box = LoopbackBox(folder / "box", cloud_url=cloud.url, staff={"front_door": "assistant"})
        heard = f"--use-file-for-fake-audio-capture={spoken(folder / 'spoken.wav')}"
        async with box, chromium(folder, *MICROPHONE, heard) as tab:
            box.keep_ports()
            with running(box.config) as (_, port):
                entrance = link(box.config, port)
                await tab.look(1280, dark=False)
                await become_owner(tab, entrance)
                yield Page(tab, box, base_of(entrance))


def calls(box: LoopbackBox) -> list[tuple[object, ...]]:
    return everything(box)["call_log"]


async def test_somebody_speaks_and_sees_what_is_said_and_done(page: Page) -> None:
    await page.begun()
    await page.click("[data-speak]")
    await page.says("Good morning.")
    await page.until("document.querySelector('#level').value > 0.01")
    await page.says("what time is it")
    await page.says("Looked up the opening hours")
    await page.says("We are open from eight to five.")
    await page.click("[data-hang-up]")
    await page.says("The rehearsal is over.")
    await page.until("!document.querySelector('[data-keep]').hidden")
    assert page.tab.complaints == []
    await fill(page.tab, "Keep this rehearsal", name="The hours")
    assert "The hours" in await text(page.tab)
    assert calls(page.box) == []


async def test_somebody_types_over_the_socket_and_presses_keys(page: Page) -> None:
    await page.begun()
    await page.click("[data-type]")
    await page.says("Good morning.")
    await page.tab.run("document.querySelector('#said').value = 'do you have a parking lot'")
    await page.click("[data-say] button")
    await page.says("do you have a parking lot")
    await page.until("document.querySelectorAll('[data-entries] .attendant').length === 2")
    await page.click("[data-key='0']")
    await page.says("A caller would now be put through to the front desk.")
    await page.until("!document.querySelector('[data-again]').hidden")
    assert page.tab.complaints == []
    assert calls(page.box) == []


async def test_the_page_fits_while_somebody_rehearses(page: Page) -> None:
    for width in (360, 1280):
        await page.tab.look(width, dark=width < 600)
        await page.begun()
        await page.click("[data-type]")
        await page.says("Good morning.")
        assert await page.tab.overflowing() == []
        await page.click("[data-hang-up]")
        await page.says("The rehearsal is over.")
        assert await page.tab.overflowing() == []
    await page.tab.look(1280, dark=False)


async def test_without_script_it_goes_turn_by_turn(page: Page) -> None:
    await page.tab.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        await page.begun()
        await press(page.tab, "Type")
        assert "Good morning." in await text(page.tab)
        await fill(page.tab, "Say it", line="do you have a parking lot")
        assert "do you have a parking lot" in await text(page.tab)
        await press(page.tab, "Hang up")
        assert "The rehearsal is over." in await text(page.tab)
    finally:
        await page.tab.ask("Emulation.setScriptExecutionDisabled", value=False)
    assert calls(page.box) == []


# Drafts --------------------------------------------------------------------------------------------------


def kept(box: LoopbackBox) -> None:
    """Keep a rehearsal in which a caller asks something."""
    said = Rehearsal(0, "Asked", "", (Line("do you have a parking lot"),), Outline(), frozenset(Part))
    db = database.connect(box.database)
    with database.immediate(db):
        rehearsals.keep(db, said, at=times.utc_now(), by="test")
    db.close()


def worked(box: LoopbackBox) -> None:
    """Do what the worker does."""
    told = {"box": {"data_dir": str(box.folder / "data")}, "listen": {"local_port": box.ports["local"]}}
    base = Base(box.database)
    base.kinds = registry([*base.kinds.values(), rehearsing.rehearsing(checked(told, "test"))])
    db = database.connect(box.database)
    base.work(db)
    db.close()


def decided(box: LoopbackBox) -> Office:
    db = database.connect_readonly(box.database)
    try:
        return office.load(db)
    finally:
        db.close()


async def test_a_draft_is_played_and_decided_in_spite_of_a_difference(page: Page) -> None:
    tab, draft = page.tab, f"{page.base}/rehearsals/drafts"
    await asyncio.to_thread(kept, page.box)
    await tab.open(f"{draft}/new")
    await fill(tab, "Begin the draft", name="Winter")
    draft = f"{page.base}{await tab.run('location.pathname')}"
    await tab.open(f"{draft}/departments/new")
    await fill(tab, "Save", name="Pharmacy", **{"number-0": "(212) 555-0111"})
    await tab.open(f"{draft}/menu/es")
    await fill(tab, "Keep it in the draft", greeting="Bienvenidos.")
    await tab.open(f"{draft}/documents/new")
    await fill(tab, "Keep it in the draft", title="Parking", content="We have a parking lot.")
    await tab.open(f"{draft}/hours")
    await fill(tab, "Keep it in the draft", front_door="menu")
    told = await text(tab)
    for part in (
        "Department: Pharmacy",
        "Spanish · Greeting: Bienvenidos.",
        "We have a parking lot.",
        "The menu",
    ):
        assert part in told
    await press(tab, "Play them with this draft")
    assert "are being played" in await text(tab)
    before = tab.loads
    await asyncio.to_thread(worked, page.box)
    # All were played: there is more to be seen than the live part.
    await tab.loaded(before)
    assert "come out differently" in await text(tab)
    assert await tab.overflowing() == []
    assert "Pharmacy" not in [line.name for line in decided(page.box).departments]
    await fill(tab, "Decide it all the same", sure="Winter")
    assert "It is decided." in await text(tab)
    there = decided(page.box)
    assert "Pharmacy" in [line.name for line in there.departments]
    assert there.staff.front_door == "menu"
    assert there.staff.language_words["es"].greeting == "Bienvenidos."
    assert tab.complaints == []


async def test_without_script_what_was_changed_meanwhile_is_told_and_kept(page: Page) -> None:
    tab = page.tab
    await tab.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        await tab.open(f"{page.base}/rehearsals/drafts/new")
        await fill(tab, "Begin the draft", name="Summer")
        draft = f"{page.base}{await tab.run('location.pathname')}"
        await tab.open(f"{draft}/menu")
        await fill(tab, "Keep it in the draft", greeting="Good summer.")
        db = database.connect(page.box.database)
        office.set_value(db, "greeting", "Good day.", at=times.utc_now(), by="test")
        db.close()
        await tab.open(draft)
        assert "Changed meanwhile" in await text(tab)
        await press(tab, "Take the draft's version")
        assert "Changed meanwhile" not in await text(tab)
        await press(tab, "Forget the draft")
        assert "The draft is forgotten." in await text(tab)
    finally:
        await tab.ask("Emulation.setScriptExecutionDisabled", value=False)
    assert decided(page.box).staff.greeting == "Good day."
