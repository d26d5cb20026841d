"""Rehearsing in the browser: the pages with the real bridge behind them, and what they keep."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
import pytest_asyncio
from flask.testing import FlaskClient

from admin.app import create_app
from admin.door.guard import HEADERS
from appliance.core.rehearsal import HangUp, Key, Line, Mode, Outline, Part
from appliance.core.settings import Settings, checked
from appliance.jobs import rehearsing
from appliance.store import access, audit, database, drafts, jobs, office, rehearsal_tokens, rehearsals, times
from appliance.store.access import Stage
from appliance.store.accounts import Role
from appliance.store.database import Connection
from appliance.store.rehearsals import Rehearsal
from scripts.loopback_box import LoopbackBox
from tests.admin import people
from tests.admin.conftest import Clock

T = TypeVar("T")
TOKEN = "f" * 32
SEEN = Outline(
    {Part.TOOLS: ("get_business_hours",), Part.ENDING: ("people",)}, (("attendant", "Good morning"),)
)


def send(browser: FlaskClient, path: str, **sent: object) -> tuple[int, str]:
    """Send a form; the status, and where it leads or what it says."""
    answer = browser.post(f"/rehearsals{path}", data={"form_token": TOKEN, **sent})
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def test_the_page_alone_may_hear_and_speak_with_the_bridge(browser: FlaskClient, settings: Settings) -> None:
    answer = browser.get("/rehearsals")
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]
    policy = answer.headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://127.0.0.1:{settings.listen.local_port};" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    for other in ("/rehearsals/drafts/new", "/today"):
        assert browser.get(other).headers["Permissions-Policy"] == HEADERS["Permissions-Policy"]


def test_the_script_has_its_words_and_they_are_text(browser: FlaskClient, db: Connection) -> None:
    with database.immediate(db):
        office.add_department(db, "<b>'\"</b> & Co", ["+14155550111"])
    page = browser.get("/rehearsals").text
    found = re.search(r'data-words="([^"]*)"', page)
    assert found is not None
    assert "<b>" not in found[1]
    assert "Billing" in found[1]


def test_a_token_is_made_for_who_asks_and_where(browser: FlaskClient, db: Connection, clock: Clock) -> None:
    sent = {"form_token": TOKEN, "mode": "spoken", "caller": "(212) 555-0142"}
    answer = browser.post("/rehearsals/token", data=sent, headers={"Origin": "http://localhost"})
    assert answer.status_code == 200
    told = answer.get_json()
    ticket = rehearsal_tokens.spend(db, told["token"], Mode.SPOKEN, at=clock())
    assert ticket is not None
    assert (ticket.account_id, ticket.origin, ticket.caller) == (1, "http://localhost", "+12125550142")
    assert told["address"].endswith("/rehearse?mode=spoken")
    assert audit.page(db)[0].deed == "rehearsed"


def test_over_tls_it_speaks_with_what_serves_the_page(
    db: Connection, settings: Settings, clock: Clock
) -> None:
    told = {"box": {"data_dir": str(settings.box.data_dir)}, "admin": {"names": ["attendant.lan"]}}
    client = create_app(checked(told, "test"), now=clock).test_client()
    account = people.add(db, Role.FRONT_DESK, clock())
    token = access.begin(db, account.id, Stage.WHOLE, source=people.HERE, at=clock(), lasts_s=3600)
    with client.session_transaction(base_url="https://attendant.lan") as session:
        session["token"], session["form"] = token, TOKEN
    policy = client.get("/rehearsals", base_url="https://attendant.lan").headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://attendant.lan;" in policy


@pytest.mark.parametrize(
    "sent", [{"mode": "loud"}, {}, {"mode": "typed", "caller": "nobody"}, {"mode": "typed", "caller": "+1"}]
)
def test_what_is_wrong_begins_nothing(browser: FlaskClient, db: Connection, sent: dict[str, str]) -> None:
    answer = browser.post("/rehearsals/token", data={"form_token": TOKEN, **sent})
    assert answer.status_code == (422 if "caller" in sent else 400)
    assert db.execute("SELECT COUNT(*) FROM rehearsal_token").fetchone()[0] == 0


def test_without_a_bridge_it_says_so(browser: FlaskClient) -> None:
    status, page = send(browser, "/begin")
    assert status == 422
    assert "The bridge does not answer" in page
    assert browser.get("/rehearsals/talk").headers["Location"] == "/rehearsals"
    assert send(browser, "/say", line="hello")[0] == 303


# Kept ones ---------------------------------------------------------------------------------------


def rehearsed(**changed: object) -> str:
    tree = {"steps": [{"line": "the hours"}, {"key": "0"}], **SEEN.tree, **changed}
    return json.dumps(tree)


def test_one_is_kept_with_what_is_compared(browser: FlaskClient, db: Connection) -> None:
    assert send(browser, "/keep", name="Hours", rehearsed=rehearsed(), compared=["tools", "ending"]) == (
        303, "/rehearsals",
    )  # fmt: skip
    (kept,) = rehearsals.every(db)
    assert (kept.steps, kept.expected) == ((Line("the hours"), Key("0")), SEEN)
    assert kept.compared == frozenset({Part.TOOLS, Part.ENDING})
    assert kept.kept_by == people.NAMES[Role.OWNER]
    page = browser.get("/rehearsals/kept/1").text
    assert "Looked up the opening hours" in page
    assert "Good morning" in page
    assert send(browser, "/kept/1/forget", name="hors")[0] == 422
    assert send(browser, "/kept/1/forget", name="hours")[0] == 303
    assert rehearsals.every(db) == []


@pytest.mark.parametrize(
    "sent",
    ["", "{}", "[]", "null", rehearsed(more=1), rehearsed(parts=[]), rehearsed(steps=[{"line": "x" * 501}]),
     rehearsed(steps=[{"line": "a"}] * 61), rehearsed(wording=[["a"]]), rehearsed(caller="<b>"), "{" * 5000],
)  # fmt: skip
def test_what_does_not_arrive_whole_is_not_kept(browser: FlaskClient, db: Connection, sent: str) -> None:
    assert send(browser, "/keep", name="Hours", rehearsed=sent)[0] == 303
    assert rehearsals.every(db) == []
    assert "did not arrive" in browser.get("/rehearsals").text


def test_what_has_no_name_or_no_step_can_be_mended(browser: FlaskClient, db: Connection) -> None:
    status, page = send(browser, "/keep", name="", rehearsed=rehearsed())
    assert status == 422
    assert "the hours" in page
    assert send(browser, "/keep", name="Nothing", rehearsed=rehearsed(steps=[]))[0] == 422
    assert rehearsals.every(db) == []


def test_all_are_played_by_the_worker_and_what_differs_is_shown(
    browser: FlaskClient, db: Connection, settings: Settings
) -> None:
    kept = rehearsals.keep(
        db, Rehearsal(0, "Hours", "", (HangUp(),), SEEN, frozenset(Part)), at=times.utc_now(), by="Ana"
    )
    draft = drafts.keep(db, "Winter", {"greeting": "Brr"}, at=times.utc_now(), by="Ana")
    assert send(browser, "/run", against=str(draft)) == (303, "/rehearsals/runs/1")
    assert rehearsals.run(db, 1).draft == {"greeting": "Brr"}
    (owed,) = [each for each in jobs.page(db) if each.kind == rehearsing.NAME]
    assert owed.payload == {"run": 1}
    page = browser.get("/rehearsals/runs/1")
    assert "0 of 1 played" in page.text
    live = browser.get("/rehearsals/runs/1/live")
    unchanged = browser.get("/rehearsals/runs/1/live", headers={"If-None-Match": live.headers["ETag"]})
    assert unchanged.status_code == 304
    other = Outline({**SEEN.parts, Part.ENDING: ("voicemail",)}, (("attendant", "<i>Good</i> day"),))
    rehearsals.add(db, 1, kept, other)
    page = browser.get("/rehearsals/runs/1/live", headers={"If-None-Match": live.headers["ETag"]})
    assert "Differs" in page.text
    assert "A caller would now leave a voicemail." in page.text
    assert "&lt;i&gt;Good" in page.text
    assert send(browser, f"/runs/1/right/{kept}")[0] == 303
    assert "The same" in browser.get("/rehearsals/runs/1").text


# With the bridge -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Desk:
    """Somebody at the pages of a box that answers."""

    box: LoopbackBox
    client: FlaskClient
    settings: Settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LoopbackBox]:
    async with LoopbackBox(tmp_path_factory.mktemp("box")) as made:
        yield made


@pytest.fixture
def desk(box: LoopbackBox) -> Desk:
    told = {
        "box": {"data_dir": str(box.folder / "data")},
        "listen": {"local_port": box.ports["local"], "worker_port": 0},
    }
    settings = checked(told, "test")
    client = create_app(settings).test_client()
    db = database.connect(box.database)
    at = times.utc_now()
    account = people.add(db, Role.FRONT_DESK, at, name=f"Ben {at}")
    people.come_in(client, db, account, at)
    db.close()
    return Desk(box, client, settings)


def shown(client: FlaskClient) -> str:
    return client.get("/rehearsals/talk").text


@pytest.mark.asyncio(loop_scope="module")
async def test_somebody_types_without_script_and_keeps_it(desk: Desk) -> None:
    def play() -> None:
        client = desk.client
        assert send(client, "/begin") == (303, "/rehearsals/talk")
        assert "Riverside Family Clinic" in shown(client)
        assert send(client, "/say", line="what are your opening hours")[0] == 303
        page = shown(client)
        assert "what are your opening hours" in page
        assert "Looked up the opening hours" in page
        assert send(client, "/say", line="\x07")[0] == 422
        assert send(client, "/say", key="0")[0] == 303
        page = shown(client)
        assert "A caller would now be put through to the front desk." in page
        assert "Nothing of it was booked" in page
        found = re.search(r'name="rehearsed" value="([^"]*)"', page)
        assert found is not None
        sent = found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
        assert send(client, "/keep", name="Hours", rehearsed=sent)[0] == 303
        again(desk)

    await asyncio.to_thread(play)


class Store:
    """The database for a moment at a time, as jobs have it."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.database

    def read(self, query: Callable[[Connection], T]) -> T:
        db = database.connect_readonly(self._path)
        try:
            return query(db)
        finally:
            db.close()

    def write(self, change: Callable[[Connection], T]) -> T:
        db = database.connect(self._path)
        try:
            with database.immediate(db):
                return change(db)
        finally:
            db.close()


def played(desk: Desk, draft: dict[str, object]) -> rehearsals.Result:
    """How the one that is kept comes out with a draft."""
    store, at = Store(desk.settings), times.utc_now()

    def begin(db: Connection) -> int:
        return rehearsals.begin(db, "", draft, at=at, by="test")

    run_id = store.write(begin)
    rehearsing.play(store, desk.settings.listen.local_port, run_id)
    assert store.read(lambda db: rehearsals.run(db, run_id)).ended_at is not None
    (result,) = store.read(lambda db: rehearsals.results(db, run_id))
    assert result.problem == ""
    return result


def again(desk: Desk) -> None:
    """All that are kept come out the same, and with another greeting something differs."""
    assert played(desk, {}).differs == {}
    assert [*played(desk, {"greeting": "Hello there."}).differs] == [Part.SENTENCES]
