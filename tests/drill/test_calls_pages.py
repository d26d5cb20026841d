"""A call and the day in a real browser: what is live, what is heard, what is tapped."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core.dispositions import Outcome
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import (
    callback_rows,
    calls,
    database,
    message_corrections,
    message_texts,
    messages,
    times,
    transcripts,
)
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState, Word
from tests.admin import rows
from tests.admin.process import link, prepare, running
from tests.drill.chromium import Tab, chromium
from tests.drill.signed_in import fill, press, text
from tests.drill.test_access import base_of, become_owner

pytestmark = pytest.mark.drill


@dataclass(frozen=True, slots=True)
class Clinic:
    """A running admin, the first link into it, and its database."""

    entrance: str
    db: Connection

    @property
    def base(self) -> str:
        """Where its pages are."""
        return base_of(self.entrance)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """A clinic's morning, with the words of a voicemail."""
    config = prepare(tmp_path)
    db = database.connect(tmp_path / "data" / "attendant.db")
    words = (Word("Hello.", 40, 90, 0.9), Word("Ana", 800, 850, 0.9), Word("Ruiz.", 860, 980, 0.2))
    said = MessageText(
        1, TextState.WRITTEN, text="Hello. Ana Ruiz.", language="en", words=words, made_by="rules"
    )
    message_texts.put(db, said, times.utc_now())
    with running(config) as (_, port):
        yield Clinic(link(config, port), db)
    db.close()


@pytest_asyncio.fixture
async def tab(tmp_path: Path, clinic: Clinic) -> AsyncIterator[Tab]:
    """A browser in which the owner is signed in."""
    async with chromium(tmp_path) as opened:
        await opened.look(1280, dark=False)
        await become_owner(opened, clinic.entrance)
        yield opened
        assert opened.complaints == []


async def until(tab: Tab, condition: str) -> None:
    """Wait until an expression is true in the page."""
    await asyncio.wait_for(
        tab.run(
            f"""
            new Promise((done) => {{
                const look = () => ({condition}) ? done(true) : requestAnimationFrame(look);
                look();
            }})
            """
        ),
        10,
    )


def say(db: Connection, words: str, place: int) -> None:
    turn = transcripts.TurnRow("now", place, Speaker.CALLER, words, True, False, times.utc_now())
    transcripts.write(db, turn)


async def test_what_is_said_runs_along_and_the_end_shows_all_of_the_call(clinic: Clinic, tab: Tab) -> None:
    await tab.open(f"{clinic.base}/calls/now")
    say(clinic.db, "I would like an appointment, please", 1)
    await until(tab, "document.querySelector('.talk').innerText.includes('appointment, please')")
    before = tab.loads
    calls.end(clinic.db, "now", times.utc_now(), Outcome.HANDLED, "")
    await tab.loaded(before)
    assert await tab.run("document.querySelector('[data-live]') === null")
    assert "Spoke with the assistant" in await text(tab)


async def test_a_caller_is_called_back_in_one_tap_and_that_is_undone(clinic: Clinic, tab: Tab) -> None:
    (entry, *_) = callback_rows.open_page(clinic.db)
    await tab.open(f"{clinic.base}/today")
    await press(tab, "I take it")
    assert callback_rows.get(clinic.db, entry.id).owner
    await press(tab, "Done")
    assert callback_rows.get(clinic.db, entry.id).state is callback_rows.State.DONE
    await press(tab, "Undo")
    assert callback_rows.get(clinic.db, entry.id).state is callback_rows.State.OPEN


async def test_a_button_keeps_the_focus_when_the_part_changes(clinic: Clinic, tab: Tab) -> None:
    await tab.open(f"{clinic.base}/today")
    await tab.run("document.querySelector('.entry form button').focus()")
    held = await tab.run("document.activeElement.form.getAttribute('action')")
    say(clinic.db, "Are you there?", 1)
    await until(tab, "document.querySelector('.talk').innerText.includes('Are you there?')")
    assert await tab.run("document.activeElement.form.getAttribute('action')") == held


@pytest.mark.parametrize("scripted", [True, False])
async def test_a_call_is_looked_for(clinic: Clinic, tab: Tab, scripted: bool) -> None:
    await tab.ask("Emulation.setScriptExecutionDisabled", value=not scripted)
    await tab.open(f"{clinic.base}/calls")
    await fill(tab, "Search", text="earache saturdays", number="555-0188")
    assert await tab.run("document.querySelectorAll('.call').length") == 1
    assert "Saturdays? My son has an earache" in await text(tab)


LONG_S = 60


async def test_lists_go_on_while_a_recording_plays(clinic: Clinic, tab: Tab, tmp_path: Path) -> None:
    rows.tone(tmp_path / "data" / "recordings" / "RE1.wav", LONG_S)
    await tab.open(f"{clinic.base}/messages")
    begin = "window.player = document.querySelector('audio'); player.play()"
    await tab.ask("Runtime.evaluate", expression=begin, userGesture=True)
    await until(tab, "player.currentTime > 0")
    await tab.run("document.querySelector('.message details')?.toggleAttribute('open', true)")
    messages.add(clinic.db, call_sid="CAtalk", subject="A new one", body="Ring back", at=times.utc_now())
    await until(tab, "document.querySelector('main').innerText.includes('A new one')")
    assert await tab.run("player.isConnected && !player.paused && document.querySelector('audio') === player")
    before = await tab.run("player.currentTime")
    await until(tab, f"player.currentTime > {before}")
    # What is heard there is done by somebody else: the list waits until it has been heard.
    messages.mark_handled(clinic.db, 1, times.utc_now(), "Ben")
    await until(tab, "!document.querySelector('[data-waits]').hidden")
    assert await tab.run("player.isConnected && !player.paused")
    await tab.run("player.pause()")
    await until(tab, "!player.isConnected && document.querySelector('[data-waits]').hidden")
    await tab.open(f"{clinic.base}/calls")
    calls.begin(
        clinic.db, "fresh", CallOffered("CAfresh", "+12125550123", "", "twilio"), times.utc_now(), "p1"
    )
    await until(tab, "document.querySelector('.calls').innerText.includes('(212) 555-0123')")


async def test_what_is_typed_stays_and_turns_lead_to_their_bars(clinic: Clinic, tab: Tab) -> None:
    await tab.open(f"{clinic.base}/messages/1")
    await tab.run("document.querySelector('main textarea').closest('details').open = true")
    await tab.run("document.querySelector('main textarea').value = 'Half a sent'")
    right = {"text": "This is Ana.", "name": "Ana", "number": ""}
    message_corrections.add(clinic.db, 1, by="Ben", at=times.utc_now(), **right)
    await until(tab, "!document.querySelector('[data-waits]').hidden")
    assert await tab.run("document.querySelector('main textarea').value") == "Half a sent"
    await tab.run("document.querySelector('main form.form').reset()")
    await until(tab, "document.querySelector('main').innerText.includes('This is Ana.')")
    assert await tab.run("document.querySelector('main textarea').closest('details').open")
    assert await tab.run("document.querySelector('main textarea').value") == "This is Ana."

    await tab.open(f"{clinic.base}/calls/talk")
    await tab.run("document.querySelectorAll('.turn[data-from] a')[1].click()")
    assert await tab.run("document.querySelector('.turn.now .text').innerText.trim()") == (
        "Hi, do you take walk-ins on Saturdays? My son has an earache."
    )
    assert await tab.run("Number(document.querySelector('.marked').getAttribute('width'))") > 10
    await tab.run(
        """
        (() => {
            const picture = document.querySelector('[data-shape] svg'), box = picture.getBoundingClientRect();
            const at = { clientX: box.right - 1, clientY: box.top + 2, bubbles: true };
            picture.dispatchEvent(new MouseEvent('click', at));
        })()
        """
    )
    assert "I have noted it" in await tab.run("document.querySelector('.turn.now .text').innerText")
