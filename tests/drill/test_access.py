"""Coming into the admin in a real browser, with JavaScript and without: first run, users, the second step."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from admin.door import totp
from appliance.core.story import Speaker
from appliance.store import database, times, transcripts
from appliance.store.database import Connection
from tests.admin.people import PASSWORD
from tests.admin.process import link, prepare, running
from tests.drill.chromium import Tab, chromium
from tests.drill.signed_in import fill, press, text

pytestmark = pytest.mark.drill

HELP = "How can I help you today?"


@pytest.fixture
def first_link(tmp_path: Path) -> Iterator[str]:
    """The first link of a real process on a box with a clinic's morning in it."""
    config = prepare(tmp_path)
    with running(config) as (_, port):
        yield link(config, port)


@pytest.fixture
def db(tmp_path: Path, first_link: str) -> Iterator[Connection]:
    """That box's database."""
    connection = database.connect(tmp_path / "data" / "attendant.db")
    yield connection
    connection.close()


@pytest_asyncio.fixture(params=["with JavaScript", "without JavaScript"])
async def tab(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Tab]:
    """A browser, with JavaScript or without."""
    async with chromium(tmp_path) as opened:
        await opened.ask("Emulation.setScriptExecutionDisabled", value=request.param == "without JavaScript")
        yield opened


@pytest_asyncio.fixture
async def scripted(tmp_path: Path) -> AsyncIterator[Tab]:
    """A browser with JavaScript, for what pages do by themselves."""
    async with chromium(tmp_path) as opened:
        yield opened


def base_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


async def become_owner(tab: Tab, address: str) -> None:
    await tab.open(address)
    await fill(tab, "Save and sign in", name="Ana Ruiz", password=PASSWORD, again=PASSWORD)
    assert await tab.run("location.pathname") == "/today"


async def test_the_first_owner_comes_in_by_the_console_alone(first_link: str, tab: Tab) -> None:
    await tab.open(base_of(first_link))
    assert "This box has no owner yet" in await text(tab)
    await become_owner(tab, first_link)
    await press(tab, "Sign out")
    assert "You are signed out" in await text(tab)
    await tab.open(f"{base_of(first_link)}/calls/talk")
    assert await tab.run("location.pathname") == "/sign-in"
    await fill(tab, "Sign in", name="ana ruiz", password=PASSWORD)
    assert await tab.run("location.pathname") == "/calls/talk"
    assert tab.complaints == []


async def test_somebody_is_invited_comes_in_and_is_let_out_again(first_link: str, tab: Tab) -> None:
    base = base_of(first_link)
    await become_owner(tab, first_link)
    await press(tab, "Users")
    await press(tab, "Add somebody")
    await fill(tab, "Add, and show the link", name="Dev Patel", role="it")
    address = await tab.run("document.querySelector('.address').textContent")
    await press(tab, "Sign out")
    await tab.open(address)
    assert "For Dev Patel." in await text(tab)
    await fill(tab, "Save and sign in", password="seven unlit barges", again="seven unlit barges")
    assert await tab.run("location.pathname") == "/system"
    ways = "[...document.querySelectorAll('.wide-nav li a')].map(each => each.textContent.trim())"
    assert await tab.run(ways) == [
        "Analytics", "Menu and greetings", "Rehearse", "Languages", "Hours", "Departments", "On call", "Jobs",
        "Devices", "System", "Settings", "Audit", "My account",
    ]  # fmt: skip
    await press(tab, "Sign out")
    await tab.open(f"{base}/people/2")
    await fill(tab, "Sign in", name="Ana Ruiz", password=PASSWORD)
    await fill(tab, "End the account", name="Dev Patel")
    assert "They cannot sign in any more." in await text(tab)
    assert tab.complaints == []


async def test_a_telephone_is_set_up_and_asked_for(first_link: str, tab: Tab) -> None:
    await become_owner(tab, first_link)
    await tab.open(f"{base_of(first_link)}/account")
    await press(tab, "Set it up")
    assert await tab.run("document.querySelector('.qr svg').getBoundingClientRect().width") > 150
    secret = str(await tab.run("document.querySelector('.secret').textContent")).replace(" ", "")
    step = int(times.read(times.utc_now()).timestamp()) // totp.PERIOD_S
    await fill(tab, "Switch it on", code=totp.code(secret, step), password=PASSWORD)
    codes = await tab.run("[...document.querySelectorAll('.codes code')].map(each => each.textContent)")
    assert len(codes) == totp.RECOVERY_CODES
    await press(tab, "I have them")
    await press(tab, "Sign out")
    await press(tab, "Sign in again")
    await fill(tab, "Sign in", name="Ana Ruiz", password=PASSWORD)
    assert "Second step" in await text(tab)
    await fill(tab, "Continue", code=codes[0])
    assert await tab.run("location.pathname") == "/today"
    await tab.open(f"{base_of(first_link)}/account")
    assert "Recovery codes left: 9." in await text(tab)
    assert tab.complaints == []


async def test_what_is_wrong_stands_at_its_field_and_the_cursor_in_it(first_link: str, tab: Tab) -> None:
    await tab.open(first_link)
    await fill(tab, "Save and sign in", name="Ana Ruiz", password="short", again="short")
    assert "Too short: take 12 characters or more." in await text(tab)
    told = await tab.run(
        """
        (() => {
            const at = document.activeElement;
            const ids = at.getAttribute('aria-describedby').split(' ');
            const told = ids.map(id => document.getElementById(id).className);
            return [at.name, at.getAttribute('aria-invalid'), told];
        })()
        """
    )
    assert told == ["password", "true", ["hint", "wrong"]]
    assert await tab.run("document.querySelector('[name=name]').value") == "Ana Ruiz"
    assert await tab.run("document.querySelector('[name=password]').value") == ""


async def test_what_is_said_on_the_line_is_seen_within_seconds(
    first_link: str, scripted: Tab, db: Connection
) -> None:
    await become_owner(scripted, first_link)
    turn = transcripts.TurnRow("now", 1, Speaker.ATTENDANT, HELP, True, False, times.utc_now())
    transcripts.write(db, turn)
    seen = await scripted.run(
        f"""
        new Promise((seen, failed) => {{
            const began = performance.now();
            const live = document.querySelector('[data-live]');
            const look = () => live.textContent.includes('{HELP}') && seen(performance.now() - began);
            new MutationObserver(look).observe(live, {{childList: true, subtree: true}});
            setTimeout(() => failed(new Error('nothing was seen')), 20000);
            look();
        }})
        """
    )
    assert seen < 5000
    assert scripted.complaints == []


async def test_a_page_whose_session_ends_leads_to_the_door(
    first_link: str, scripted: Tab, db: Connection
) -> None:
    await become_owner(scripted, first_link)
    before = scripted.loads
    db.execute("UPDATE access_session SET ended_at = seen_at")
    await scripted.loaded(before)
    assert await scripted.run("location.pathname") == "/sign-in"
